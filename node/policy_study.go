package node

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// question is all that the rules need to know of a study before a row is read.
type question struct {
	institution  string
	id           string // of the study in the log
	study        *configs.Study
	codebook     *configs.Codebook
	uses         uses
	charter      *audit.Charter // in force when it was proposed
	institutions []string       // of the federation then
	proposal     *audit.Proposal
	decision     *audit.Decision // this institution's newest; nil before it decides
	policy       *Policy
	now          time.Time
}

// uses are columns of the records, by what a study does with them.
type uses struct {
	read    []string // by the model, the cohort, derived columns or the evaluation
	predict []string // or stand in a derived column that does
	explain []string // the outcome, or what it is derived from; indicators of areas
	outcome configs.Column
	roles   map[string][]string
}

func usesOf(p *model.Plan) uses {
	u := uses{read: p.Columns(), predict: p.Predicting(), roles: p.Roles()}
	if name := p.Outcome(); name != "" {
		u.explain = p.MadeOf(name)
		if c, ok := p.Codebook().Column(name); ok {
			u.outcome = *c
		}
	}
	for _, name := range p.Indicators() { // told by area, and what a situation model explains
		u.explain = append(append(u.explain, name), p.MadeOf(name)...)
	}
	if len(p.Indicators()) > 0 { // so is how many of the cohort live where
		u.explain = append(u.explain, p.Columns()...)
	}
	return u
}

// judge applies every rule that needs no row. It is pure.
func (q *question) judge(j *judgement) {
	q.conditions(j)
	q.methods(j)
	for _, name := range q.uses.read {
		q.column(j, name)
	}
	q.offending(j)
	q.folds(j)
	id := q.id
	j.refuse(q.study.Model.Reweigh && q.policy.confidential(), CodeChosenRows, "remove reweigh from the study file",
		"study %s adds up the rows of %s again without those farthest out: which these are no ledger can hold against another study", id, q.institution)
	for _, name := range q.uses.predict {
		c, ok := q.codebook.Column(name)
		j.refuse(ok && c.AuditOnly, CodeProtected, "leave it out of features; it stays available for fairness tables",
			"study %s predicts from the protected column %q", id, name)
	}
	j.refuse(q.rehearsal() && q.policy.confidential(), CodeRehearsal,
		"rehearse with public or synthetic data until the charter names a data protection assessment and an outside review",
		"the federation is a rehearsal and the records of %s are confidential", q.institution)
}

// conditions holds the study's own figures and dates to the institution's.
func (q *question) conditions(j *judgement) {
	id, stated := q.id, q.proposal.MinInstitutions
	// The ledger remembers studies by their id in the log. A file that calls the
	// study otherwise would show the approver another name than everybody sees.
	j.refuse(q.study.About.ID != id, CodeStated, "propose the study again under the id that its file gives it",
		"study %s: its own study file calls it %.64q", id, q.study.About.ID)
	j.refuse(stated != q.study.Privacy.MinInstitutions, CodeStated, "submit the study again with a current smartstart",
		"study %s: the proposal states another min_institutions than its own study file", id)
	numbers := q.study.Privacy.Numbers
	j.refuse(numbers > 0 && q.proposal.Numbers != numbers, CodeStated, "submit the study again with a current smartstart",
		"study %s: the proposal asks for %d opened numbers, its own study file for %d", id, q.proposal.Numbers, numbers)
	late, wait := StatedLate(q.study)
	j.refuse(q.proposal.OnLate != late || q.proposal.Wait != wait, CodeStated, "submit the study again with a current smartstart",
		"study %s: the proposal says something else than its own study file about late institutions", id)
	least := q.policy.leastInstitutions()
	// Zero leaves the figure to the charter.
	figure := max(stated, q.charter.MinInstitutions)
	j.refuse(figure < least, CodeMinInstitutions, "raise min_institutions in the study file",
		"study %s asks for at least %d institutions; %s takes part only from %d on", id, figure, q.institution, least)
	if e := q.study.About.Expires; e != "" {
		j.refuse(q.now.Format(time.DateOnly) > string(e), CodeStudyEnded, "propose the study again with a later end date",
			"study %s was proposed to end on %s", id, e)
	}
}

func (q *question) methods(j *judgement) {
	kind := q.study.Model.Kind
	j.refuse(len(q.policy.AllowMethods) > 0 && !slices.Contains(q.policy.AllowMethods, kind), CodeMethodDenied,
		"add it to allow_methods in node.toml, or leave this institution out",
		"study %s asks for %s, which is not among the methods that %s allows", q.id, configs.KindInWords(kind), q.institution)
}

// column holds one used column to the policy, the codebook and the charter.
func (q *question) column(j *judgement, name string) {
	id := q.id
	j.refuse(matchesAny(q.policy.DenyColumns, name, true), CodeColumnDenied, "leave the column out of the study",
		"study %s uses the column %q, which %s denies", id, name, q.institution)
	j.refuse(len(q.policy.AllowColumns) > 0 && !matchesAny(q.policy.AllowColumns, name, false), CodeColumnUnlisted,
		"leave the column out of the study, or add it to allow_columns in node.toml",
		"study %s uses the column %q, which is not among those that %s allows", id, name, q.institution)
	c, ok := q.codebook.Column(name)
	if !ok {
		return // model.New refuses it by its own name
	}
	j.refuse(q.rehearsal() && q.policy.Openness != "" && c.Sensitivity != "" && c.Sensitivity != configs.Ordinary, CodeRehearsal,
		"leave the column out until the charter names a data protection assessment and an outside review",
		"the federation is a rehearsal and study %s uses the column %q, which is marked %s", id, name, c.Sensitivity)
	j.refuse(hasWord(c, socialMedia()), CodeSocialMedia, "use area-level or published statistics instead",
		"study %s uses the column %q, which by its name comes from social media", id, name)
	j.refuse(q.names(c) && !q.acceptsAlone(), CodeSiteColumn,
		"leave the column out, or approve with accept_isolated what it tells about this institution",
		"study %s uses the column %q, whose levels are institutions: its sums would be those of one institution", id, name)
}

// offending refuses an outcome about crimes, by its mark or by its name, and
// one that is derived from such a column or says so in its own name.
func (q *question) offending(j *judgement) {
	refuse := func(c *configs.Column) {
		j.refuse(c.Sensitivity == configs.Criminal || hasWord(c, offences()), CodeOffendingAsked, "choose another outcome",
			"study %s asks about offending (column %q); no study predicts offending by a child or parent", q.id, c.Name)
	}
	if !slices.Contains(q.uses.explain, q.uses.outcome.Name) {
		refuse(&q.uses.outcome)
	}
	for _, name := range q.uses.explain {
		c, ok := q.codebook.Column(name)
		if !ok {
			c = &configs.Column{Name: name}
		}
		refuse(c)
	}
}

// folds refuses a study that judges so few institutions by a model of the others
// that the two tell of those few, unless each of them accepted that; and one that
// judges all but a few, who are then told by what is left.
func (q *question) folds(j *judgement) {
	least := max(q.study.Privacy.MinInstitutions, q.charter.MinInstitutions)
	for _, fold := range q.study.Evaluate.Folds {
		j.refuse(len(fold) < least && !q.acceptsAlone(), CodeIsolated,
			fmt.Sprintf("make folds of at least %d institutions, or approve with accept_isolated what they tell", least),
			"study %s fits its model with and without the institutions of a fold of %d: the difference tells of them alone", q.id, len(fold))
	}
	if len(q.study.Evaluate.Folds) == 0 {
		return
	}
	left := 0 // of the roster, in no fold
	for _, name := range q.institutions {
		if !slices.ContainsFunc(q.study.Evaluate.Folds, func(fold []string) bool { return slices.Contains(fold, name) }) {
			left++
		}
	}
	j.refuse(left > 0 && left < least && !q.acceptsAlone(), CodeIsolated,
		fmt.Sprintf("list every institution in a fold, leave out %d or more, or approve with accept_isolated what is told", least),
		"study %s leaves %d institutions of the federation out of its folds: all rows less those of the folds tell of them alone", q.id, left)
}

// rehearsal reports whether the charter is one.
func (q *question) rehearsal() bool { return q.charter.Rehearsal }

// acceptsAlone reports whether the approver accepted that a number of this
// institution alone may be read.
func (q *question) acceptsAlone() bool {
	return q.decision != nil && q.decision.Verdict == "approve" && q.decision.AcceptAlone
}

// names reports whether a level of the column is an institution of the
// federation.
func (q *question) names(c *configs.Column) bool {
	return slices.ContainsFunc(q.institutions, func(name string) bool {
		return slices.ContainsFunc(c.Levels, func(level string) bool { return strings.EqualFold(level, name) })
	})
}

// matchesAny reports whether a pattern admits the name. path.Match gives the
// slash a meaning that it has not in a column's name.
func matchesAny(patterns []string, name string, anyCase bool) bool {
	plain := func(s string) string {
		if anyCase {
			s = strings.ToLower(s)
		}
		return strings.ReplaceAll(s, "/", "\x00")
	}
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(plain(p), plain(name))
		return ok || err != nil && anyCase // a denial that cannot be read denies
	})
}

// offences are stems of words that tell an outcome about offending, in English
// and Dutch. No list of words is complete; the codebook's mark `criminal` is
// the rule, and this catches a column that nobody marked.
func offences() []string {
	return []string{
		"offence", "offense", "offend", "crime", "criminal", "delinq", "delict", "recidiv", "arrest", "convict", "felon", "police", "prison",
		"crimin", "strafba", "strafrecht", "misdrijf", "misdrijven", "misdaad", "overtreding", "veroordeel", "politie", "detentie", "gevangen",
		"diefstal", "gestolen", "inbraak", "strafblad", "theft", "stolen", "burglar", "robbery",
	}
}

// socialMedia are words that tell data scraped from persons' accounts.
func socialMedia() []string {
	return []string{
		"twitter", "tweet", "facebook", "instagram", "tiktok", "snapchat", "whatsapp", "telegram", "linkedin", "youtube", "reddit",
		"socialmedia", "scraped",
	}
}

// hasWord looks for stems in a column's name and label: at the start of a word,
// and, for stems of six letters and more, anywhere in it, because Dutch writes
// words together.
func hasWord(c *configs.Column, stems []string) bool {
	cut := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) })
	}
	words := append(cut(c.Name), cut(c.Label)...)
	words = append(words, strings.Join(cut(c.Name), "")) // social_media
	return slices.ContainsFunc(words, func(word string) bool {
		return slices.ContainsFunc(stems, func(stem string) bool {
			return strings.HasPrefix(word, stem) || len(stem) >= 6 && strings.Contains(word, stem)
		})
	})
}
