package policyfile_test

import (
	"context"
	"math/rand"
	"reflect"
	"slices"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/policyfile"
)

func nobody(context.Context, string) (*authlib.Principal, error) { return nil, authlib.ErrInvalidToken }

// names are hard to write without quotes.
var names = []string{"a", "delete_note", "yes", "no", "null", "~", "1", "0x1F", "1e3", "true", "<<", "*", "&x", "a: b", "a #b", "- a", "[x]", "{y}", "'", `"`, "é", "日本", "2001-01-01", "notes://by-id/{id}", "!t", "%", "@", "a,b", "1:30", "=", "y", "on", "?", "|", ">"}

var words = []string{"a", "read:data", "notes:write", "1", "yes", "null", "a,b", "{x}", "#", "~", "https://x.example.com/y"}

// some returns each of list with a probability of 1/n, and nil for none.
func some(r *rand.Rand, list []string, n int) []string {
	out := slices.DeleteFunc(slices.Clone(list), func(string) bool { return r.Intn(n) > 0 })
	if len(out) == 0 {
		return nil
	}
	return out
}

func randomRule(r *rand.Rand) authlib.Rule {
	if r.Intn(5) == 0 {
		return authlib.Rule{Public: true}
	}
	return authlib.Rule{
		AllScopes: some(r, words, 6), AnyScope: some(r, words, 6), AnyRole: some(r, names, 20),
		AnyPermission: some(r, []string{"*", "n:*", "n:x", "m:y:z"}, 6), AnyIssuer: some(r, []string{"https://one.example.com", "urn:x"}, 5),
	}
}

func randomRules(r *rand.Rand) map[string]authlib.Rule {
	list := some(r, names, 8)
	if list == nil {
		return nil
	}
	out := map[string]authlib.Rule{}
	for _, name := range list {
		out[name] = randomRule(r)
	}
	return out
}

func randomPolicy(r *rand.Rand) authlib.Policy {
	p := authlib.Policy{
		Tools: randomRules(r), Prompts: randomRules(r), Resources: randomRules(r), Unlisted: authlib.Unlisted(r.Intn(2)),
		RolePermissions: map[string][]string{"all": {"*"}},
	}
	if p.Base = randomRule(r); p.Base.Public {
		p.Base = authlib.Rule{}
	}
	if p.Tools == nil && p.Prompts == nil && p.Resources == nil {
		p.Unlisted = authlib.UnlistedBase
	}
	for _, role := range some(r, names, 10) {
		p.RolePermissions[role] = []string{"n:*", "m:x"}
	}
	for i, s := range words[:len(words)-1] {
		if narrower := some(r, words[i+1:], 5); narrower != nil {
			if p.Implies == nil {
				p.Implies = map[string][]string{}
			}
			p.Implies[s] = narrower
		}
	}
	return p
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	for seed := range int64(500) {
		p := randomPolicy(rand.New(rand.NewSource(seed)))
		text, err := policyfile.Marshal(p)
		if err != nil {
			t.Fatalf("seed %d: %v\n%+v", seed, err, p)
		}
		again, err := policyfile.Parse("p.yaml", text)
		if err != nil || !reflect.DeepEqual(again, p) {
			t.Fatalf("seed %d: %v\n%+v\n%s\n%+v", seed, err, p, text, again)
		}
		fromJSON, err := policyfile.Parse("p.json", asJSON(t, p))
		if err != nil || !reflect.DeepEqual(fromJSON, p) {
			t.Fatalf("seed %d: as JSON: %v\n%s", seed, err, asJSON(t, p))
		}
		if second, err := policyfile.Marshal(again); err != nil || string(second) != string(text) {
			t.Fatalf("seed %d: written differently: %v\n%s\n%s", seed, err, text, second)
		}
	}
}
