package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
)

// migrations is the outcome of a run with -migrate.
type migrations struct {
	Repositories []migratedRepository `json:"repositories"`
	Gates        *gates               `json:"gates,omitempty"`
}

type migratedRepository struct {
	Name string `json:"name"`
	migration
}

// line says in a few words how a migration ended.
func (m *migration) line() string {
	said := fmt.Sprintf("exit %d, %d manual, %d files +%d -%d", m.Exit, len(m.Manual), m.Files, m.Added, m.Removed)
	if w := m.wrong(); w != "" {
		said += ", WRONG: " + w
	}
	return said
}

// print writes the table, then every reason why a person is needed, then the sums.
func (all *migrations) print(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "repository\tmodule\topen\texit\tmanual\tfiles\tadded\tremoved\tbuilt\tafter\ttests\tbroken\ts\t")
	for _, r := range all.Repositories {
		fmt.Fprintf(tw, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s\t%d\t%.0f\t\n", r.Name, r.Dir, r.Servers, r.Exit, len(r.Manual), r.Files, r.Added, r.Removed,
			yes(r.Built == ""), yes(r.Written && r.BuiltAfter == ""), count(r.Passed), len(r.Broken), r.Wall)
	}
	tw.Flush()
	for _, r := range all.Repositories {
		if reasons := r.reasons(); len(reasons) > 0 {
			fmt.Fprintf(w, "\n%s %s\n  %s\n", r.Name, r.Dir, strings.Join(reasons, "\n  "))
		}
	}
	all.sums(w)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func count(n int) string {
	if n < 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

func (m *migration) reasons() []string {
	var list []string
	if w := m.wrong(); w != "" {
		list = append(list, "WRONG: "+indented(w))
	}
	if m.Built != "" {
		list = append(list, "did not build before: "+indented(m.Built))
	}
	for _, s := range m.Manual {
		list = append(list, "manual: "+s.Site+": "+s.Reason)
	}
	if m.Said != "" && len(m.Manual) == 0 {
		list = append(list, "said: "+indented(m.Said))
	}
	return list
}

func indented(text string) string {
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n      ")
}

// sums prints what the whole comes to, over modules that built before.
func (all *migrations) sums(w io.Writer) {
	var builds, complete, wrong int
	var lines []float64
	for _, r := range all.Repositories {
		if r.Built != "" {
			continue
		}
		builds++
		if r.wrong() != "" {
			wrong++
		}
		if r.complete() {
			complete++
			lines = append(lines, float64(r.Added+r.Removed)/float64(max(1, r.Servers)))
		}
	}
	fmt.Fprintf(w, "\n%d modules serve something open; %d of them build here, %d of these are migrated by one command, %d wrongly\n",
		len(all.Repositories), builds, complete, wrong)
	if len(lines) > 0 {
		slices.SortFunc(lines, cmp.Compare[float64])
		fmt.Fprintf(w, "lines added and removed in existing files, per server: %.0f in the median, %.0f at most\n", lines[len(lines)/2], lines[len(lines)-1])
	}
	all.measure().print(w)
}

// save writes the outcome as JSON; "" is nowhere.
func (all *migrations) save(file string) error {
	if file == "" {
		return nil
	}
	all.Gates = all.measure()
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}
