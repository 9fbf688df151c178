package policyfile

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"go.yaml.in/yaml/v3"
)

// Marshal returns p as a YAML file, with names in order, so that the same policy is
// always the same bytes. It reads the file again before it returns it, and what a
// file can't say is an error: what [Parse] refuses, and a policy that names nothing
// without [authlib.UnlistedBase], since a file denies what it does not write.
func Marshal(p authlib.Policy) ([]byte, error) {
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(document(p)), enc.Close()); err != nil {
		return nil, fmt.Errorf("policyfile: %w", err)
	}
	again, err := Parse("policy.yaml", out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("policyfile: the policy can't be written: %w", err)
	}
	if !reflect.DeepEqual(plainPolicy(again), plainPolicy(p)) {
		return nil, errors.New("policyfile: the policy can't be written: the file would say something else")
	}
	return out.Bytes(), nil
}

// plainPolicy is p without the difference between none and empty.
func plainPolicy(p authlib.Policy) authlib.Policy {
	p.Base = plainRule(p.Base)
	for _, rules := range []*map[string]authlib.Rule{&p.Tools, &p.Prompts, &p.Resources} {
		*rules = plainMap(*rules, plainRule)
	}
	list := func(l []string) []string { return l }
	p.Implies, p.RolePermissions = plainMap(p.Implies, list), plainMap(p.RolePermissions, list)
	return p
}

func plainMap[T any](m map[string]T, plain func(T) T) map[string]T {
	if len(m) == 0 {
		return nil
	}
	out := map[string]T{}
	for name, v := range m {
		out[name] = plain(v)
	}
	return out
}

func plainRule(r authlib.Rule) authlib.Rule {
	for _, list := range lists(&r) {
		if len(*list) == 0 {
			*list = nil
		}
	}
	return r
}

// document builds the file. Sections stand in the order in which they are explained.
func document(p authlib.Policy) *yaml.Node {
	root := &yaml.Node{Kind: yaml.MappingNode}
	if base := ruleNode(p.Base); len(base.Content) > 0 {
		add(root, "base", base)
	}
	addMap(root, "tools", p.Tools, ruleNode)
	addMap(root, "prompts", p.Prompts, ruleNode)
	addMap(root, "resources", p.Resources, ruleNode)
	addMap(root, "implies", p.Implies, listNode)
	addMap(root, "roles", p.RolePermissions, listNode)
	if p.Unlisted == authlib.UnlistedBase {
		add(root, "unlisted", textNode("base"))
	}
	return root
}

func add(to *yaml.Node, key string, value *yaml.Node) {
	to.Content = append(to.Content, textNode(key), value)
}

func addMap[T any](to *yaml.Node, key string, m map[string]T, node func(T) *yaml.Node) {
	if len(m) == 0 {
		return
	}
	section := &yaml.Node{Kind: yaml.MappingNode}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		add(section, name, node(m[name]))
	}
	add(to, key, section)
}

func ruleNode(r authlib.Rule) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	if r.Public {
		add(out, "public", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"})
	}
	lists := lists(&r)
	for _, key := range slices.Sorted(maps.Keys(lists)) {
		if len(*lists[key]) > 0 {
			add(out, key, listNode(*lists[key]))
		}
	}
	return out
}

func listNode(list []string) *yaml.Node {
	out := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, s := range list {
		out.Content = append(out.Content, textNode(s))
	}
	return out
}

// plainText needs no quotes in YAML, of whichever version.
var plainText = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]+$`)

// textNode is text. The library quotes what its own version of YAML would take for
// something else, but not all of what others would.
func textNode(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if word := strings.ToLower(s); !plainText.MatchString(s) || slices.Contains([]string{"yes", "no", "on", "off"}, word) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}
