package rewrite

import (
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// A vendorList is vendor/modules.txt: the modules that are vendored, with the
// packages of each, in the form that go mod vendor writes. Lines that are not
// touched stay as they were.
type vendorList struct {
	sections []*vendorSection
}

// A vendorSection is one module of the list. One without marks and packages tells
// of a replacement that is not in use; those stand last.
type vendorSection struct {
	mod      module.Version
	header   string   // "# path version", and what replaces it
	marks    []string // "## explicit; go 1.23.0"
	packages []string // import paths
}

func parseVendorList(src []byte) *vendorList {
	l := &vendorList{}
	for _, line := range splitLines(src) {
		line = strings.TrimRight(line, "\r")
		switch {
		case strings.HasPrefix(line, "# "):
			s := &vendorSection{header: line}
			words := strings.Fields(strings.TrimPrefix(line, "# "))
			if len(words) > 0 {
				s.mod.Path = words[0]
			}
			if len(words) > 1 && words[1] != "=>" {
				s.mod.Version = words[1]
			}
			l.sections = append(l.sections, s)
		case len(l.sections) == 0:
		case strings.HasPrefix(line, "##"):
			l.last().marks = append(l.last().marks, line)
		case line != "":
			l.last().packages = append(l.last().packages, line)
		}
	}
	return l
}

func (l *vendorList) last() *vendorSection { return l.sections[len(l.sections)-1] }

func (s *vendorSection) unused() bool { return len(s.marks) == 0 && len(s.packages) == 0 }

// find returns the section of a module that is vendored or required; nil if there is none.
func (l *vendorList) find(path string) *vendorSection {
	for _, s := range l.sections {
		if s.mod.Path == path && !s.unused() {
			return s
		}
	}
	return nil
}

// has reports whether every one of the packages is vendored.
func (l *vendorList) has(packages []string) bool {
	return !slices.ContainsFunc(packages, func(p string) bool {
		return !slices.ContainsFunc(l.sections, func(s *vendorSection) bool { return slices.Contains(s.packages, p) })
	})
}

// owner returns the module whose folder below vendor/ holds name: the one with the longest path.
func (l *vendorList) owner(name string) *vendorSection {
	var found *vendorSection
	for _, s := range l.sections {
		if strings.HasPrefix(name, s.mod.Path+"/") && !s.unused() && (found == nil || len(s.mod.Path) > len(found.mod.Path)) {
			found = s
		}
	}
	return found
}

// merge takes over what fresh, the list of the needed packages alone, has beyond l:
// modules, packages of them, other versions, and what go.mod requires by name now.
func (l *vendorList) merge(fresh *vendorList) {
	for _, f := range fresh.sections {
		switch have := l.find(f.mod.Path); {
		case f.unused():
		case have == nil:
			l.insert(f)
		case have.mod != f.mod:
			*have = *f
		default:
			have.packages = united(have.packages, f.packages)
			if have.explicit() != f.explicit() {
				have.marks = f.marks
			}
		}
	}
}

// explicit reports whether the list says that go.mod requires the module by name.
// The go command compares that with go.mod.
func (s *vendorSection) explicit() bool {
	return slices.ContainsFunc(s.marks, func(m string) bool { return strings.HasPrefix(m, "## explicit") })
}

// insert adds a module at its place, and drops the line which said that its
// replacement is not in use.
func (l *vendorList) insert(f *vendorSection) {
	l.sections = slices.DeleteFunc(l.sections, func(s *vendorSection) bool { return s.unused() && s.header == f.header })
	at := slices.IndexFunc(l.sections, func(s *vendorSection) bool { return s.unused() || s.mod.Path > f.mod.Path })
	if at < 0 {
		at = len(l.sections)
	}
	l.sections = slices.Insert(l.sections, at, f)
}

func (l *vendorList) format() []byte {
	var out strings.Builder
	for _, s := range l.sections {
		for _, line := range slices.Concat([]string{s.header}, s.marks, s.packages) {
			out.WriteString(line + "\n")
		}
	}
	return []byte(out.String())
}

// united returns the elements of both, sorted.
func united(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
