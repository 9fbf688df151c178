package load

import (
	"go/build"
	"go/build/constraint"
	"path/filepath"
	"slices"
	"strings"
)

// A setting is a build: where, with cgo or not, and with which tags of its own.
type setting struct {
	goos, goarch string
	cgo          bool
	tags         []string
}

// maxTags is how many tags of a constraint are tried in all combinations.
const maxTags = 6

// OtherBuild says with which flags and variables a file that this build leaves out is
// part of one, such as "GOOS=windows" or "--tags integration". ok is false where no
// such build was found: a file with the tag "ignore" is never built, by agreement.
func OtherBuild(name string, src []byte, cgo bool) (how string, ok bool) {
	expr := constraintOf(filepath.Base(name), src, cgo)
	if expr == nil {
		return "", false
	}
	best, cost := setting{}, -1
	for _, s := range settings(expr) {
		if c := s.changes(); (cost < 0 || c < cost) && expr.Eval(s.has) {
			best, cost = s, c
		}
	}
	if cost < 0 {
		return "", false
	}
	return best.String(), true
}

// constraintOf joins what the name, the //go:build line and the use of cgo ask for; nil
// where there is nothing of them.
func constraintOf(name string, src []byte, cgo bool) constraint.Expr {
	var all constraint.Expr
	add := func(x constraint.Expr) {
		if all == nil {
			all = x
		} else {
			all = &constraint.AndExpr{X: all, Y: x}
		}
	}
	parts := strings.Split(strings.TrimSuffix(name, ".go"), "_")
	last := len(parts) - 1
	if last > 0 && knownArch[parts[last]] {
		add(&constraint.TagExpr{Tag: parts[last]})
		last--
	}
	if last > 0 && knownOS[parts[last]] {
		add(&constraint.TagExpr{Tag: parts[last]})
	}
	if cgo {
		add(&constraint.TagExpr{Tag: "cgo"})
	}
	for line := range strings.Lines(string(src)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "package ") {
			break
		}
		if x, err := constraint.Parse(line); err == nil && constraint.IsGoBuild(line) {
			add(x)
			break
		}
	}
	return all
}

// settings lists the builds to try for a constraint.
func settings(expr constraint.Expr) []setting {
	oses, arches := []string{build.Default.GOOS}, []string{build.Default.GOARCH}
	var tags []string
	for _, tag := range tagsOf(expr) {
		switch {
		case knownOS[tag]:
			oses = append(oses, tag)
		case knownArch[tag]:
			arches = append(arches, tag)
		case tag != "cgo" && tag != "ignore" && tag != "unix" && tag != "gc" && !strings.HasPrefix(tag, "go1.") && len(tags) < maxTags:
			tags = append(tags, tag)
		}
	}
	oses = append(oses, "linux", "windows", "darwin")
	var list []setting
	for _, goos := range oses {
		for _, goarch := range append(arches, "amd64", "arm64") {
			for _, cgo := range []bool{build.Default.CgoEnabled, !build.Default.CgoEnabled} {
				for set := range 1 << len(tags) {
					s := setting{goos: goos, goarch: goarch, cgo: cgo}
					for i, t := range tags {
						if set&(1<<i) != 0 {
							s.tags = append(s.tags, t)
						}
					}
					list = append(list, s)
				}
			}
		}
	}
	return list
}

// tagsOf returns the tags of a constraint, each once.
func tagsOf(expr constraint.Expr) []string {
	switch x := expr.(type) {
	case *constraint.TagExpr:
		return []string{x.Tag}
	case *constraint.NotExpr:
		return tagsOf(x.X)
	case *constraint.AndExpr:
		return union(tagsOf(x.X), tagsOf(x.Y))
	case *constraint.OrExpr:
		return union(tagsOf(x.X), tagsOf(x.Y))
	}
	return nil
}

func union(a, b []string) []string {
	for _, t := range b {
		if !slices.Contains(a, t) {
			a = append(a, t)
		}
	}
	return a
}

// has reports whether a tag holds.
func (s setting) has(tag string) bool {
	switch {
	case tag == "cgo":
		return s.cgo
	case tag == "gc" || strings.HasPrefix(tag, "go1."):
		return true
	case tag == "unix":
		return s.goos != "windows" && s.goos != "plan9" && s.goos != "js" && s.goos != "wasip1"
	case tag == "linux" && s.goos == "android", tag == "darwin" && s.goos == "ios":
		return true
	}
	return tag == s.goos || tag == s.goarch || slices.Contains(s.tags, tag)
}

// changes is how far a build is from the present one.
func (s setting) changes() int {
	n := len(s.tags)
	if s.goos != build.Default.GOOS {
		n += 2
	}
	if s.goarch != build.Default.GOARCH {
		n += 2
	}
	if s.cgo != build.Default.CgoEnabled {
		n++
	}
	return n
}

func (s setting) String() string {
	var list, tags []string
	if s.goos != build.Default.GOOS {
		list = append(list, "GOOS="+s.goos)
	}
	if s.goarch != build.Default.GOARCH {
		list = append(list, "GOARCH="+s.goarch)
	}
	if s.cgo != build.Default.CgoEnabled {
		list = append(list, "CGO_ENABLED="+map[bool]string{true: "1", false: "0"}[s.cgo])
	}
	for _, t := range s.tags {
		if x, ok := strings.CutPrefix(t, "goexperiment."); ok {
			list = append(list, "GOEXPERIMENT="+x)
		} else {
			tags = append(tags, t)
		}
	}
	if len(tags) > 0 {
		list = append(list, "--tags "+strings.Join(tags, ","))
	}
	return strings.Join(list, " ")
}

var knownOS = names("aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasip1 windows")

var knownArch = names("386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm")

func names(list string) map[string]bool {
	m := map[string]bool{}
	for _, n := range strings.Fields(list) {
		m[n] = true
	}
	return m
}
