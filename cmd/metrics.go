package cmd

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/smartstart-federation/smartstart/audit"
)

// stateCollector shows the folded log as numbers at the moment of a scrape:
// counts of entries, parties and rounds, never anything of a record.
type stateCollector struct {
	view func(func(*audit.State))

	entries, findings, members, studies, rounds, attempts *prometheus.Desc
}

func newStateCollector(view func(func(*audit.State))) *stateCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("smartstart_"+name, help, labels, nil)
	}
	return &stateCollector{
		view:     view,
		entries:  desc("log_entries", "Entries of the log that this process has verified."),
		findings: desc("log_void_entries", "Entries that broke a rule and changed nothing. Anything but 0 needs a look."),
		members:  desc("members", "Institutions that have accepted the charter."),
		studies:  desc("studies", "Proposed studies by how far they are.", "state"),
		rounds:   desc("rounds_opened", "Sums opened, all studies."),
		attempts: desc("attempts", "Attempts begun, all studies; more than rounds_opened means repeats."),
	}
}

// Describe implements prometheus.Collector.
func (c *stateCollector) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, to) }

// Collect implements prometheus.Collector.
func (c *stateCollector) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v int, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), labels...)
	}
	c.view(func(st *audit.State) {
		gauge(c.entries, int(st.Head().Size))
		gauge(c.findings, len(st.Findings))
		gauge(c.members, len(st.Members))
		states := map[string]int{"deciding": 0, "running": 0, "closed": 0}
		rounds, attempts := 0, 0
		for _, s := range st.Studies {
			states[stage(s)]++
			rounds += s.Round - 1
			for _, r := range s.Rounds {
				attempts += len(r)
			}
		}
		for state, n := range states {
			gauge(c.studies, n, state)
		}
		gauge(c.rounds, rounds)
		gauge(c.attempts, attempts)
	})
}

// stage says how far a study is: deciding, running or closed.
func stage(s *audit.Study) string {
	switch {
	case s.Close != nil:
		return "closed"
	case s.Roster == nil:
		return "deciding"
	}
	return "running"
}
