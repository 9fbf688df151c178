package wizard

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestParseAnswersRefuses(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"unknown top key", "answer:\n  store: file\n", `f.yaml:1:1: unknown key answer; did you mean answers? known: answers, lint`},
		{"unknown key", "lint:\n  x: 1\nanswers:\n  store: file\n  provder: [dev]\n", `f.yaml:5:3: unknown key provder; did you mean provider?`},
		{"scalar for list", "answers:\n  provider: github\n", "f.yaml:2: cannot unmarshal !!str `github` into []string; write a list, such as [github]"},
		{"list for scalar", "answers:\n  store: [file]\n", "f.yaml:2: cannot unmarshal !!seq into string"},
		{"repeated key", "answers:\n  store: file\n  store: memory\n", "f.yaml:3: mapping key \"store\" already defined at line 2"},
		{"repeated block", "answers:\n  store: file\nanswers:\n  store: memory\n", "f.yaml:3: mapping key \"answers\" already defined"},
		{"no mapping", "- a\n", "f.yaml:1: the file holds no keys"},
		{"answers no mapping", "answers: yes\n", "f.yaml:1: answers holds no keys"},
		{"two documents", "answers: {}\n---\nanswers: {}\n", "f.yaml: holds more than one document"},
		{"tab", "answers:\n\tstore: file\n", "f.yaml:2: found character that cannot start any token"},
		{"merge brings unknown", "answers:\n  <<: {bogus: 1}\n", "f.yaml:2:3: unknown key <<"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseAnswers("f.yaml", []byte(c.src))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want it to contain %q", err, c.want)
			}
		})
	}
}

func TestReadAnswers(t *testing.T) {
	path := filepath.Join(t.TempDir(), AnswersFile)
	if _, err := ReadAnswers(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	src := "lint:\n  anything: [1, {a: b}]\nanswers:\n  provider: [dev]\n  scopes: []\n  tool_scopes:\n    'del*': [admin]\n"
	if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := ReadAnswers(path)
	want := Answers{Provider: []string{"dev"}, Scopes: []string{}, ToolScopes: map[string][]string{"del*": {"admin"}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if err := os.WriteFile(path, make([]byte, maxAnswersFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadAnswers(path); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("oversized file: %v", err)
	}
}

// everything has every field set, with values that YAML would like to read otherwise.
func everything() Answers {
	return Answers{
		Provider: []string{"github"}, Allow: []string{"user:octo", "org:true"}, Store: "file", Requirement: "optional",
		Scopes: []string{"null", "1.5"}, Public: []string{"*", "a: b"}, ToolScopes: map[string][]string{"yes": {"no"}, "# x": {"y"}},
		ToolAnyScopes: map[string][]string{"del*": {"x", "y"}},
		ToolRoles:     map[string][]string{"a": {"b"}}, Unlisted: "deny", Stdio: "keep", Existing: "keep", Secrets: "keep",
		Servers: []string{"srv"}, ResourceURL: "https://example.com/mcp", Authlib: "copy", AuthlibDir: "internal/authlib",
		Issuer: "https://issuer", Audience: "0x10", IntrospectionURL: "https://issuer/introspect", AuthlibPackages: []string{"policyfile", "session/storetest"},
	}
}

func TestEveryFieldIsReadAndWritten(t *testing.T) {
	a := everything()
	v := reflect.ValueOf(a)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("everything() leaves %s out", v.Type().Field(i).Name)
		}
	}
	if n := len(Fields()); n != v.NumField() {
		t.Errorf("%d fields for %d members of Answers", n, v.NumField())
	}
	for _, f := range Fields() {
		var b Answers
		if err := f.Set(&b, f.Get(a)); err != nil || !reflect.DeepEqual(f.Get(b), f.Get(a)) {
			t.Errorf("%s: set %v, got %v, %v", f.Key, f.Get(a), f.Get(b), err)
		}
	}
	out, err := MarshalAnswers(nil, a)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseAnswers("f.yaml", out)
	if err != nil || !reflect.DeepEqual(got, a) {
		t.Errorf("read %+v, %v from\n%s", got, err, out)
	}
}

func TestMarshalAnswersKeeps(t *testing.T) {
	a := Answers{Provider: []string{"dev"}, Store: "memory", Scopes: []string{}}
	const block = "answers:\n  provider: [dev]\n  store: memory\n  scopes: []\n"
	for _, c := range []struct{ name, old, want string }{
		{"new file", "", fileHead + block},
		{"comment only", "# mine\n", "# mine\n" + block},
		{"no final newline", "lint:\n    a:   1", "lint:\n    a:   1\n" + block},
		{"before lint", "# top\n\nanswers:\n  store: file\n\n# about lint\nlint:\n    a:   1 # odd  spacing\n",
			"# top\n\nanswers:\n  store: memory\n  provider: [dev]\n  scopes: []\n\n# about lint\nlint:\n    a:   1 # odd  spacing\n"},
		{"after lint", "lint: {a: 1}\nanswers:\n  store: file\n  requirement: optional\n# the end\n",
			"lint: {a: 1}\nanswers:\n  store: memory\n  provider: [dev]\n  scopes: []\n# the end\n"},
		{"comments inside", "answers: # ours\n  # for laptops\n  provider: [github] # who\n  # last\n  store: file\nlint: {}\n",
			"answers: # ours\n  # for laptops\n  provider: [dev] # who\n  # last\n  store: memory\n  scopes: []\nlint: {}\n"},
		{"null block", "answers:\nlint: {}\n", block + "lint: {}\n"},
		{"crlf", "lint: 1\r\nanswers:\r\n  store: file\r\n", "lint: 1\r\nanswers:\r\n  store: memory\r\n  provider: [dev]\r\n  scopes: []\r\n"},
		{"same already", "answers: {store: memory,   provider: [dev], scopes: [ ]}", "answers: {store: memory,   provider: [dev], scopes: [ ]}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := MarshalAnswers([]byte(c.old), a)
			if err != nil || string(got) != c.want {
				t.Fatalf("got %v\n%s\nwant\n%s", err, got, c.want)
			}
			again, err := MarshalAnswers(got, a)
			if err != nil || string(again) != string(got) {
				t.Errorf("a second run changes the file: %v\n%s", err, again)
			}
		})
	}
}

func TestMarshalAnswersRefuses(t *testing.T) {
	for name, old := range map[string]string{
		"braces":             "{answers: {store: file}}\n",
		"unknown key":        "nope: 1\n",
		"anchor from before": "lint: &x [dev]\nanswers:\n  provider: *x\n",
	} {
		if got, err := MarshalAnswers([]byte(old), Answers{Store: "memory"}); err == nil {
			t.Errorf("%s: no error, file would become\n%s", name, got)
		}
	}
}

func FuzzMarshalAnswers(f *testing.F) {
	f.Add("# top\nanswers:\n  store: file # x\n\n# about\nlint:\n  a: 1\n")
	f.Add("lint: |\n  answers:\nanswers: {}\n")
	f.Fuzz(func(t *testing.T, old string) {
		a := Answers{Provider: []string{"dev"}, Scopes: []string{}}
		out, err := MarshalAnswers([]byte(old), a)
		if err != nil {
			return
		}
		if got, err := ParseAnswers("f", out); err != nil || !reflect.DeepEqual(got, a) {
			t.Errorf("%q became %q, which reads as %+v, %v", old, out, got, err)
		}
	})
}
