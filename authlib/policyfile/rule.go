package policyfile

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// base reads what holds for everything that is not public.
func (d *decoder) base(n *node) authlib.Rule {
	r := d.rule(n, func(r authlib.Rule) authlib.Policy { return authlib.Policy{Base: r} })
	if r.Public {
		d.at(n, "base can't be public: it would open everything", "mark single tools, prompts or resources as public")
	}
	return r
}

// rules reads a mapping from names to rules.
func (d *decoder) rules(n *node, what string) map[string]authlib.Rule {
	if !d.section(n, what, maxRules) {
		return nil
	}
	out := map[string]authlib.Rule{}
	d.each(n, func(key, value *node) {
		if !d.name(key) {
			return
		}
		out[key.text] = d.rule(value, func(r authlib.Rule) authlib.Policy {
			return map[string]authlib.Policy{
				"tool":     {Tools: map[string]authlib.Rule{key.text: r}},
				"prompt":   {Prompts: map[string]authlib.Rule{key.text: r}},
				"resource": {Resources: map[string]authlib.Rule{key.text: r}},
			}[what]
		})
	})
	return out
}

// rule reads one rule. alone makes a policy that holds a rule in its place, by which
// each word is checked.
func (d *decoder) rule(n *node, alone func(authlib.Rule) authlib.Policy) authlib.Rule {
	var r authlib.Rule
	if n.kind != aMapping {
		d.at(n, "a rule is a mapping, and this is "+string(n.kind), "write {} where a caller is all that is needed, or {all_scopes: [name]}")
		return r
	}
	lists := lists(&r)
	demands := false
	d.each(n, func(key, value *node) {
		list, ok := lists[key.text]
		switch {
		case key.text == "public":
			r.Public = d.boolean(value)
		case ok:
			demands = true
			*list = d.words(value, func(s string) error { return demanding(key.text, s, alone) })
			d.wants(key.text, value)
		default:
			d.unknown(key, append(slices.Sorted(maps.Keys(lists)), "public"), inARule)
		}
	})
	if r.Public && demands {
		d.at(n, "the rule is public and demands something as well", "it can only be one of the two: drop public, or the rest")
	}
	return r
}

// lists returns the lists of r by their keys.
func lists(r *authlib.Rule) map[string]*[]string {
	return map[string]*[]string{
		"all_scopes": &r.AllScopes, "any_scope": &r.AnyScope, "any_role": &r.AnyRole,
		"any_permission": &r.AnyPermission, "any_issuer": &r.AnyIssuer,
	}
}

// demanding asks authlib about a rule that demands s alone. There is a role that may
// do anything, so that a permission is refused only for how it is written.
func demanding(key, s string, alone func(authlib.Rule) authlib.Policy) error {
	var r authlib.Rule
	*lists(&r)[key] = []string{s}
	p := alone(r)
	p.RolePermissions = map[string][]string{"any": {"*"}}
	return p.Validate()
}

// wants remembers the permissions that rules demand.
func (d *decoder) wants(key string, n *node) {
	if key != "any_permission" {
		return
	}
	for _, item := range n.items {
		d.wanted = append(d.wanted, word{item.text, item})
	}
}

func (d *decoder) boolean(n *node) bool {
	if n.kind != aBoolean {
		d.at(n, "true or false is wanted, and this is "+string(n.kind), "write true or false, without quotes")
	}
	return n.kind == aBoolean && n.text == "true"
}

// words reads a list of names that has at least one, and none twice.
func (d *decoder) words(n *node, valid func(string) error) []string {
	switch {
	case n.kind == aString:
		d.at(n, "a list is wanted, and this is text", "put it in brackets, as in [name]")
		return nil
	case n.kind != aList:
		d.at(n, "a list is wanted, and this is "+string(n.kind), "write one, as in [name]")
		return nil
	case len(n.items) == 0:
		d.at(n, "the list is empty, which demands nothing and gives nothing", "name something, or leave the key out")
		return nil
	}
	var out []string
	for seen, i := map[string]bool{}, 0; i < len(n.items); i++ {
		if d.wordOf(n.items[i], seen, valid) {
			out = append(out, n.items[i].text)
		}
	}
	return out
}

func (d *decoder) wordOf(n *node, seen map[string]bool, valid func(string) error) bool {
	if n.kind != aString {
		d.at(n, "text is wanted, and this is "+string(n.kind), "put it in quotes if it is meant as a name")
		return false
	}
	if !d.name(n) {
		return false
	}
	if seen[n.text] {
		d.at(n, quote(n.text)+" is in the list twice", "keep one")
		return false
	}
	seen[n.text] = true
	return d.valid(n, valid(n.text))
}

// valid records what authlib says against the word at n.
func (d *decoder) valid(n *node, err error) bool {
	if err == nil {
		return true
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "authlib: "), "\n")
	problem, cure, ok := strings.Cut(first, "; ")
	if !ok {
		cure = "correct it"
	}
	d.at(n, problem, cure)
	return false
}

// maxName is how long a name may be, in bytes.
const maxName = 1000

// name refuses names that nothing has, and that do not look like what they are.
func (d *decoder) name(n *node) bool {
	switch s := n.text; {
	case s == "":
		d.at(n, "a name is empty", "name something, or take it out")
	case len(s) > maxName:
		d.at(n, "a name is longer than "+itoa(maxName)+" bytes", "shorten it")
	case strings.TrimSpace(s) != s:
		d.at(n, quote(s)+" begins or ends with a space", "take it out")
	case strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }):
		d.at(n, quote(s)+" has characters that can't be seen", "write what the server calls it")
	default:
		return true
	}
	return false
}

func itoa(n int) string { return strconv.Itoa(n) }
