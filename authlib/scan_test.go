package authlib

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func TestCanonicalForm(t *testing.T) {
	for in, want := range map[string]string{
		` { "jsonrpc" : "2.0" , "id":1, "method" :"ping" } `:                                                  `{"jsonrpc":"2.0","id":1,"method":"ping"}`,
		`{"json\u0072pc":"2\u002e0","id":-0.10E+2,"method":"pi\u006eg"}`:                                      `{"jsonrpc":"2.0","id":-0.10E+2,"method":"ping"}`,
		`{"jsonrpc":"2.0","id":"\/\u002F\u00e9é\ud83d\ude00","method":"ping"}`:                                `{"jsonrpc":"2.0","id":"//éé😀","method":"ping"}`,
		`{"jsonrpc":"2.0","id":"\u000a\u001F\"\\\u0022\u005c","method":"ping"}`:                               `{"jsonrpc":"2.0","id":"\n\u001f\"\\\"\\","method":"ping"}`,
		`{"jsonrpc":"2.0","method":"x","params":{"a":[1, [ ],{ }, null ,true]}}`:                              `{"jsonrpc":"2.0","method":"x","params":{"a":[1,[],{},null,true]}}`,
		`{"jsonrpc":"2.0","method":"tools/call","params":{"name":"n","arguments":{"A":1,"a":2,"ſ":3,"s":4}}}`: `{"jsonrpc":"2.0","method":"tools/call","params":{"name":"n","arguments":{"A":1,"a":2,"ſ":3,"s":4}}}`,
	} {
		got, _, err := new(scratch).parseBody([]byte(in), false)
		if err != nil || string(got) != want {
			t.Errorf("%s\n got %s, %v\nwant %s", in, got, err, want)
		}
	}
}

func TestRefusedBodies(t *testing.T) {
	deep := func(n int) string {
		return call("x", `{"arguments":`+strings.Repeat("[", n)+strings.Repeat("]", n)+`}`)
	}
	deepObjects := func(n int) string {
		return call("x", `{"arguments":`+strings.Repeat(`{"a":`, n)+"1"+strings.Repeat("}", n)+`}`)
	}
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(`,"k` + strconv.Itoa(i) + `":0`)
		}
		return b.String()[1:]
	}
	if _, _, err := new(scratch).parseBody([]byte(deep(maxDepth-2)), false); err != nil {
		t.Errorf("depth %d: %v", maxDepth, err)
	}
	if _, _, err := new(scratch).parseBody([]byte(deepObjects(maxDepth-2)), false); err != nil {
		t.Errorf("depth %d of objects: %v", maxDepth, err)
	}
	if _, _, err := new(scratch).parseBody([]byte(call("x", `{"arguments":{`+many(1000)+`}}`)), false); err != nil {
		t.Errorf("many arguments: %v", err)
	}
	for name, in := range map[string]string{
		"empty":                      ``,
		"no object":                  `"x"`,
		"truncated":                  `{"jsonrpc":"2.0","id":1,"method":"ping"`,
		"trailing data":              call("ping", "{}") + `{}`,
		"trailing NUL":               call("ping", "{}") + "\x00",
		"byte order mark":            "\ufeff" + call("ping", "{}"),
		"duplicate key":              `{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}`,
		"duplicate by escape":        `{"jsonrpc":"2.0","id":1,"method":"a","meth\u006fd":"b"}`,
		"case variant":               `{"jsonrpc":"2.0","id":1,"method":"a","Method":"b"}`,
		"case variant alone":         `{"jsonrpc":"2.0","id":1,"Method":"b"}`,
		"long s":                     `{"jsonrpc":"2.0","id":1,"method":"x","paramſ":{}}`,
		"long s, escaped":            `{"jsonrpc":"2.0","id":1,"method":"x","param\u017f":{}}`,
		"Kelvin sign":                call("tools/call", `{"name":"a","tas`+"\u212a"+`":{}}`),
		"deep in _meta":              call("x", `{"_meta":{"progressToken":1,"ProgressToken":2}}`),
		"deep in task":               call("tools/call", `{"name":"a","task":{"ttl":1,"TTL":2}}`),
		"deep in ref":                call("completion/complete", `{"ref":{"type":"ref/prompt","name":"a","NAME":"b"}}`),
		"deep in clientInfo":         call("initialize", `{"clientInfo":{"name":"a","nAme":"b"}}`),
		"duplicate in arguments":     call("tools/call", `{"name":"a","arguments":{"x":{"y":1,"y":2}}}`),
		"duplicate among many":       call("tools/call", `{"name":"a","arguments":{`+many(100)+`,"k7":1}}`),
		"duplicate in a result":      `{"jsonrpc":"2.0","id":1,"result":{"a":1,"a":2}}`,
		"invalid UTF-8":              call("tools/call", `{"name":"a`+"\xff"+`"}`),
		"overlong UTF-8":             call("tools/call", `{"name":"a`+"\xc0\xaf"+`"}`),
		"surrogate in UTF-8":         call("tools/call", `{"name":"a`+"\xed\xa0\x80"+`"}`),
		"lone surrogate":             call("tools/call", `{"name":"\ud800"}`),
		"reversed surrogates":        call("tools/call", `{"name":"\udc00\ud800"}`),
		"control character":          call("tools/call", "{\"name\":\"a\nb\"}"),
		"broken escape":              call("tools/call", `{"name":"\x"}`),
		"leading zero":               `{"jsonrpc":"2.0","id":01,"method":"ping"}`,
		"bare point":                 `{"jsonrpc":"2.0","id":1.,"method":"ping"}`,
		"plus":                       `{"jsonrpc":"2.0","id":+1,"method":"ping"}`,
		"NaN":                        call("x", `{"a":NaN}`),
		"trailing comma":             call("x", `{"a":1,}`),
		"comma in array":             call("x", `{"a":[1,]}`),
		"too deep":                   deep(maxDepth - 1),
		"too deep in objects":        deepObjects(maxDepth - 1),
		"too many keys":              call("x", `{`+many(maxProtoKeys+1)+`}`),
		"params of ping in an array": call("ping", `[1]`),
		"params that are a number":   call("ping", `5`),
		"params that are text":       call("ping", `"x"`),
		"task id of another type":    call("tasks/get", `{"taskId":12345}`),
		"foreign top key":            `{"jsonrpc":"2.0","id":1,"method":"ping","extra":1}`,
		"no version":                 `{"id":1,"method":"ping"}`,
		"version 1":                  `{"jsonrpc":"1.0","id":1,"method":"ping"}`,
		"method is no string":        `{"jsonrpc":"2.0","id":1,"method":["ping"]}`,
		"method null":                `{"jsonrpc":"2.0","id":1,"method":null}`,
		"empty method":               `{"jsonrpc":"2.0","id":1,"method":""}`,
		"method and result":          `{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}`,
		"neither":                    `{"jsonrpc":"2.0","id":1}`,
		"response without id":        `{"jsonrpc":"2.0","result":{}}`,
		"response with null id":      `{"jsonrpc":"2.0","id":null,"result":{}}`,
		"object as id":               `{"jsonrpc":"2.0","id":{},"method":"ping"}`,
		"params in an array":         `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":["a"]}`,
		"tool without a name":        call("tools/call", `{}`),
		"tool name is no string":     call("tools/call", `{"name":["a"]}`),
		"resource without a URI":     call("resources/read", `{"name":"a"}`),
		"completion without a ref":   call("completion/complete", `{}`),
		"task without an id":         call("tasks/get", `{}`),
		"name too long":              call("tools/call", `{"name":"`+strings.Repeat("a", maxName)+`"}`),
		"batch":                      "[" + call("ping", "{}") + "]",
	} {
		if out, _, err := new(scratch).parseBody([]byte(in), false); err == nil {
			t.Errorf("%s: accepted as %s", name, out)
		} else if strings.Contains(err.Error(), "ping") {
			t.Errorf("%s: the error repeats the body: %v", name, err)
		}
	}
}

func TestBatchBounds(t *testing.T) {
	one := call("ping", "{}")
	for n, ok := range map[int]bool{1: true, maxBatch: true, maxBatch + 1: false} {
		_, msgs, err := new(scratch).parseBody([]byte("["+strings.Repeat(one+",", n-1)+one+"]"), true)
		if (err == nil) != ok || ok && len(msgs) != n {
			t.Errorf("%d messages: %d, %v", n, len(msgs), err)
		}
	}
	for _, in := range []string{"[]", "[[" + one + "]]", "[1]", "[" + one, "[" + one + ",]"} {
		if _, _, err := new(scratch).parseBody([]byte(in), true); err == nil {
			t.Errorf("%s: accepted", in)
		}
	}
}

// FuzzParseBody checks that what is accepted means the same to encoding/json
// before and after, that the canonical form is stable and no longer than the
// original, and that a parser that folds case reads the method that was decided on.
func FuzzParseBody(f *testing.F) {
	for _, s := range []string{
		call("tools/call", `{"name":"a","arguments":{"x":"\u00e9\n\ud83d\ude00","y":[1,2.50,{}]}}`),
		`[` + call("ping", "{}") + `,{"jsonrpc":"2.0","method":"notifications/initialized"}]`,
		`{"jsonrpc":"2.0","id":"\"\\\/\b\f\n\r\t\u0000","result":null}`,
		`{"jsonrpc":"2.0","id":1,"method":"a","Method":"b"}`,
		call("tools/call", `{"name":"1234567","arguments":{"12345678":"é2345678","\u0031":[-0.5E+10,"1234567\"90\\"],"1":{"a":1,"\u0061":2}}}`),
		call("tools/call", `{"name":"a","arguments":{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":1,"k":2,"l":3,"m":4,"n":5,"o":6,"p":7,"q":8,"\u0061":9}}`),
		call("completion/complete", `{"ref":{"type":"ref/prompt","\u006eame":"\ud83d\ude00"},"_meta":{"\u212a":"ſ"}}`),
		` {"jsonrpc":"2.0","id":1e-5,"method":"subscriptions/listen","params":{"notifications":{"resourceSubscriptions":["a"]}}} `,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out, msgs, err := new(scratch).parseBody(bytes.Clone(in), true)
		if err != nil {
			var se *scanError
			if !errors.As(err, &se) {
				t.Fatalf("%q: error of type %T", in, err)
			}
			return
		}
		if len(out) > len(in) {
			t.Fatalf("%q grew to %q", in, out)
		}
		if twice := keyTwice(out); twice != "" {
			t.Fatalf("%q has the key %q twice in one object", in, twice)
		}
		before, after := decode(t, in), decode(t, out)
		if !reflect.DeepEqual(before, after) {
			t.Fatalf("%q means %v, %q means %v", in, before, out, after)
		}
		again, _, err := new(scratch).parseBody(bytes.Clone(out), true)
		if err != nil || !bytes.Equal(again, out) {
			t.Fatalf("%q is not canonical: %q, %v", out, again, err)
		}
		if len(msgs) == 1 && out[0] == '{' {
			var folded struct{ Method string }
			if err := json.Unmarshal(out, &folded); err != nil || folded.Method != msgs[0].method {
				t.Fatalf("%q: decided on %q, read as %q, %v", in, msgs[0].method, folded.Method, err)
			}
		}
	})
}

// keyTwice returns a key that an object of text has twice, as encoding/json reads it.
func keyTwice(text []byte) string {
	d := json.NewDecoder(bytes.NewReader(text))
	var open []map[string]bool // by object; nil for an array
	isKey := false
	for {
		token, err := d.Token()
		if err != nil {
			return ""
		}
		here := len(open) - 1
		switch token := token.(type) {
		case json.Delim:
			switch token {
			case '{':
				open = append(open, map[string]bool{})
			case '[':
				open = append(open, nil)
			default:
				open = open[:here]
			}
			isKey = len(open) > 0 && open[len(open)-1] != nil
			continue
		case string:
			if isKey && open[here][token] {
				return token
			}
			if isKey {
				open[here][token] = true
			}
		}
		isKey = !isKey && here >= 0 && open[here] != nil
	}
}

func decode(t *testing.T, b []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%q: accepted, but encoding/json refuses it: %v", b, err)
	}
	return v
}
