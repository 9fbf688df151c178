package authlib

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// What was decided on need not be read again, by the request that it came with and while
// that is served. Any other message is: one of the same length, an empty one, one of a
// batch, and one in a context that an SDK kept.
func TestOnlyWhatWasDecidedOnIsNotReadAgain(t *testing.T) {
	each := func(ctx context.Context, raw string) (ops []Operation, err error) {
		err = EachOperation(ctx, []byte(raw), func(op Operation) error {
			ops = append(ops, op)
			return nil
		})
		return ops, err
	}
	echo, fake := call("tools/call", `{"name":"echo"}`), call("tools/call", `{"name":"drop"}`)
	var kept context.Context
	served := newGuard(t, nil).Protect(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		kept = r.Context()
		body, _ := io.ReadAll(r.Body)
		for raw, want := range map[string]string{echo: "echo", fake: "drop"} {
			if ops, err := each(kept, raw); err != nil || !slices.Equal(ops, []Operation{{"tools/call", want}}) {
				t.Errorf("%s: %v, %v", raw, ops, err)
			}
		}
		if ops, err := each(kept, ""); err == nil {
			t.Errorf("nothing is %v", ops)
		}
		if string(body) != echo {
			return
		}
		if allocs := testing.AllocsPerRun(10, func() { _, _ = operationsOf(kept, body) }); allocs != 0 {
			t.Errorf("the message that was decided on is read again: %v allocations", allocs)
		}
	}))
	for _, body := range []string{echo, "[" + echo + "," + echo + "]"} {
		kept = nil
		served.ServeHTTP(httptest.NewRecorder(), post(body, as("alice")...))
		if kept == nil {
			t.Fatal("refused")
		}
		d, _ := Decided(kept)
		d.ops[0].Name = "drop" // what a kept decision says of another message is not asked
		if ops, err := each(kept, echo); err != nil || ops[0].Name != "echo" {
			t.Errorf("after the request: %v, %v", ops, err)
		}
	}
	kept = nil
	get := httptest.NewRequest(http.MethodGet, resourceURL, nil)
	get.Header.Set("Authorization", "Bearer alice")
	if served.ServeHTTP(httptest.NewRecorder(), get); kept == nil {
		t.Fatal("refused")
	}
}
