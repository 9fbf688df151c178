package wizard

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

const fileHead = "# Answers of mcp-migrate. A further run reads them; flags win over them.\n"

// MarshalAnswers returns the answers file with the answers a in it. old is the
// file as it is, nil if there is none: other keys, comments and line endings stay
// as they are, byte for byte outside the answers, and a file that already says
// the same is returned unchanged. A file that [ParseAnswers] refuses is an error.
// It writes nothing.
func MarshalAnswers(old []byte, a Answers) ([]byte, error) {
	present, err := ParseAnswers(AnswersFile, old)
	if err != nil {
		return nil, err
	}
	root, err := parseRoot(AnswersFile, old)
	if err != nil {
		return nil, err
	}
	if root != nil && valueOf(root, "answers") != nil && reflect.DeepEqual(present, a) {
		return old, nil
	}
	start, end, err := blockRange(old, root)
	if err != nil {
		return nil, err
	}
	block, err := answersBlock(old[start:end], a)
	if err != nil {
		return nil, err
	}
	before, after := old[:start], old[end:]
	if len(bytes.TrimSpace(old)) == 0 {
		before, after = []byte(fileHead), nil
	}
	out := joinLines(before, block, after)
	return out, checkRoundTrip(out, a)
}

// checkRoundTrip makes sure that what is written is read as what was meant.
func checkRoundTrip(out []byte, a Answers) error {
	got, err := ParseAnswers(AnswersFile, out)
	if err != nil {
		return fmt.Errorf("%s can't be changed without damage: %w; write the answers there by hand", AnswersFile, err)
	}
	if !reflect.DeepEqual(got, a) {
		return fmt.Errorf("%s can't be changed without damage; write the answers there by hand", AnswersFile)
	}
	return nil
}

// answersBlock encodes "answers:" and what is below it. present is the block as
// it stands, empty if there is none. It is parsed by itself, so that comments
// around it can't end up in it.
func answersBlock(present []byte, a Answers) ([]byte, error) {
	root, err := parseRoot(AnswersFile, present)
	if err != nil {
		return nil, fmt.Errorf("%w; the answers can't be changed without damage: write them there by hand", err)
	}
	if root == nil {
		root = &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{stringNode("answers"), {}}}
	}
	if root.Content[1].Kind != yaml.MappingNode {
		root.Content[1] = &yaml.Node{Kind: yaml.MappingNode}
	}
	updateMapping(root.Content[1], a)
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	err = enc.Encode(root)
	return b.Bytes(), err
}

// updateMapping sets, adds and removes keys so that the mapping says a.
func updateMapping(mapping *yaml.Node, a Answers) {
	for _, f := range Fields() {
		want := fieldNode(f, a)
		i := keyIndex(mapping, f.Key)
		switch {
		case want == nil && i >= 0:
			mapping.Content = append(mapping.Content[:i], mapping.Content[i+2:]...)
		case want != nil && i >= 0:
			want.LineComment = mapping.Content[i+1].LineComment
			mapping.Content[i+1] = want
		case want != nil:
			mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: f.Key}, want)
		}
	}
}

func keyIndex(mapping *yaml.Node, key string) int {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return i
		}
	}
	return -1
}

// fieldNode returns the value of a field as it stands in the file, nil when not answered.
func fieldNode(f Field, a Answers) *yaml.Node {
	v := f.Get(a)
	if v == nil {
		return nil
	}
	switch {
	case f.Kind == KindRules:
		return rulesNode(f, a)
	case f.isList():
		return listNode(v)
	}
	return stringNode(strings.Join(v, ""))
}

// isList reports whether the field of Answers is a list of strings.
func (f Field) isList() bool {
	var a Answers
	// Only a list can hold two values; Set refuses them elsewhere.
	return f.Kind != KindRules && f.Set(&a, []string{"x", "y"}) == nil
}

func stringNode(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}

func listNode(v []string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, s := range v {
		n.Content = append(n.Content, stringNode(s))
	}
	return n
}

func rulesNode(f Field, a Answers) *yaml.Node {
	m := a.ToolScopes
	switch f.Key {
	case "tool_any_scopes":
		m = a.ToolAnyScopes
	case "tool_roles":
		m = a.ToolRoles
	}
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, name := range sortedKeys(m) {
		n.Content = append(n.Content, stringNode(name), listNode(m[name]))
	}
	return n
}

// blockRange returns where the block of the answers stands in old; where there
// is none, the empty range at the end.
func blockRange(old []byte, root *yaml.Node) (start, end int, err error) {
	if root == nil {
		return len(old), len(old), nil
	}
	if root.Style&yaml.FlowStyle != 0 {
		return 0, 0, fmt.Errorf("%s:%d: is written in braces, which can't be changed without damage; write one key per line", AnswersFile, root.Line)
	}
	i := keyIndex(root, "answers")
	if i < 0 {
		return len(old), len(old), nil
	}
	start, end = lineOffset(old, root.Content[i].Line), len(old)
	if i+2 < len(root.Content) {
		end = lineOffset(old, root.Content[i+2].Line)
	}
	return start, commentStart(old, end), nil
}

// joinLines joins the parts with the line endings of the first.
func joinLines(before, block, after []byte) []byte {
	eol := []byte("\n")
	if bytes.Contains(before, []byte("\r\n")) || bytes.Contains(after, []byte("\r\n")) {
		eol = []byte("\r\n")
		block = bytes.ReplaceAll(block, []byte("\n"), eol)
	}
	out := bytes.Clone(before)
	if len(out) > 0 && out[len(out)-1] != '\n' {
		out = append(out, eol...)
	}
	out = append(out, block...)
	return append(out, after...)
}

// lineOffset returns the offset of the first byte of a line; lines count from 1.
func lineOffset(src []byte, line int) int {
	off := 0
	for ; line > 1; line-- {
		i := bytes.IndexByte(src[off:], '\n')
		if i < 0 {
			return len(src)
		}
		off += i + 1
	}
	return off
}

// commentStart moves an offset up over comments at the margin and blank lines,
// which belong to the key that follows.
func commentStart(src []byte, off int) int {
	for off > 0 {
		prev := bytes.LastIndexByte(src[:off-1], '\n') + 1
		line := bytes.TrimRight(src[prev:off], "\r\n")
		if len(bytes.TrimSpace(line)) > 0 && line[0] != '#' {
			break
		}
		off = prev
	}
	return off
}
