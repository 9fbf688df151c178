package policyfile

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yaml returns the root of a YAML file. The library only parses: it never gets to
// expand an alias or to choose a Go type.
func (d *decoder) yaml(data []byte) *node {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0:
		d.empty(1, 1)
		return nil
	case err != nil:
		d.syntax(err)
		return nil
	}
	switch err := dec.Decode(&second); {
	case err == nil:
		d.fault(second.Line, second.Column, "there is a second document", "keep one; policies are not merged")
		return nil
	case !errors.Is(err, io.EOF):
		d.syntax(err)
		return nil
	}
	return d.fromYAML(doc.Content[0], 0)
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// syntax records an error of the library, which knows the line alone.
func (d *decoder) syntax(err error) {
	text, line := strings.TrimPrefix(err.Error(), "yaml: "), 0
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = strings.Replace(text, m[0], "", 1)
	}
	d.fault(line, 0, "this is not YAML: "+text, "correct it; indentation is with spaces, and what begins with a sign is quoted")
}

// fromYAML converts n and what is below; nil after a fault.
func (d *decoder) fromYAML(n *yaml.Node, depth int) *node {
	out := &node{line: n.Line, col: n.Column}
	if cure := unwanted(n); cure != "" {
		d.at(out, "anchors, aliases, merge keys and tags are not read", cure)
		return nil
	}
	if depth > maxDepth {
		d.at(out, "the values are nested too deep", "a policy has three levels")
		return nil
	}
	switch n.Kind {
	case yaml.SequenceNode:
		out.kind = aList
		return d.listFromYAML(out, n, depth)
	case yaml.MappingNode:
		out.kind = aMapping
		return d.mappingFromYAML(out, n, depth)
	}
	out.kind, out.text = scalarKind(n), n.Value
	return out
}

// unwanted says what to do about a node that is more than it shows, or "".
func unwanted(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return "write the value out where it holds"
	case n.ShortTag() == "!!merge":
		return "write the keys out where they hold"
	case n.Style&yaml.TaggedStyle != 0:
		return "drop the tag, and quote text that looks like something else"
	}
	return ""
}

func (d *decoder) listFromYAML(out *node, n *yaml.Node, depth int) *node {
	for _, item := range n.Content {
		one := d.fromYAML(item, depth+1)
		if one == nil {
			return nil
		}
		out.items = append(out.items, one)
	}
	return out
}

func (d *decoder) mappingFromYAML(out *node, n *yaml.Node, depth int) *node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := d.fromYAML(n.Content[i], depth+1), (*node)(nil)
		if key != nil {
			value = d.fromYAML(n.Content[i+1], depth+1)
		}
		if value == nil {
			return nil
		}
		out.pairs = append(out.pairs, pair{key, value})
	}
	return out
}

// scalarKind takes true and false for booleans as JSON spells them only.
func scalarKind(n *yaml.Node) kind {
	switch n.ShortTag() {
	case "!!bool":
		if n.Value == "true" || n.Value == "false" {
			return aBoolean
		}
		return "a boolean in another spelling"
	case "!!null":
		return aNull
	case "!!int", "!!float":
		return aNumber
	case "!!timestamp":
		return aDate
	case "!!binary":
		return "binary data"
	}
	return aString
}
