package policyfile_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/policyfile"
)

// FuzzParse checks what holds for all bytes: reading ends without a panic, what is
// read can be written and is read as the same policy again, authlib has nothing
// against it, and JSON means the same whichever reader gets it: what is refused as
// JSON is not accepted as YAML in its stead.
func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Add(asJSON(f, wholePolicy))
	for _, s := range []string{
		"tools: {a: {}}", `{"tools": {"a": {}, "a": {"public": true}}}`, "base: {}\nunlisted: base", "tools:\n  ? a\n  : {}\n",
		"tools: {a: &x {}, b: *x}", "tools: {<<: {a: {}}}", "%YAML 1.1\n---\ntools: {yes: {}}", "tools: {a: {public: True}}",
		`{"tools":{"\ud83d\ude00":{}}}`, "\ufefftools: {a: {}}", "tools: {a: {}}\n...\n---\n", "tools: {|\n a: {}}", "!!map {tools: {a: {}}}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fromYAML, yamlErr := policyfile.Parse("p.yaml", data)
		fromJSON, jsonErr := policyfile.Parse("p.json", data)
		if jsonErr == nil {
			survives(t, fromJSON)
		}
		if yamlErr != nil {
			return
		}
		survives(t, fromYAML)
		if json.Valid(data) && (jsonErr != nil || !reflect.DeepEqual(fromYAML, fromJSON)) {
			t.Errorf("%q as YAML is\n%+v\nand as JSON\n%+v, %v", data, fromYAML, fromJSON, jsonErr)
		}
	})
}

// survives writes p and reads it.
func survives(t *testing.T, p authlib.Policy) {
	t.Helper()
	if err := p.Validate(); err != nil {
		t.Errorf("authlib refuses it: %v\n%+v", err, p)
	}
	text, err := policyfile.Marshal(p)
	if err != nil {
		t.Fatalf("it can't be written: %v\n%+v", err, p)
	}
	if again, err := policyfile.Parse("p.yaml", text); err != nil || !reflect.DeepEqual(again, p) {
		t.Errorf("%v\n%+v\n%s\n%+v", err, p, text, again)
	}
}
