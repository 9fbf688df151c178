package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
)

// A row is one tool that somebody read in the source.
type row struct {
	Tool string `json:"tool"`
	File string `json:"file"` // relative to the repository
	Line int    `json:"line"` // where the name is bound
	live bool   // reachable from main
}

// A comparison says how a repository's report and the list agree.
type comparison struct {
	Rows     int      `json:"rows"`      // reachable ones
	Named    int      `json:"named"`     // reported by name
	Placed   int      `json:"placed"`    // and at the file and line of the list
	Missing  []row    `json:"missing"`   // not reported
	Moved    []string `json:"moved"`     // reported at another place
	Dead     []string `json:"dead"`      // listed as unreachable, and reported
	Invented []string `json:"invented"`  // reported, and not in the list
	DeadRows int      `json:"dead_rows"` // unreachable ones
}

// readTruth reads the list by repository, in lower case. "" gives none.
func readTruth(file string) (map[string][]row, error) {
	if file == "" {
		return nil, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("%s is empty", file)
	}
	column, err := columns(file, records[0], "repo", "tool_name", "file", "line", "registered")
	if err != nil {
		return nil, err
	}
	truth := map[string][]row{}
	for i, r := range records[1:] {
		line, err := strconv.Atoi(r[column["line"]])
		if err != nil {
			return nil, fmt.Errorf("%s: record %d: line %q is no number", file, i+2, r[column["line"]])
		}
		repo := strings.ToLower(r[column["repo"]])
		truth[repo] = append(truth[repo], row{
			Tool: r[column["tool_name"]], File: r[column["file"]], Line: line, live: r[column["registered"]] != "no",
		})
	}
	return truth, nil
}

func columns(file string, header []string, names ...string) (map[string]int, error) {
	at := map[string]int{}
	for _, name := range names {
		i := slices.Index(header, name)
		if i < 0 {
			return nil, fmt.Errorf("%s has no column %s", file, name)
		}
		at[name] = i
	}
	return at, nil
}

// compare holds a repository's report against the rows of the list.
func compare(rows []row, r *repository) *comparison {
	c := &comparison{Missing: []row{}, Moved: []string{}, Dead: []string{}, Invented: []string{}}
	found := reported(r)
	listed := map[string]bool{}
	for _, want := range rows {
		listed[want.Tool] = true
		places := found[want.Tool]
		at := fmt.Sprintf("%s:%d", want.File, want.Line)
		switch {
		case !want.live:
			c.DeadRows++
			if slices.Contains(places, at) {
				c.Dead = append(c.Dead, want.Tool+" "+at)
			}
		case len(places) == 0:
			c.Rows++
			c.Missing = append(c.Missing, want)
		case slices.Contains(places, at):
			c.Rows, c.Named, c.Placed = c.Rows+1, c.Named+1, c.Placed+1
		default:
			c.Rows, c.Named = c.Rows+1, c.Named+1
			c.Moved = append(c.Moved, want.Tool+" "+at+" is reported at "+strings.Join(places, ", "))
		}
	}
	for name, places := range found {
		if !listed[name] {
			c.Invented = append(c.Invented, name+" "+places[0])
		}
	}
	slices.Sort(c.Invented)
	return c
}

// reported lists the static tools of a repository by name, with their places.
func reported(r *repository) map[string][]string {
	found := map[string][]string{}
	for _, m := range r.Modules {
		if m.Report == nil {
			continue
		}
		for _, t := range tools(m.Report) {
			for _, p := range append([]analyze.Place{{File: t.File, Line: t.Line}}, t.Also...) {
				at := fmt.Sprintf("%s:%d", path.Join(m.Dir, p.File), p.Line)
				if !slices.Contains(found[t.Name], at) {
					found[t.Name] = append(found[t.Name], at)
				}
			}
		}
	}
	return found
}

// tools are the static ones of all servers.
func tools(rep *analyze.Report) []analyze.ItemReport {
	var list []analyze.ItemReport
	for _, s := range rep.Servers {
		for _, t := range s.Tools {
			if !t.Dynamic {
				list = append(list, t)
			}
		}
	}
	return list
}
