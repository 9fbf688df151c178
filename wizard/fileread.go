package wizard

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// AnswersFile is the name of the answers file, in the module root.
const AnswersFile = ".mcp-migrate.yaml"

// maxAnswersFile bounds what is read, in bytes.
const maxAnswersFile = 1 << 20

// fileKeys are the keys that the file may hold at its top.
var fileKeys = []string{"answers", "lint"}

// ReadAnswers reads the answers below the key "answers" of the file at path. A
// file that does not exist is an error that wraps fs.ErrNotExist. Every other
// fault (an unknown or repeated key, a value of the wrong shape, a second
// document) is an error that starts with path:line.
func ReadAnswers(path string) (Answers, error) {
	f, err := os.Open(path)
	if err != nil {
		return Answers{}, err
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxAnswersFile+1))
	if err != nil {
		return Answers{}, err
	}
	if len(src) > maxAnswersFile {
		return Answers{}, fmt.Errorf("%s: longer than %d bytes, which is no answers file", path, maxAnswersFile)
	}
	return ParseAnswers(path, src)
}

// ParseAnswers is [ReadAnswers] for bytes that were read before; path is for errors only.
func ParseAnswers(path string, src []byte) (Answers, error) {
	root, err := parseRoot(path, src)
	if err != nil || root == nil {
		return Answers{}, err
	}
	if err := checkKeys(path, root, fileKeys); err != nil {
		return Answers{}, err
	}
	node := valueOf(root, "answers")
	if node == nil || node.Tag == "!!null" {
		return Answers{}, nil
	}
	if node.Kind != yaml.MappingNode {
		return Answers{}, fmt.Errorf("%s:%d: answers holds no keys; write, say, provider: [github] below it, indented", path, node.Line)
	}
	if err := checkKeys(path, node, answerKeys()); err != nil {
		return Answers{}, err
	}
	return decodeAnswers(path, src)
}

// decodeAnswers decodes strictly. Keys were checked before for the sake of a
// better message; KnownFields also reaches what aliases and merges bring in.
func decodeAnswers(path string, src []byte) (Answers, error) {
	var file struct {
		Answers Answers   `yaml:"answers"`
		Lint    yaml.Node `yaml:"lint"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(src))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil {
		return Answers{}, placeYAMLError(path, err)
	}
	return file.Answers, nil
}

// parseRoot returns the top mapping of the only document, or nil for an empty file.
func parseRoot(path string, src []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(src))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, placeYAMLError(path, err)
	}
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: holds more than one document; keep one", path)
	}
	root := doc.Content[0]
	if root.Tag == "!!null" {
		return nil, nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: the file holds no keys; write answers: and the answers below it", path, root.Line)
	}
	return root, nil
}

func checkKeys(path string, mapping *yaml.Node, known []string) error {
	for i := 0; i < len(mapping.Content); i += 2 {
		key := mapping.Content[i]
		if slices.Contains(known, key.Value) {
			continue
		}
		cure := "known: " + strings.Join(known, ", ")
		if s := Suggest(key.Value, known); s != "" {
			cure = "did you mean " + s + "? " + cure
		}
		return fmt.Errorf("%s:%d:%d: unknown key %s; %s", path, key.Line, key.Column, Printable(key.Value), cure)
	}
	return nil
}

func answerKeys() []string {
	var keys []string
	for _, f := range Fields() {
		keys = append(keys, f.Key)
	}
	return keys
}

// valueOf returns the value of a key in a mapping, nil if there is none.
func valueOf(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?line (\d+): `)

// placeYAMLError turns the line number inside yaml's message into path:line.
func placeYAMLError(path string, err error) error {
	msg := err.Error()
	var te *yaml.TypeError
	if errors.As(err, &te) && len(te.Errors) > 0 {
		msg = te.Errors[0]
	}
	if m := yamlLine.FindStringSubmatch(msg); m != nil {
		msg = strings.TrimPrefix(msg, m[0])
		if strings.Contains(msg, "into []string") {
			msg += "; write a list, such as [github]"
		}
		return fmt.Errorf("%s:%s: %s", path, m[1], msg)
	}
	return fmt.Errorf("%s: %s", path, strings.TrimPrefix(msg, "yaml: "))
}
