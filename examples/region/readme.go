package region

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// readme is the README.md of a written region.
func (w *World) readme() string {
	p := w.Preset
	return fmt.Sprintf(`# SYNTHETIC

%s.

This folder holds a made-up Dutch region: %d children, %d areas, %d schools and 19
organisations (preset %s, seed %d), written by `+"`smartstart synth`"+`. No line is about anybody.
Names, numbers and organisations are invented.

- `+"`<institution>/%s`"+`: what each organisation holds, one line a child it has a file of. No line
  means "no file", not "nothing the matter". Some lines stand twice, some pseudonyms are wrong, values are missing.
- `+"`%s`"+`: what the columns mean, one codebook for all.
- `+"`%s/`"+`: what is planted. Only a comparison afterwards may read it.

# SYNTHETISCH

Alles in deze map is verzonnen: kinderen, huishoudens, scholen en organisaties.

Deze map bevat een verzonnen Nederlandse regio: %d kinderen, %d buurten, %d scholen en 19 organisaties
(preset %s, seed %d), gemaakt met `+"`smartstart synth`"+`. Geen enkele regel gaat over een bestaand
mens. Namen, nummers en organisaties zijn verzonnen.

- `+"`<organisatie>/%s`"+`: wat elke organisatie vastlegt, een regel per kind waarvan zij een dossier
  heeft. Geen regel betekent "geen dossier", niet "niets aan de hand". Sommige regels staan er dubbel in, sommige
  pseudoniemen zijn fout, en waarden ontbreken.
- `+"`%s`"+`: wat de kolommen betekenen, een codeboek voor allen.
- `+"`%s/`"+`: wat erin is gestopt. Alleen een vergelijking achteraf mag dat lezen.
`, Synthetic, p.Children, p.Areas, p.Schools, p.Name, w.Seed, RecordsFile, CodebookFile, TruthFolder,
		p.Children, p.Areas, p.Schools, p.Name, w.Seed, RecordsFile, CodebookFile, TruthFolder)
}

// LinkTable prints the link table and the model of abuse as Markdown, as the
// README of this package shows them.
func LinkTable() string {
	var b strings.Builder
	b.WriteString("| column or latent | in the files of | drawn | from | missing |\n|---|---|---|---|---|\n")
	for _, l := range Links() {
		name := l.Name
		switch {
		case l.Column == "":
			name = "*" + name + "*"
		case l.Column != l.Name:
			name = l.Column + " (*" + l.Name + "*)"
		}
		from := l.Rule
		if l.Draw != Given {
			from = linear(l.Intercept, l.Loadings)
			if l.Noise != 0 {
				from += "; noise " + short(l.Noise)
			}
		}
		holders, missing := strings.Join(l.Holders, ", "), ""
		if len(l.Holders) == len(Everybody) {
			holders = "all"
		}
		if l.Missing != nil {
			missing = linear(l.Missing.Intercept, l.Missing.Loadings)
		}
		fmt.Fprintf(&b, "| %s | %s | %s, %s | %s | %s |\n", name, holders, l.Level, l.Draw, from, missing)
	}
	a := TheAbuse()
	fmt.Fprintf(&b, "\nBecoming a case: %s.\n\n- eta: %s\n- yearly: %s\n- reported: %s without and %s with background; told back to the youth health team: %s\n",
		a.Rule, linear(0, a.Loadings), strings.Join(shorts(a.Yearly), ", "), short(a.Reported[0]), short(a.Reported[1]), short(a.ToldBack))
	b.WriteString("\n| holder | has a file of |\n|---|---|\n")
	for _, c := range Coverages() {
		rule := c.Rule
		if rule == "" {
			rule = "logit: " + linear(c.Intercept, c.Loadings) + " (" + c.Level + ")"
		}
		fmt.Fprintf(&b, "| %s | %s |\n", c.Holder, rule)
	}
	b.WriteString("\n| column | institution | shift |\n|---|---|---|\n")
	for _, s := range Shifts() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s.Column, s.Institution, short(s.By))
	}
	return b.String()
}

// linear writes a linear predictor.
func linear(intercept float64, loadings []Loading) string {
	var parts []string
	if intercept != 0 || len(loadings) == 0 {
		parts = append(parts, short(intercept))
	}
	for _, l := range loadings {
		parts = append(parts, short(l.By)+" "+l.On)
	}
	return strings.ReplaceAll(strings.Join(parts, " + "), "+ -", "- ")
}

func short(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

func shorts(list []float64) []string {
	var out []string
	for _, v := range list {
		out = append(out, short(v))
	}
	return slices.Clip(out)
}
