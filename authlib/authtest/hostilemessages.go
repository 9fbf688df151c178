package authtest

import (
	"net/http"
	"strings"
)

// badMessages are bodies that two readers could read in different ways, so that a
// guard decides on one message and the server runs another, and calls that the caller
// may not make.
func badMessages() []Attempt {
	const differ = "a guard may read one message and the server run another"
	body := func(name string, make func(a *attacker) string) Attempt {
		return Attempt{Name: name, Why: differ, Want: []int{400}, change: func(a *attacker, r *http.Request) { setBody(r, make(a)) }}
	}
	// call is a call of the tool with something put before its closing braces.
	call := func(envelope, params string) func(*attacker) string {
		return func(a *attacker) string {
			return `{"jsonrpc":"2.0","id":1000,"method":"tools/call","params":{"name":` + quoted(a.Tool) + `,"arguments":{}` + params + `}` + envelope + `}`
		}
	}
	list := []Attempt{
		body("the key method twice", call(`,"method":"ping"`, "")),
		body("the key name twice", call("", `,"name":"another"`)),
		body("the key params twice", call(`,"params":{"name":"another"}`, "")),
		body("the key id twice", call(`,"id":1`, "")),
		body("the key name again in capitals", call("", `,"Name":"another"`)),
		body("the key method again in capitals", call(`,"METHOD":"ping"`, "")),
		body("a key that is params but for a letter that folds to one of it", call(`,"param\u017f":{"name":"another"}`, "")),
		body("a key again with an escape", call("", `,"n\u0061me":"another"`)),
		body("bytes that are not UTF-8", call("", ",\"x\":\"\xff\xfe\"")),
		body("two messages one after the other", func(a *attacker) string { return a.call(a.Tool) + a.call(a.Tool) }),
		body("a message and something after it", func(a *attacker) string { return a.call(a.Tool) + "x" }),
		body("a byte order mark in front", func(a *attacker) string { return "\ufeff" + a.call(a.Tool) }),
		body("a comment", call(` /* */`, "")),
		body("a trailing comma", call(`,`, "")),
		body("ten thousand arrays in one another", call("", `,"x":`+strings.Repeat("[", 10000)+strings.Repeat("]", 10000))),
		body("no message at all", func(*attacker) string { return "" }),
		body("a message that is a string", func(a *attacker) string { return quoted(a.call(a.Tool)) }),
		body("a method that is no string", func(*attacker) string { return `{"jsonrpc":"2.0","id":1000,"method":["tools/call"],"params":{}}` }),
		body("a batch where the protocol has none", func(a *attacker) string { return "[" + a.call(a.Tool) + "]" }),
		{Name: "a method in capitals", Why: "rules about the method do not hold for it", Want: []int{400, 403}, rpcError: true,
			change: func(a *attacker, r *http.Request) {
				setBody(r, strings.Replace(a.call(a.Tool), "tools/call", "Tools/Call", 1))
			}},
	}
	for i := range list {
		if list[i].Name == "a batch where the protocol has none" {
			change := list[i].change
			list[i].change = func(a *attacker, r *http.Request) {
				r.Header.Set("Mcp-Protocol-Version", "2025-06-18")
				change(a, r)
			}
		}
	}
	return append(list, deniedCalls()...)
}

// deniedCalls are ways to a tool that the caller may not call.
func deniedCalls() []Attempt {
	denied := func(name string, want []int, change func(*attacker, *http.Request)) Attempt {
		return Attempt{Name: name, Why: "the caller may not call that tool", Want: want, change: change, needs: func(a *attacker) string {
			if a.Denied == "" {
				return "the Target names no Denied tool"
			}
			return ""
		}}
	}
	return []Attempt{
		denied("a tool that is not the caller's", []int{403}, func(a *attacker, r *http.Request) { setBody(r, a.call(a.Denied)) }),
		denied("a tool that is not the caller's, as a notification", []int{400, 403}, func(a *attacker, r *http.Request) {
			setBody(r, strings.Replace(a.call(a.Denied), `"id":1000,`, "", 1))
		}),
		denied("a tool that is not the caller's, as a task", []int{400, 403}, func(a *attacker, r *http.Request) {
			setBody(r, strings.Replace(a.call(a.Denied), `"params":{`, `"params":{"task":{},`, 1))
		}),
		denied("a tool that is not the caller's, second in a batch", []int{400, 403}, func(a *attacker, r *http.Request) {
			r.Header.Del("Mcp-Protocol-Version")
			setBody(r, "["+a.call(a.Tool)+","+strings.Replace(a.call(a.Denied), "1000", "1001", 1)+"]")
		}),
		denied("a tool that is not the caller's, under a header that names another", []int{400, 403}, func(a *attacker, r *http.Request) {
			r.Header.Set("Mcp-Method", "tools/call")
			r.Header.Set("Mcp-Name", a.Tool)
			setBody(r, a.call(a.Denied))
		}),
		denied("a tool that is not the caller's, behind a duplicate key", []int{400, 403}, func(a *attacker, r *http.Request) {
			setBody(r, `{"jsonrpc":"2.0","id":1000,"method":"tools/call","params":{"name":`+quoted(a.Tool)+`,"name":`+quoted(a.Denied)+`,"arguments":{}}}`)
		}),
		denied("a tool that is not the caller's, behind a key in capitals", []int{400, 403}, func(a *attacker, r *http.Request) {
			setBody(r, `{"jsonrpc":"2.0","id":1000,"method":"tools/call","params":{"name":`+quoted(a.Tool)+`,"NAME":`+quoted(a.Denied)+`,"arguments":{}}}`)
		}),
	}
}
