package cmd

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/cmd/federation"
	"github.com/smartstart-federation/smartstart/examples/region"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
	"github.com/smartstart-federation/smartstart/node/records"
)

// regionStudy is one study of demo --region and the groups that are asked.
type regionStudy struct {
	id       string
	groups   []string // of region.Everybody; nil: all of them
	isolated bool     // every institution accepts that a sum may show it alone

	text   []byte
	method *node.Method
	takes  []string // institutions that take part
	result *model.Result
	none   error // why there is no result
}

// The studies of demo --region, in the order in which they are told of.
const (
	studyAreas      = "areas"
	studyChild      = "delay-child"
	studySituation  = "delay-situation"
	studyBoth       = "delay-both"
	studyLead       = "lead-time"
	studyPeriods    = "by-period"
	studyStatements = "statements"
	studyDiD        = "effect-did"
	studyWedge      = "effect-wedge"
	studyUnlike     = "unlike"
	studyNotes      = "notes"
)

func regionStudies() []*regionStudy {
	boards, teams := []string{region.Boards}, []string{region.JGZ}
	list := []*regionStudy{
		{id: studyAreas, isolated: true},
		{id: studyChild, groups: boards}, {id: studySituation, groups: boards}, {id: studyBoth, groups: boards},
		{id: studyLead, groups: teams}, {id: studyPeriods, groups: teams}, {id: studyStatements, groups: teams},
		{id: studyDiD, groups: boards}, {id: studyWedge, groups: boards},
		{id: studyUnlike, groups: boards}, {id: studyNotes, groups: teams},
	}
	for _, years := range region.Landmarks {
		list = append(list, &regionStudy{id: landmarkStudy(12 * years), groups: teams})
	}
	return list
}

func landmarkStudy(months int) string { return fmt.Sprintf("landmark-%d", months) }

// prepare reads the study file and finds who takes part: the institutions of its
// groups that have the rows it asks for. Too few of them is no error but a study
// that has no answer.
func (s *regionStudy) prepare(ctx context.Context, r *regionRun) (err error) {
	if s.text, err = region.Studies.ReadFile("studies/" + s.id + ".toml"); err != nil {
		return err
	}
	if s.id == studyDiD {
		s.text = fillSchools(s.text, r.programme)
	}
	if s.method, err = node.OpenMethod(string(s.text), r.codebook); err != nil {
		return fmt.Errorf("study %s: %w", s.id, err)
	}
	for _, in := range r.institutions {
		if s.groups != nil && !slices.Contains(s.groups, groupOf(in.Name)) {
			continue
		}
		enough, err := s.enough(ctx, in)
		if err != nil {
			return fmt.Errorf("study %s at %s: %w", s.id, in.Name, err)
		}
		if enough {
			s.takes = append(s.takes, in.Name)
		}
	}
	invited := len(r.institutions)
	if s.groups != nil {
		invited = len(region.Members(s.groups[0]))
	}
	if folds := s.method.Study.Evaluate.Folds; len(s.takes) < leastInstitutions || folds != nil && len(s.takes) < invited {
		s.none = &Error{codeTooFew, fmt.Sprintf("%d of %d institutions have the %d rows that the study asks of each", len(s.takes), invited, s.method.Study.Privacy.MinRows), "run the demo with a larger --preset"}
	}
	return nil
}

// enough says whether an institution has the rows that a study asks of each.
func (s *regionStudy) enough(ctx context.Context, in federation.Institution) (bool, error) {
	t, err := s.rows(ctx, in)
	if err != nil {
		return false, err
	}
	return s.method.Plan.Rows(t) >= max(node.DefaultMinRows, s.method.Study.Privacy.MinRows), nil
}

// rows reads an institution's rows as its node does.
func (s *regionStudy) rows(ctx context.Context, in federation.Institution) (*model.Table, error) {
	p := s.method.Plan
	columns := p.Columns()
	if p.Optional() != nil {
		held, err := in.Records.(node.Holder).Held(ctx)
		if err != nil {
			return nil, err
		}
		columns = slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return slices.Contains(p.Optional(), c) && !slices.Contains(held, c) })
	}
	own, err := in.Records.Table(ctx, columns, s.method.Study.Privacy.OutOfRange, p.Texts()...)
	if err != nil {
		return nil, err
	}
	copied := *own
	copied.Institution = in.Name
	t, _, err := p.Prepare(&copied)
	if err == nil {
		t.Institution = in.Name
	}
	return t, err
}

// groupOf is the group of an institution.
func groupOf(institution string) string {
	i := slices.IndexFunc(region.Everybody, func(g string) bool { return slices.Contains(region.Members(g), institution) })
	return region.Everybody[i]
}

// readRegion reads what institutions hold from a folder that the generator
// wrote, and the codebook; never what is planted.
func readRegion(dir string) (parts []records.Part, codebook []byte, err error) {
	if codebook, err = os.ReadFile(filepath.Join(dir, region.CodebookFile)); err != nil {
		return nil, nil, err
	}
	for _, name := range region.Institutions() {
		text, err := os.ReadFile(filepath.Join(dir, name, region.RecordsFile))
		if err != nil {
			return nil, nil, err
		}
		parts = append(parts, records.Part{Institution: name, CSV: text, Rows: bytes.Count(text, []byte("\n")) - 1})
	}
	return parts, codebook, nil
}

// programmeSchools lists the schools that ever had the programme, as the boards'
// own records say.
func programmeSchools(parts []records.Part) (schools []string, err error) {
	for _, p := range parts {
		if groupOf(p.Institution) != region.Boards {
			continue
		}
		r := csv.NewReader(bytes.NewReader(p.CSV))
		head, err := r.Read()
		if err != nil {
			return nil, err
		}
		school, programme := slices.Index(head, "school"), slices.Index(head, "programme")
		for {
			line, err := r.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, err
			}
			if line[programme] == "1" {
				schools = append(schools, line[school])
			}
		}
	}
	slices.Sort(schools)
	return slices.Compact(schools), nil
}

// mostSchools is how many schools one expression names: it may hold 200 parts.
const mostSchools = 150

// fillSchools writes the schools of the programme into the study that asks for
// them; of more than one expression may name, columns of their own each hold a
// part.
func fillSchools(study []byte, schools []string) []byte {
	var blocks, names []string
	for part := range slices.Chunk(schools, mostSchools) {
		names = append(names, fmt.Sprintf("programme_school_%d", len(names)+1))
		blocks = append(blocks, fmt.Sprintf("[[derive]]\nname = %q\nvalue = %q\n\n", names[len(names)-1], inList(part)))
	}
	value := inList(schools)
	if len(names) > 1 {
		value = strings.Join(names, " || ")
		study = bytes.Replace(study, []byte("[[derive]]"), []byte(strings.Join(blocks, "")+"[[derive]]"), 1)
	}
	return bytes.Replace(study, fmt.Appendf(nil, "%q", inList([]string{"s0001"})), fmt.Appendf(nil, "%q", value), 1)
}

func inList(schools []string) string {
	return `school in ["` + strings.Join(schools, `", "`) + `"]`
}
