package policyfile

import (
	"maps"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// policy reads the whole file.
func (d *decoder) policy(root *node) authlib.Policy {
	var p authlib.Policy
	if root.kind != aMapping {
		d.at(root, "a policy is a mapping, and this is "+string(root.kind), "begin with a key such as base: or tools:")
		return p
	}
	if len(root.pairs) == 0 {
		d.empty(root.line, root.col)
		return p
	}
	sections := map[string]func(*node){
		"base":      func(n *node) { p.Base = d.base(n) },
		"tools":     func(n *node) { p.Tools = d.rules(n, "tool") },
		"prompts":   func(n *node) { p.Prompts = d.rules(n, "prompt") },
		"resources": func(n *node) { p.Resources = d.rules(n, "resource") },
		"unlisted":  func(n *node) { p.Unlisted = d.unlisted(n) },
		"implies":   func(n *node) { p.Implies = d.implies(n) },
		"roles":     func(n *node) { p.RolePermissions = d.roles(n) },
	}
	d.each(root, func(key, value *node) {
		if read, ok := sections[key.text]; ok {
			read(value)
			return
		}
		d.unknown(key, slices.Sorted(maps.Keys(sections)), elsewhere)
	})
	d.saysWhatHolds(root, p)
	d.together(root, p)
	return p
}

// each calls f for every pair of a mapping whose key is a name that was not there
// before.
func (d *decoder) each(n *node, f func(key, value *node)) {
	seen := map[string]*node{}
	for _, pair := range n.pairs {
		key := pair.key
		if key.kind != aString {
			d.at(key, "a key has to be text, and this is "+string(key.kind), "put it in quotes")
			continue
		}
		if first := seen[key.text]; first != nil {
			d.at(key, quote(key.text)+" is there twice, first on line "+itoa(first.line), "keep one; they are not merged")
			continue
		}
		seen[key.text] = key
		f(key, pair.value)
	}
}

// saysWhatHolds refuses a file that names nothing: what is not written is denied,
// and such a policy would open everything to everybody who has signed in.
func (d *decoder) saysWhatHolds(root *node, p authlib.Policy) {
	if len(p.Tools)+len(p.Prompts)+len(p.Resources) == 0 && p.Unlisted != authlib.UnlistedBase && len(d.faults) == 0 {
		d.at(root, "the policy names no tool, prompt or resource", "name them, or write unlisted: base, so that base holds for everything")
	}
}

func (d *decoder) unlisted(n *node) authlib.Unlisted {
	switch {
	case n.kind == aString && n.text == "deny":
		return authlib.UnlistedDeny
	case n.kind == aString && n.text == "base":
		return authlib.UnlistedBase
	}
	d.at(n, "unlisted is neither deny nor base", "deny refuses what the policy does not name; with base the base rule holds for it")
	return authlib.UnlistedDeny
}

// section wants a mapping that names something, and not too much.
func (d *decoder) section(n *node, what string, most int) bool {
	switch {
	case n.kind != aMapping:
		d.at(n, "a mapping by "+what+" is wanted, and this is "+string(n.kind), "leave the key out if there is nothing to say")
	case len(n.pairs) == 0:
		d.at(n, "nothing is named here", "leave the key out if there is nothing to say")
	case len(n.pairs) > most:
		d.at(n, "more than "+itoa(most)+" names", "write fewer; unlisted: base helps where most are the same")
	default:
		return true
	}
	return false
}

const (
	maxRules = 10000 // names of tools, prompts or resources
	maxWords = 1000  // roles, or scopes that include others
)
