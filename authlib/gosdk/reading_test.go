package gosdk_test

import (
	"encoding/json"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// FuzzSameReading checks that whatever the guard takes for a call of a tool, a
// parser that compares keys without case (encoding/json, which mcp-go uses) and
// go-sdk's own take for the same call.
func FuzzSameReading(f *testing.F) {
	for _, s := range []string{
		req("tools/call", `{"name":"a"}`),
		req("tools/call", `{"name":"a","Name":"b"}`),
		req("tools/call", `{"name":"\u0061","arguments":{"x":1,"X":2}}`),
		req("prompts/get", `{"name":"a\ud83d\ude00\n"}`),
		req("resources/read", `{"uri":"file:///a","_meta":{"progressToken":1}}`),
		`{"jsonrpc":"2.0","id":1,"method":"ping","METHOD":"tools/call"}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","paramſ":{"name":"b"},"params":{"name":"a"}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","tas` + "\u212a" + `":{}}}`,
		`{"jsonrpc":"2.0","id":1,"result":{}}`,
		` {"id" : 1.50e3 , "jsonrpc":"2.0","method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"p"}}} `,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		ops, err := authlib.Operations(body)
		if err != nil {
			return
		}
		folded := foldedReading(t, body)
		msg, err := jsonrpc.DecodeMessage(body)
		if err != nil {
			return // go-sdk refuses it: nothing runs
		}
		r, isRequest := msg.(*jsonrpc.Request)
		if !isRequest {
			if folded.Method != "" || ops[0].Method != "response" {
				t.Fatalf("%q: a response to go-sdk, %v to the guard, method %q to encoding/json", body, ops, folded.Method)
			}
			return
		}
		var params struct{ Name, URI string }
		if len(r.Params) > 0 && json.Unmarshal(r.Params, &params) != nil {
			return // no SDK would run this
		}
		want := authlib.Operation{Method: r.Method}
		switch r.Method {
		case "tools/call", "prompts/get":
			want.Name = params.Name
		case "resources/read", "resources/subscribe", "resources/unsubscribe":
			want.Name = params.URI
		case "completion/complete":
			return // named by its ref; the table tests have it
		}
		if ops[0] != want || folded.Method != want.Method {
			t.Fatalf("%q: go-sdk runs %v, encoding/json reads %q, the guard decided on %v", body, want, folded.Method, ops)
		}
	})
}

type folded struct {
	Method string
	Params json.RawMessage
}

func foldedReading(t *testing.T, body []byte) (m folded) {
	t.Helper()
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatalf("%q: accepted, but encoding/json refuses it: %v", body, err)
	}
	return m
}
