package coordinator

import (
	"context"
	"crypto/ed25519"
	"crypto/subtle"
	"crypto/x509"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Enrolment lets invited parties exchange a one-time token for certificates.
// When the last of them has, the charter is written with the keys that they
// joined with.
type Enrolment struct {
	Invitations *Invitations
	Authority   *ca.Authority
	Terms       Terms

	mu sync.Mutex // one join at a time: keys are compared over all parties
}

// enrolment is the service.
type enrolment struct {
	api.UnimplementedEnrolmentServer
	*Enrolment
	c *Coordinator
}

// Join implements the service.
func (e *enrolment) Join(ctx context.Context, r *api.JoinRequest) (*api.JoinResponse, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	name, ok := strings.CutPrefix(caller(ctx), api.JoinPrefix)
	invited := e.Invitations.Get(name)
	if !ok || invited == nil {
		return nil, errNotInvited()
	}
	secret := crypto.DigestOf(r.GetSecret())
	if subtle.ConstantTimeCompare(secret[:], invited.Secret[:]) != 1 {
		return nil, errToken()
	}
	keys, err := e.applicants(invited, r.GetApplicants())
	if err != nil {
		return nil, err
	}
	if len(invited.Joined) > 0 {
		if !slices.EqualFunc(keys, invited.Joined, Joined.same) {
			return nil, errTokenUsed()
		}
		return answerTo(invited), nil // an earlier answer may not have arrived
	}
	if !e.c.cfg.Now().Before(invited.Expires) {
		return nil, errTokenExpired()
	}
	for i, a := range r.GetApplicants() {
		if e.Invitations.inUse(keys[i].Key) || sameKey(keys[i].Key, e.c.cfg.Key) {
			return nil, errKeyInUse(a.GetName())
		}
		if keys[i].Certificate, err = e.Authority.IssueRequest(a.GetName(), a.GetRequest()); err != nil {
			return nil, err
		}
	}
	if err := e.Invitations.join(name, keys); err != nil {
		return nil, err
	}
	e.c.cfg.Logger.Info("joined", "party", name, "role", invited.Role, "missing", strings.Join(e.Invitations.Missing(), ", "))
	e.completed(ctx)
	return answerTo(e.Invitations.Get(name)), nil
}

// applicants checks who joins with which keys.
func (e *enrolment) applicants(invited *Invitation, list []*api.Applicant) ([]Joined, error) {
	names := invited.names()
	if len(list) != len(names) {
		return nil, errApplicant("it has another number of keys than its role needs")
	}
	keys := make([]Joined, len(list))
	for i, a := range list {
		if a.GetName() != names[i] {
			return nil, errApplicant("its names are not those of the token")
		}
		public, err := audit.PublicKey(a.GetKey())
		if err != nil || keyName(a.GetKey()) != names[i] {
			return nil, errApplicant("a verifier key is malformed or of another name")
		}
		if !ed25519.Verify(public, api.JoinProof(e.c.cfg.Origin, names[i], a.GetRequest()), a.GetProof()) {
			return nil, errApplicant("it does not show that it holds the key of " + names[i])
		}
		tlsKey, err := ca.RequestKey(a.GetRequest())
		if err != nil {
			return nil, errApplicant(err.Error())
		}
		der, err := x509.MarshalPKIXPublicKey(tlsKey)
		if err != nil {
			return nil, errApplicant("its key cannot be read")
		}
		keys[i] = Joined{Name: names[i], Key: a.GetKey(), TLS: crypto.DigestOf(der)}
		if i > 0 && sameKey(keys[i].Key, keys[i-1].Key) {
			return nil, errKeyInUse(names[i])
		}
	}
	return keys, nil
}

// Standing implements the service.
func (e *enrolment) Standing(ctx context.Context, _ *api.StandingRequest) (*api.StandingResponse, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.completed(ctx) // in case a crash came between the last join and the charter
	return &api.StandingResponse{Missing: e.Invitations.Missing()}, nil
}

// completed writes the charter when everybody has joined. Its failure is the
// operator's business: whoever joined has joined, and it is tried again.
func (e *enrolment) completed(ctx context.Context) {
	if _, err := e.c.complete(context.WithoutCancel(ctx), e.Enrolment); err != nil {
		e.c.cfg.Logger.Error("the charter could not be written; it is tried again", "error", err)
	}
}

func answerTo(i *Invitation) *api.JoinResponse {
	r := &api.JoinResponse{}
	for _, j := range i.Joined {
		r.Certificates = append(r.Certificates, j.Certificate)
	}
	return r
}

// tokensOnlyJoin keeps the certificate of a token to enrolment: it was handed
// around in a file, and shows nothing of the log.
func tokensOnlyJoin(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	enrols := strings.HasPrefix(info.FullMethod, "/"+api.Enrolment_ServiceDesc.ServiceName+"/")
	if strings.HasPrefix(caller(ctx), api.JoinPrefix) && !enrols {
		return nil, errStranger()
	}
	return handle(ctx, req)
}

// tokensJoinNoStream does the same for calls that stream.
func tokensJoinNoStream(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	if strings.HasPrefix(caller(stream.Context()), api.JoinPrefix) {
		return errStranger()
	}
	return handle(srv, stream)
}

// What an applicant is told.
func errNotInvited() *api.Error {
	return api.Errorf(api.Denied, "SS6311", "ask the coordinator's operator for a token", "this certificate is not that of a token of this federation")
}

func errToken() *api.Error {
	return api.Errorf(api.Denied, "SS6312", "use the token file as you got it, or ask for a new one", "the token's secret is not the one that was given out")
}

func errTokenUsed() *api.Error {
	return api.Errorf(api.Refused, "SS6313", "if that was not you, tell the coordinator's operator at once; if you lost your keys, ask for a new token", "this token was used before, with other keys")
}

func errTokenExpired() *api.Error {
	return api.Errorf(api.Refused, "SS6314", "ask the coordinator's operator for a new token", "this token has expired")
}

func errApplicant(why string) *api.Error {
	return api.Errorf(api.Invalid, "SS6315", "upgrade the older side, or make new keys", "the request to join cannot be granted: %s", why)
}

func errKeyInUse(name string) *api.Error {
	return api.Errorf(api.Refused, "SS6316", "make new keys; each party and role has its own", "the key of %s is another party's already", name)
}

// DefaultTokenLife is how long a token may be used.
const DefaultTokenLife = 14 * 24 * time.Hour
