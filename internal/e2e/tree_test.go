package e2e

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A tree is every file of a folder: path with forward slashes → mode and bytes.
type tree map[string]file

type file struct {
	mode fs.FileMode
	data string
}

// read takes in every file and empty folder below dir, but what git keeps for itself.
func read(t *testing.T, dir string) tree {
	t.Helper()
	all := tree{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if d.IsDir() {
			if rel == ".git" {
				return filepath.SkipDir
			}
			all[filepath.ToSlash(rel)+"/"] = file{mode: info.Mode()}
			return nil
		}
		data, err := os.ReadFile(path)
		all[filepath.ToSlash(rel)] = file{info.Mode(), string(data)}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// same fails the test with the names of the paths in which two trees differ.
func same(t *testing.T, what string, got, want tree) {
	t.Helper()
	names := map[string]bool{}
	for name := range maps.All(got) {
		names[name] = true
	}
	for name := range want {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		g, inGot := got[name]
		w, inWant := want[name]
		switch {
		case !inGot:
			t.Errorf("%s: %s is gone", what, name)
		case !inWant:
			t.Errorf("%s: %s is new", what, name)
		case g != w:
			t.Errorf("%s: %s differs (mode %v, was %v; %d bytes, was %d)", what, name, g.mode, w.mode, len(g.data), len(w.data))
		}
	}
}

// changed counts the lines that were added to or removed from files of before,
// every go.mod and go.sum and what is vendored left out.
func changed(before, after tree) int {
	n := 0
	for name, old := range before {
		if base := path.Base(name); base == "go.mod" || base == "go.sum" || strings.HasPrefix(name, "vendor/") {
			continue
		}
		n += distance(lines(old.data), lines(after[name].data))
	}
	return n
}

func lines(s string) []string { return strings.SplitAfter(s, "\n") }

// distance returns how many lines a shortest diff between a and b adds and removes.
func distance(a, b []string) int {
	prev := make([]int, len(b)+1)
	for _, x := range a {
		row := make([]int, len(b)+1)
		for j, y := range b {
			row[j+1] = max(prev[j+1], row[j])
			if x == y {
				row[j+1] = prev[j] + 1
			}
		}
		prev = row
	}
	return len(a) + len(b) - 2*prev[len(b)]
}

// lineEndings fails the test when a file that had only CR LF now has a bare LF.
func lineEndings(t *testing.T, before, after tree) {
	t.Helper()
	for name, old := range before {
		was, is := []byte(old.data), []byte(after[name].data)
		if bare(was) == 0 && bytes.Contains(was, []byte("\r\n")) && bare(is) > 0 {
			t.Errorf("%s: %d lines lost their CR", name, bare(is))
		}
	}
}

func bare(data []byte) int {
	return bytes.Count(data, []byte("\n")) - bytes.Count(data, []byte("\r\n"))
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"a\nb\nc\n", "a\nb\nc\n", 0},
		{"a\nb\nc\n", "a\nx\nc\n", 2},
		{"a\nc\n", "a\nb\nc\n", 1},
		{"a\r\n", "a\n", 2},
		{"", "a\n", 1},
	} {
		if got := distance(lines(tt.a), lines(tt.b)); got != tt.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
