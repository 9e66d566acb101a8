package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/examples/region"
)

func newSynth(o *output) *cobra.Command {
	var preset, out string
	var seed uint64
	var latents bool
	var names, sizes []string
	for _, p := range region.Presets {
		names = append(names, p.Name)
		sizes = append(sizes, fmt.Sprintf("  %-8s %9s children  %4d areas  %5s schools", p.Name, thousands(p.Children), p.Areas, thousands(p.Schools)))
	}
	c := &cobra.Command{
		Use:   "synth --preset " + strings.Join(names, "|") + " --out DIR",
		Short: "Make up a region whose truth is known, to rehearse with",
		Long: `synth writes the records of a made-up Dutch region: six school boards, six
youth health teams, a municipality, youth care, welfare, treatment, housing, police and
Veilig Thuis, each with what it would hold of the same invented children. What is
planted stands in DIR/truth, so that a study's answer can be held against it.
Everything is SYNTHETIC; the same preset and seed give the same bytes everywhere.

` + strings.Join(sizes, "\n") + `

` + exitCodes,
		Example: "  smartstart synth --preset demo --seed 1 --out region-demo",
		Args:    arguments(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			if preset == "" || out == "" {
				return usage("synth needs --preset and --out", "add --preset "+strings.Join(names, "|")+" --out DIR")
			}
			p, err := region.PresetNamed(preset)
			if err != nil {
				return usage(err.Error(), "see smartstart synth --help")
			}
			p.Latents = p.Latents || latents
			if err := emptyFolder(out); err != nil {
				return err
			}
			w, err := region.New(p, seed)
			if err != nil {
				return err
			}
			w.Progress = func(n int) {
				o.event(true, "%s of %s children", thousands(n), thousands(p.Children))
			}
			s, err := w.Write(c.Context(), out)
			var path *fs.PathError
			if errors.As(err, &path) {
				return &Error{"SS1207", fmt.Sprintf("the folder %s cannot be written: %s", out, cause(err)), "look whether the disk is full and the folder is yours, and name a new folder for --out"}
			}
			if err != nil {
				return err
			}
			if o.json {
				return o.document(s)
			}
			printSynth(o, s, out)
			return nil
		},
	}
	c.Flags().StringVar(&preset, "preset", "", "how large the region is: "+strings.Join(names, ", "))
	c.Flags().Uint64Var(&seed, "seed", 1, "another number is another region")
	c.Flags().StringVar(&out, "out", "", "a new folder for the files")
	c.Flags().BoolVar(&latents, "latents", false, "write a line of truth for every child also for scale, where it takes much room")
	return c
}

func printSynth(o *output, s *region.Summary, out string) {
	share := func(n int) string { return fmt.Sprintf("%.1f%%", 100*float64(n)/float64(s.Children)) }
	o.print("%s", region.Synthetic)
	o.print("")
	o.print("%s children in %s households, %d areas, %s schools; %d columns", thousands(s.Children), thousands(s.Households), s.Areas, thousands(s.Schools), s.Columns)
	o.print("%s became a case, %s was reported before the age of twelve; %s has a developmental delay", share(s.Cases), share(s.Reports), share(s.Delays))
	o.print("")
	for _, f := range s.Files {
		o.print("  %-14s %9s lines", f.Institution, thousands(f.Rows))
	}
	o.print("")
	o.print("written to %s; what is planted stands in its folder %s", out, region.TruthFolder)
}
