package region

import "github.com/smartstart-federation/smartstart/model/elementary"

// drawReport draws whether and when the child becomes a case, whether that
// becomes a report, and what Veilig Thuis and the youth health team then know.
func (c *Child) drawReport(s *stream) {
	p, a := c.plan, &c.plan.abuse
	c.Oracle = p.cases.of(c.x)
	c.Case, c.Onset, c.Reported, c.Report, c.ToldBack = false, 0, false, 0, false
	for year, base := range a.Yearly {
		happens, month := s.chance(elementary.Logistic(base+c.Oracle)), s.below(12)
		if happens && !c.Case {
			c.Case, c.Onset = true, 12*year+month
		}
	}
	noticed, delay, told := s.uniform(), s.months(a.Delay), s.chance(a.ToldBack)
	if c.Case && noticed < a.Reported[int(c.get("background"))] {
		if at := c.Onset + delay; at < a.Censored {
			c.Reported, c.Report, c.ToldBack = true, at, told
		}
	}
	advice := s.chance(p.advice.logistic(c.x)) && !c.Reported
	c.set("report_age", float64(c.Report))
	c.missing[p.at["report_age"]] = !c.Reported
	c.set("told_age", 0)
	if c.ToldBack {
		c.set("told_age", float64(c.Report))
	}
	c.set("advice", one(advice))
	who, u := 0, s.uniform()
	for up := a.Reporters[0]; u > up && who < len(a.Reporters)-1; up += a.Reporters[who] {
		who++
	}
	c.set("reporter", float64(who))
	for g, holder := range Everybody {
		if holder == VeiligThuis {
			c.known[g] = c.Reported || advice
		}
	}
}
