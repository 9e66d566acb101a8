package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Describe says in one plain sentence what a statement says. open is the `open`
// of the attempt that it belongs to, which has the names of the points; nil when
// it has none. find gives the entry with a leaf hash, as far as it is known.
func Describe(s *audit.Statement, open *audit.Open, find func(crypto.Digest) (int64, bool), lang string) string {
	p := &page{dutch: lang == "nl", named: map[int64]bool{}}
	return p.statement(s, open, find).String()
}

func (p *page) statement(s *audit.Statement, open *audit.Open, find func(crypto.Digest) (int64, bool)) Text {
	who := s.Signer
	round := fmt.Sprintf("%s, %s %d.%d", clean(s.Study), p.in("round", "ronde"), s.Round, s.Attempt)
	names := func(points []int) string {
		var list []string
		for _, i := range points {
			list = append(list, at(open, i))
		}
		return p.list(list)
	}
	switch b := s.Body.(type) {
	case *audit.Charter:
		if b.Amends.IsZero() {
			return p.say("%s writes the charter of %s: %d institutions", "%s stelt het charter van %s op: %d organisaties", who, b.Name, len(b.Founders))
		}
		return p.say("%s moves an amendment of the charter of %s", "%s stelt een wijziging van het charter van %s voor", who, b.Name)
	case *audit.Member:
		return p.act(who, b)
	case *audit.Proposal:
		return p.say("%s proposes the study %s", "%s stelt het onderzoek %s voor", who, s.Study)
	case *audit.Decision:
		if b.Verdict == "approve" {
			return p.say("%s approves the study %s for %s until %s; ground: %s", "%s geeft akkoord voor het onderzoek %s namens %s tot en met %s; grondslag: %s", who, s.Study, b.Institution, p.date(b.Expires), p.word(grounds, b.Ground))
		}
		return p.say("%s decides on the study %s for %s: %s", "%s besluit over het onderzoek %s namens %s: %s", who, s.Study, b.Institution, p.word(verdicts, b.Verdict))
	case *audit.Advice:
		return p.say("%s advises on the study %s: %s. “%s”", "%s adviseert over het onderzoek %s: %s. “%s”", who, s.Study, p.word(advices, b.Advice), b.Text)
	case *audit.Ready:
		return p.say("%s: %s is ready", "%s: %s is gereed", round, who)
	case *audit.Open:
		return p.say("%s begins: %d of %d institutions have a seat, and %d must release together", "%s begint: %d van %d organisaties doen mee, en %d moeten samen vrijgeven", round, len(b.Seats), len(b.Roster), b.T)
	case *audit.Update:
		return p.say("%s: %s sent its encrypted list of %s bytes", "%s: %s stuurde zijn versleutelde lijst van %s bytes", round, who, p.number(b.Frames.Size))
	case *audit.Set:
		if len(b.Absent) == 0 {
			return p.say("%s: in the total are %s; nobody is absent", "%s: in het totaal zitten %s; niemand ontbreekt", round, names(b.Points))
		}
		var absent []string
		for _, a := range b.Absent {
			absent = append(absent, at(open, a.Point)+": "+p.word(absences, a.Reason))
		}
		return p.say("%s: in the total are %s; absent: %s", "%s: in het totaal zitten %s; afwezig: %s", round, names(b.Points), strings.Join(absent, "; "))
	case *audit.Vote:
		return p.say("%s: %s agrees to open the total of %s", "%s: %s stemt in met het openen van het totaal van %s", round, who, names(b.Points))
	case *audit.Abort:
		return p.say("%s: %s ends its part in this attempt: %s", "%s: %s beëindigt zijn deel van deze poging: %s", round, who, p.word(aborts, b.Reason))
	case *audit.Release:
		return p.say("%s: %s released its share of the total", "%s: %s gaf zijn deelsleutel van het totaal vrij", round, who)
	case *audit.Result:
		if b.Valid {
			return p.say("%s: the total was opened with the releases of %s", "%s: het totaal is geopend met de vrijgaven van %s", round, names(b.Used))
		}
		return p.say("%s: the total could not be used: %s", "%s: het totaal was niet bruikbaar: %s", round, b.Reason)
	case *audit.Proceed:
		return p.say("%s goes on with %s without %s", "%s gaat door met %s zonder %s", who, s.Study, p.list(b.Without))
	case *audit.Close:
		return p.say("%s closes the study %s: %s", "%s sluit het onderzoek %s: %s", who, s.Study, p.word(ends, b.Reason))
	case *audit.Endorse:
		if i, ok := find(b.Motion); ok {
			return p.say("%s agrees with the change in entry %s", "%s stemt in met de wijziging in regel %s", who, entry(i))
		}
		return p.say("%s agrees with a change that is not in this log (leaf hash %s)", "%s stemt in met een wijziging die niet in dit logboek staat (hash %s)", who, digest(b.Motion))
	case *audit.Epoch:
		return p.say("%s begins a new period of records: %s", "%s begint een nieuwe periode van gegevens: %s", who, b.Epoch)
	case *audit.Dispute:
		if b.Kind == audit.DisputeFork {
			return p.say("%s says it shows two logs that the coordinator signed", "%s zegt twee logboeken te tonen die de coördinator tekende", who)
		}
		return p.say("%s: %s disputes what %s sent (%s)", "%s: %s betwist wat %s stuurde (%s)", round, who, at(open, b.Contributor), p.word(disputeKinds, b.Kind))
	case *audit.Publish:
		return p.say("%s asks to publish the document %s of %s", "%s vraagt het document %s van %s te publiceren", who, digest(b.Document.Digest), s.Study)
	}
	return p.say("%s signs a statement of type %s", "%s tekent een verklaring van het type %s", who, s.Type)
}

// act is a `member` statement in a sentence.
func (p *page) act(who string, b *audit.Member) Text {
	switch b.Act {
	case audit.ActEnrol:
		return p.say("%s enrols the node of %s", "%s meldt de computer (node) van %s aan", who, b.Institution)
	case audit.ActAdmit:
		return p.say("%s moves to admit %s, or gives it new keys", "%s stelt voor %s toe te laten, of geeft haar nieuwe sleutels", who, b.Admit.Institution)
	case audit.ActExpel:
		return p.say("%s moves to expel %s", "%s stelt voor %s uit te sluiten", who, b.Institution)
	case audit.ActGrant:
		return p.say("%s moves to make %s a %s", "%s stelt voor %s aan te stellen als %s", who, b.Grant.Party.Name, p.word(granted, b.Grant.Role))
	case audit.ActRevoke:
		return p.say("%s revokes the key of %s, or moves to", "%s trekt de sleutel van %s in, of stelt dat voor", who, b.Revoke)
	}
	return p.say("%s: %s", "%s: %s", who, b.Act)
}

// at is the institution at a point of an attempt.
func at(open *audit.Open, point int) string {
	if open == nil || point < 1 || point > len(open.Roster) {
		return fmt.Sprintf("point %d", point)
	}
	return open.Roster[point-1]
}

// Languages are those that a report can be in.
func Languages() []string { return slices.Clone([]string{"nl", "en"}) }
