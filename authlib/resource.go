package authlib

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A template is a URI template among the keys of Policy.Resources.
type template struct {
	text string
	re   *regexp.Regexp
}

// compileTemplates compiles the keys that hold an expression. A simple {x}
// matches within one path segment (RFC 6570 §3.2.2); every other expression
// matches anything. Both take at least what an SDK's matcher takes: where that
// makes two templates match one URI, the URI is refused instead of guessed at.
func compileTemplates(rules map[string]Rule) ([]template, error) {
	var out []template
	for _, text := range slices.Sorted(maps.Keys(rules)) {
		if !strings.ContainsAny(text, "{}") {
			continue
		}
		re, err := compileTemplate(text)
		if err != nil {
			return nil, err
		}
		out = append(out, template{text, re})
	}
	return out, nil
}

func compileTemplate(text string) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString(`\A`)
	for rest := text; rest != ""; {
		literal, after, found := strings.Cut(rest, "{")
		if strings.Contains(literal, "}") {
			return nil, fmt.Errorf("authlib: the resource template %s has a } without a {", quote(text))
		}
		b.WriteString(regexp.QuoteMeta(literal))
		if !found {
			break
		}
		expr, tail, closed := strings.Cut(after, "}")
		if !closed || expr == "" || strings.Contains(expr, "{") {
			return nil, fmt.Errorf("authlib: the resource template %s has a broken {expression}", quote(text))
		}
		b.WriteString(exprPattern(expr))
		rest = tail
	}
	b.WriteString(`\z`)
	return regexp.Compile(b.String())
}

func exprPattern(expr string) string {
	if strings.ContainsAny(expr[:1], "+#./;?&") || strings.ContainsAny(expr, "*,:") {
		return `(?s:.*)`
	}
	return `[^/?#]*`
}

// couldServe reports whether a template that the server registered may match uri.
// One that can't be read matches everything.
func (g *Guard) couldServe(text, uri string) bool {
	for _, t := range g.templates {
		if t.text == text {
			return t.re.MatchString(uri)
		}
	}
	literal, _, _ := strings.Cut(text, "{")
	if !strings.HasPrefix(uri, literal) {
		return false // which saves compiling most of those that the policy does not name
	}
	re, err := compileTemplate(text)
	return err != nil || re.MatchString(uri)
}

// resourceRule finds the rule of a resource URI, or of a template itself, as
// completion names one. A URI that a later reader could take for another one,
// or that several templates match, has no rule that could be trusted.
func (g *Guard) resourceRule(uri string) (Rule, standing) {
	if r, ok := g.cfg.Policy.Resources[uri]; ok {
		return r, standListed
	}
	if len(g.cfg.Policy.Resources) == 0 {
		return Rule{}, standUnlisted
	}
	if slipperyURI(uri) {
		return Rule{}, standAmbiguous
	}
	var found []string
	for _, t := range g.templates {
		if t.re.MatchString(uri) {
			found = append(found, t.text)
		}
	}
	switch len(found) {
	case 0:
		return Rule{}, standUnlisted
	case 1:
		return g.cfg.Policy.Resources[found[0]], standListed
	}
	return Rule{}, standAmbiguous
}

// slipperyURI reports whether normalising uri (RFC 3986 §6.2.2) would change
// which segments it has: dot segments, backslashes, and percent-encoded dots,
// slashes, percent signs and controls.
func slipperyURI(uri string) bool {
	for i := range len(uri) {
		if c := uri[i]; c < ' ' || c == 0x7f || c == '\\' {
			return true
		}
		if uri[i] == '%' && (i+2 >= len(uri) || slipperyEscape(uri[i+1:i+3])) {
			return true
		}
	}
	path := uri
	if end := strings.IndexAny(path, "?#"); end >= 0 {
		path = path[:end]
	}
	return slices.ContainsFunc(strings.Split(path, "/"), func(seg string) bool { return seg == "." || seg == ".." })
}

func slipperyEscape(hex string) bool {
	switch strings.ToLower(hex) {
	case "2e", "2f", "5c", "25", "7f":
		return true
	}
	return hex[0] == '0' || hex[0] == '1' || !isHex(hex[0]) || !isHex(hex[1])
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
