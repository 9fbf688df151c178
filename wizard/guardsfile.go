package wizard

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// An OwnGuard is an entry below lint.guards of the answers file: a function that a person
// says is a check of callers.
type OwnGuard struct {
	Func         string // import path and name: "example.com/app/auth.Require", "example.com/app/auth.(*Keys).Require"
	SHA256       string // of its content, 64 lower-case hexadecimal digits: a function that changes is another one
	Reason       string
	Line, Column int // of the entry, from 1
}

// maxGuards bounds the entries of a file.
const maxGuards = 100

var (
	guardKeys  = []string{"func", "sha256", "reason"}
	sha256Text = regexp.MustCompile(`^[0-9a-f]{64}$`)
	funcText   = regexp.MustCompile(`^[\w.~/-]+\.(\(\*?\w+\)\.)?\w+$`)
)

// ReadGuards reads lint.guards of the file at path. A file that does not exist holds
// none. Every fault is an error that starts with path:line, and where it is about one
// value with path:line:column.
func ReadGuards(path string) ([]OwnGuard, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case info.Size() > maxAnswersFile:
		return nil, fmt.Errorf("%s: longer than %d bytes, which is no answers file", path, maxAnswersFile)
	}
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ParseGuards(path, src)
}

// ParseGuards is [ReadGuards] for bytes that were read before; path is for errors only.
func ParseGuards(path string, src []byte) ([]OwnGuard, error) {
	root, err := parseRoot(path, src)
	if err != nil || root == nil {
		return nil, err
	}
	if err := checkKeys(path, root, fileKeys); err != nil {
		return nil, err
	}
	lint := valueOf(root, "lint")
	if lint == nil || lint.Tag == "!!null" {
		return nil, nil
	}
	if lint.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d:%d: lint holds no keys; known: guards", path, lint.Line, lint.Column)
	}
	if err := once(path, lint); err != nil {
		return nil, err
	}
	if err := checkKeys(path, lint, []string{"guards"}); err != nil {
		return nil, err
	}
	return readGuards(path, valueOf(lint, "guards"))
}

func readGuards(path string, list *yaml.Node) ([]OwnGuard, error) {
	if list == nil || list.Tag == "!!null" {
		return nil, nil
	}
	if list.Kind != yaml.SequenceNode || len(list.Content) > maxGuards {
		return nil, fmt.Errorf("%s:%d:%d: guards is a list of at most %d entries with func, sha256 and reason", path, list.Line, list.Column, maxGuards)
	}
	var out []OwnGuard
	seen := map[string]int{}
	for _, n := range list.Content {
		g, err := readGuard(path, n)
		if err != nil {
			return nil, err
		}
		if line := seen[g.Func]; line > 0 {
			return nil, fmt.Errorf("%s:%d:%d: %s is there already, in line %d", path, g.Line, g.Column, Printable(g.Func), line)
		}
		seen[g.Func] = g.Line
		out = append(out, g)
	}
	return out, nil
}

// readGuard reads one entry, which has all keys, each once, each a plain text.
func readGuard(path string, n *yaml.Node) (OwnGuard, error) {
	if n.Kind != yaml.MappingNode {
		return OwnGuard{}, fmt.Errorf("%s:%d:%d: an entry of guards has the keys %s", path, n.Line, n.Column, strings.Join(guardKeys, ", "))
	}
	if err := once(path, n); err != nil {
		return OwnGuard{}, err
	}
	if err := checkKeys(path, n, guardKeys); err != nil {
		return OwnGuard{}, err
	}
	values := map[string]string{}
	for _, key := range guardKeys {
		v := valueOf(n, key)
		if v == nil {
			return OwnGuard{}, fmt.Errorf("%s:%d:%d: %s is missing", path, n.Line, n.Column, key)
		}
		if v.Kind != yaml.ScalarNode || v.Tag != "!!str" && key != "sha256" || strings.TrimSpace(v.Value) == "" {
			return OwnGuard{}, fmt.Errorf("%s:%d:%d: %s is a text that is not empty", path, v.Line, v.Column, key)
		}
		if key == "func" && !funcText.MatchString(v.Value) {
			return OwnGuard{}, fmt.Errorf("%s:%d:%d: %s names no function; write its import path and name, such as example.com/app/auth.Require or example.com/app/auth.(*Keys).Require", path, v.Line, v.Column, Printable(v.Value))
		}
		if key == "sha256" && !sha256Text.MatchString(v.Value) {
			return OwnGuard{}, fmt.Errorf("%s:%d:%d: sha256 is 64 lower-case hexadecimal digits; mcp-migrate lint says which", path, v.Line, v.Column)
		}
		values[key] = v.Value
	}
	return OwnGuard{Func: values["func"], SHA256: values["sha256"], Reason: strings.TrimSpace(values["reason"]), Line: n.Line, Column: n.Column}, nil
}

// once refuses a key that is there twice: which of them counts would be a guess.
func once(path string, mapping *yaml.Node) error {
	seen := map[string]bool{}
	for i := 0; i < len(mapping.Content); i += 2 {
		key := mapping.Content[i]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" || seen[key.Value] {
			return fmt.Errorf("%s:%d:%d: the key %s is there twice, or is no plain key", path, key.Line, key.Column, Printable(key.Value))
		}
		seen[key.Value] = true
	}
	return nil
}
