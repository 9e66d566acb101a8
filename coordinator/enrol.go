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

	mu  sync.Mutex // one join at a time: keys are compared over all parties
	off struct{ keys, replaced bool }
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
	if !ok {
		return nil, errNotInvited()
	}
	look := e.Invitations.fresh
	if e.off.replaced {
		look = func(name string) (*Invitation, error) { return e.Invitations.Get(name), nil }
	}
	invited, err := look(name)
	if err != nil {
		return nil, err
	}
	if invited == nil {
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
		return e.renew(invited, keys, r.GetApplicants())
	}
	if !e.c.cfg.Now().Before(invited.Expires) {
		return nil, errTokenExpired()
	}
	for i, a := range r.GetApplicants() {
		if e.Invitations.inUse(keys[i].Key) || sameKey(keys[i].Key, e.c.cfg.Key) {
			return nil, errKeyInUse(a.GetName())
		}
		if now, ok := e.logged(keys[i].Name); ok && !sameKey(now, keys[i].Key) && !e.off.keys {
			return nil, errOtherKeys(keys[i].Name)
		}
		if err := e.issue(&keys[i], invited, a); err != nil {
			return nil, err
		}
	}
	if err := e.Invitations.join(name, keys); err != nil {
		return nil, err
	}
	e.c.cfg.Logger.Info("joined", "party", name, "role", invited.Role, "missing", strings.Join(e.Invitations.Missing(), ", "))
	e.completed(ctx)
	return answerTo(keys), nil
}

// logged returns the key of a name that is in force in the log, if there is one.
func (e *enrolment) logged(name string) (key string, ok bool) {
	e.c.View(func(st *audit.State) {
		if st.Charter != nil {
			key, ok = st.Key(name)
		}
	})
	return key, ok
}

// mayReplace reports whether a party may join with another key than before: the
// log has ended the one before, or never had it, and names no third one.
func (e *enrolment) mayReplace(old, k Joined) bool {
	if !e.c.chartered() || e.Invitations.inUse(k.Key) {
		return false
	}
	now, ok := e.logged(k.Name)
	return !ok || !sameKey(now, old.Key) && sameKey(now, k.Key)
}

// renew answers a party that has joined: again, because an earlier answer may
// not have arrived, or with new certificates when the operator gave out a new
// token. The institutions decide in the log which key is in force; this only
// follows.
func (e *enrolment) renew(invited *Invitation, keys []Joined, list []*api.Applicant) (*api.JoinResponse, error) {
	joined := slices.Clone(invited.Joined)
	renewed := false
	for i, k := range keys {
		at := slices.IndexFunc(joined, func(j Joined) bool { return j.Name == k.Name })
		switch {
		case at < 0:
			return nil, errOtherKeys(k.Name)
		case !joined[at].same(k) && !e.off.keys && joined[at].Token == invited.Secret:
			return nil, errTokenUsed()
		case !joined[at].same(k) && !e.off.keys && !e.mayReplace(joined[at], k):
			return nil, errOtherKeys(k.Name)
		case joined[at].Token != invited.Secret:
			if !e.c.cfg.Now().Before(invited.Expires) {
				return nil, errTokenExpired()
			}
			if err := e.issue(&keys[i], invited, list[i]); err != nil {
				return nil, err
			}
			joined[at], renewed = keys[i], true
		default:
			keys[i] = joined[at]
		}
	}
	if renewed {
		if err := e.Invitations.join(invited.Name, joined); err != nil {
			return nil, err
		}
		e.c.cfg.Logger.Info("certificates were renewed", "party", invited.Name, "role", invited.Role, "keys", len(keys))
	}
	return answerTo(keys), nil
}

// issue gives a key its certificate.
func (e *enrolment) issue(k *Joined, invited *Invitation, a *api.Applicant) (err error) {
	k.Token = invited.Secret
	k.Certificate, err = e.Authority.IssueRequest(a.GetName(), a.GetRequest())
	return err
}

// applicants checks who joins with which keys: with all that the role has. Who
// has joined may come with some of them, because the mandated person's key may be
// on another machine.
func (e *enrolment) applicants(invited *Invitation, list []*api.Applicant) ([]Joined, error) {
	names := invited.names()
	if len(invited.Joined) > 0 {
		names = slices.DeleteFunc(names, func(n string) bool {
			return !slices.ContainsFunc(list, func(a *api.Applicant) bool { return a.GetName() == n })
		})
	}
	if len(list) != len(names) || len(list) == 0 {
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

func answerTo(keys []Joined) *api.JoinResponse {
	r := &api.JoinResponse{}
	for _, j := range keys {
		r.Certificates = append(r.Certificates, j.Certificate)
	}
	return r
}

// What an applicant is told.
func errNotInvited() *api.Error {
	return api.Errorf(api.Denied, "SS6311", "use a token file of this federation, as the coordinator's operator made it", "this certificate is not that of a token of this federation")
}

func errToken() *api.Error {
	return api.Errorf(api.Denied, "SS6312", "use the newest token file, as you got it; "+askForToken, "the token's secret is not that of the newest token that was given out")
}

func errTokenUsed() *api.Error {
	return api.Errorf(api.Refused, "SS6313", "if that was not you, tell the coordinator's operator at once, and make new keys for the new token that you then get; if the keys that joined stand in the log, the institutions first end them there (smartstart node propose --help). If it was you, use the keys that you joined with, from their backup", "this token was used before, with other keys")
}

func errTokenExpired() *api.Error {
	return api.Errorf(api.Refused, "SS6314", askForToken, "this token has expired")
}

func errOtherKeys(name string) *api.Error {
	return api.Errorf(api.Refused, "SS6317", "use the keys that it joined with, from their backup; without them the institutions first end the old key and name the new one (smartstart node propose --help)",
		"%s has joined with other keys, and the log does not name the new one", name)
}

const askForToken = "ask the coordinator's operator for a new token, which `smartstart coordinator invite` makes"

func errApplicant(why string) *api.Error {
	return api.Errorf(api.Invalid, "SS6315", "upgrade the older side, or make new keys", "the request to join cannot be granted: %s", why)
}

func errKeyInUse(name string) *api.Error {
	return api.Errorf(api.Refused, "SS6316", "make new keys; each party and role has its own", "the key of %s is another party's already", name)
}

// DefaultTokenLife is how long a token may be used.
const DefaultTokenLife = 14 * 24 * time.Hour
