package policyfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// A jsonReader reads a JSON file token by token, since neither places nor keys that
// are there twice survive Unmarshal.
type jsonReader struct {
	d    *decoder
	data []byte
	dec  *json.Decoder
	at   int // offset of the last token, which is at line and col
	line int
	col  int
}

// json returns the root of a JSON file.
func (d *decoder) json(data []byte) *node {
	r := &jsonReader{d: d, data: data, dec: json.NewDecoder(bytes.NewReader(data)), line: 1, col: 1}
	r.dec.UseNumber()
	root := r.value(0)
	if root == nil {
		return nil
	}
	if line, col := r.next(); r.at < len(data) {
		d.fault(line, col, "something follows the policy", "keep one value")
		return nil
	}
	return root
}

// next returns where the next token begins.
func (r *jsonReader) next() (line, col int) {
	at := int(r.dec.InputOffset())
	for at < len(r.data) && bytes.IndexByte([]byte(" \t\r\n,:"), r.data[at]) >= 0 {
		at++
	}
	passed := r.data[r.at:at]
	r.line += bytes.Count(passed, []byte("\n"))
	if i := bytes.LastIndexByte(passed, '\n'); i >= 0 {
		r.col, passed = 1, passed[i+1:]
	}
	r.col += utf8.RuneCount(passed)
	r.at = at
	return r.line, r.col
}

// token returns the next token and a node with its place; nil after a fault.
func (r *jsonReader) token() (json.Token, *node) {
	line, col := r.next()
	t, err := r.dec.Token()
	if err == nil {
		return t, &node{line: line, col: col}
	}
	problem := err.Error()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		problem = "it ends early"
	}
	r.d.fault(line, col, "this is not JSON: "+problem, "correct it; comments need a .yaml file")
	return nil, nil
}

// value reads one value and what is below; nil after a fault.
func (r *jsonReader) value(depth int) *node {
	t, n := r.token()
	if n == nil {
		return nil
	}
	if depth > maxDepth {
		r.d.at(n, "the values are nested too deep", "a policy has three levels")
		return nil
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '[' {
			return r.list(n, depth)
		}
		return r.mapping(n, depth)
	case string:
		n.kind, n.text = aString, t
	case bool:
		n.kind, n.text = aBoolean, map[bool]string{true: "true", false: "false"}[t]
	case json.Number:
		n.kind = aNumber
	default:
		n.kind = aNull
	}
	return n
}

func (r *jsonReader) list(n *node, depth int) *node {
	n.kind = aList
	for r.dec.More() {
		one := r.value(depth + 1)
		if one == nil {
			return nil
		}
		n.items = append(n.items, one)
	}
	return r.end(n)
}

func (r *jsonReader) mapping(n *node, depth int) *node {
	n.kind = aMapping
	for r.dec.More() {
		key := r.value(depth + 1)
		if key == nil {
			return nil
		}
		value := r.value(depth + 1)
		if value == nil {
			return nil
		}
		n.pairs = append(n.pairs, pair{key, value})
	}
	return r.end(n)
}

// end reads the bracket that closes n.
func (r *jsonReader) end(n *node) *node {
	if _, closing := r.token(); closing == nil {
		return nil
	}
	return n
}
