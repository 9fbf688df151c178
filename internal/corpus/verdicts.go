package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
)

// A judgement is what somebody who read the code says of one transport. "unknown" is one
// as well: of a check that is understood and lacks something that decides, such as one that
// verifies tokens of any audience.
type judgement struct {
	Repository string
	At         string // file:line, relative to the repository
	Verdict    string
	Guard      string // kind of guard
	Reason     string
}

// readVerdicts reads judgements by repository, in lower case, and by place. "" gives none.
func readVerdicts(file string) (map[string]map[string]judgement, error) {
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
	column, err := columns(file, records[0], "repository", "file", "line", "verdict", "guard_kind", "reason")
	if err != nil {
		return nil, err
	}
	list := map[string]map[string]judgement{}
	for i, r := range records[1:] {
		j, err := judgementOf(r, column)
		if err != nil {
			return nil, fmt.Errorf("%s: record %d: %w", file, i+2, err)
		}
		repo := strings.ToLower(j.Repository)
		if list[repo] == nil {
			list[repo] = map[string]judgement{}
		}
		list[repo][j.At] = j
	}
	return list, nil
}

func judgementOf(r []string, column map[string]int) (judgement, error) {
	get := func(name string) string { return r[column[name]] }
	if _, err := strconv.Atoi(get("line")); err != nil {
		return judgement{}, fmt.Errorf("line %q is no number", get("line"))
	}
	j := judgement{get("repository"), get("file") + ":" + get("line"), get("verdict"), get("guard_kind"), get("reason")}
	if !slices.Contains([]string{"protected", "unprotected", "unknown"}, j.Verdict) {
		return j, fmt.Errorf("verdict %q is none: protected, unprotected or unknown", j.Verdict)
	}
	return j, nil
}

// A judged counts how verdicts and judgements of network transports agree.
type judged struct {
	Right   int      `json:"right"`
	Lacking int      `json:"unknown_as_judged"`    // of the right ones, those that are unknown
	Open    []string `json:"protected_but_open"`   // the one class that must be empty
	Closed  []string `json:"unprotected_but_shut"` // false alarms
	Unknown []string `json:"unknown"`              // the judgement decides
	Kinds   []string `json:"other_kind_of_guard"`
	Unread  []string `json:"without_judgement"`
	Gone    []string `json:"not_found"` // judged, and not reported
}

// agree holds the verdicts of a repository against what was read.
func (a *judged) agree(r *repository, judged map[string]judgement) {
	seen := map[string]bool{}
	for _, m := range r.Modules {
		if m.Report == nil {
			continue
		}
		for _, s := range m.Report.Servers {
			for _, t := range s.Transports {
				at := fmt.Sprintf("%s:%d", path.Join(m.Dir, t.File), t.Line)
				if t.Kind != "stdio" && t.Kind != "in-process" && !seen[at] {
					seen[at] = true
					a.compare(r.Name+" "+at, t, judged[at])
				}
			}
		}
	}
	for at := range judged {
		if !seen[at] {
			a.Gone = append(a.Gone, r.Name+" "+at)
		}
	}
	slices.Sort(a.Gone)
}

func (a *judged) compare(at string, t analyze.TransportReport, j judgement) {
	if j.Verdict == "" {
		a.Unread = append(a.Unread, at)
		return
	}
	switch {
	case t.Verdict == "unknown" && j.Verdict == "unknown":
		a.Right++
		a.Lacking++
	case t.Verdict == "unknown":
		a.Unknown = append(a.Unknown, at+" is "+j.Verdict+": "+j.Reason)
	case t.Verdict == j.Verdict:
		a.Right++
	case t.Verdict == "protected":
		a.Open = append(a.Open, at+": "+j.Reason)
	default:
		a.Closed = append(a.Closed, at+": "+j.Reason)
	}
	if t.Verdict != "unknown" && t.GuardKind != j.Guard {
		a.Kinds = append(a.Kinds, at+" is "+j.Guard+", and reported as "+t.GuardKind+": "+j.Reason)
	}
}

// print lists what is wrong, by class, with counts.
func (a *judged) print(w io.Writer) {
	if a == nil {
		return
	}
	fmt.Fprintf(w, "\nverdicts: %d right, %d protected but open, %d unprotected but shut, %d unknown, %d of another kind of guard, %d not judged, %d not found\n",
		a.Right, len(a.Open), len(a.Closed), len(a.Unknown), len(a.Kinds), len(a.Unread), len(a.Gone))
	if a.Lacking > 0 {
		fmt.Fprintf(w, "  %d of the right ones are unknown: the check is understood, and what it lacks decides\n", a.Lacking)
	}
	for _, class := range []struct {
		name string
		list []string
	}{
		{"PROTECTED BUT OPEN", a.Open}, {"unprotected but shut", a.Closed}, {"unknown", a.Unknown},
		{"another kind of guard", a.Kinds}, {"not judged", a.Unread}, {"not found", a.Gone},
	} {
		for _, line := range class.list {
			fmt.Fprintf(w, "  %s: %s\n", class.name, line)
		}
	}
}
