package authlib

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"testing"
)

// A client finds the request that was refused by its id, in the form in which it came
// (JSON-RPC 2.0 §5). Where there is no one request, the id is null.
func TestARefusalNamesTheRequestByItsID(t *testing.T) {
	denied := func(id string) string {
		return `{"jsonrpc":"2.0","id":` + id + `,"method":"tools/call","params":{"name":"deploy"}}`
	}
	for body, want := range map[string]string{
		denied(`7`): `7`, denied(`"a\"b"`): `"a\"b"`,
		"[" + denied("1") + "," + denied("2") + "]": `null`, `{"jsonrpc":"2.0","id":1,"method":}`: `null`,
	} {
		w := httptest.NewRecorder()
		newGuard(t, nil).Protect(record(&seen{})).ServeHTTP(w, post(body, as("alice")...))
		var got struct{ ID json.RawMessage }
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || string(got.ID) != want {
			t.Errorf("%s\nis answered %s, want id %s", body, w.Body, want)
		}
	}
}

// What is usable is kept, in its order, wherever it stands among what is not.
func TestFilterKeepsWhatIsUsable(t *testing.T) {
	op := func(name string) Operation { return Operation{Method: "tools/call", Name: name} }
	for _, items := range [][]string{{}, {"a"}, {"x"}, {"a", "b"}, {"x", "a"}, {"a", "x", "b", "x", "c"}, {"x", "x", "a", "b", "x"}} {
		given := slices.Clone(items)
		var want []string
		for _, it := range items {
			if it != "x" {
				want = append(want, it)
			}
		}
		got := Filter(items, op, func(o Operation) bool { return o.Method == "tools/call" && o.Name != "x" })
		if !slices.Equal(got, want) || !slices.Equal(items, given) {
			t.Errorf("of %v: %v, want %v; it left %v", given, got, want, items)
		}
	}
}
