package mcpmigrate_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"go.yaml.in/yaml/v3"

	"github.com/mcp-migrate/mcp-migrate/authlib/policyfile"
)

// The schema for editors and the reader that programs use agree on what a schema can
// say. It is tested here, since authlib's own tests go with copies of it, whose modules
// have no library for schemas.
func TestThePolicySchemaAgreesWithTheReader(t *testing.T) {
	src, err := os.ReadFile("authlib/policyfile/policy.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(src, &s); err != nil {
		t.Fatal(err)
	}
	schema, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	for text, good := range map[string]bool{
		"base: {all_scopes: [a]}\ntools:\n  x: {}\n  y: {public: true}\n  z: {any_scope: [a, b], any_issuer: [\"https://github.com\"]}": true,
		"prompts: {p: {any_role: [r]}}": true,
		"resources: {\"notes://by-id/{id}\": {any_permission: [\"n:x\"]}}\nroles: {k: [\"n:*\"]}": true,
		"base: {}\nunlisted: base": true,
		"tools: {x: {public: false, any_role: [r]}}\nimplies: {a: [b]}\nunlisted: deny": true,
		"{}":                                        false,
		"base: {all_scopes: [a]}":                   false,
		"base: {}\nunlisted: deny":                  false,
		"Tools: {x: {}}":                            false,
		"tools: {x: {}}\nmethods: {ping: {}}":       false,
		"tools: {x: {scopes: [a]}}":                 false,
		"tools: {x: null}":                          false,
		"tools: null\nunlisted: base":               false,
		"tools: {}":                                 false,
		"tools: [x]":                                false,
		"tools: {x: {any_role: r}}":                 false,
		"tools: {x: {any_role: []}}":                false,
		"tools: {x: {any_role: [7]}}":               false,
		"tools: {x: {any_role: [r, r]}}":            false,
		"tools: {x: {public: \"true\"}}":            false,
		"tools: {x: {public: true, any_role: [r]}}": false,
		"tools: {\"\": {}}":                         false,
		"tools: {\"x \": {}}":                       false,
		"tools: {x: {}}\nbase: {public: true}":      false,
		"tools: {x: {}}\nunlisted: allow":           false,
		"tools: {x: {}}\nroles: {r: {}}":            false,
		"tools: {x: {}}\nimplies: {a: []}":          false,
		"tools: {x: {}}\nimplies: {}":               false,
		"[]":                                        false,
		"null":                                      false,
	} {
		var value any
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if err := schema.Validate(value); (err == nil) != good {
			t.Errorf("the schema about\n%s\n%v", text, err)
		}
		if _, err := policyfile.Parse("p.yaml", []byte(text)); (err == nil) != good {
			t.Errorf("the reader about\n%s\n%v", text, err)
		}
	}
}
