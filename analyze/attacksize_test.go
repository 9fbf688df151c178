package analyze_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fixture"
)

// tooLong is more of a processor's time than the analysis of one body may take, on a slow
// machine; how long that is on the wall depends on what else runs there.
const tooLong, givenUp = 5 * time.Second, 2 * time.Minute

// TestSizesThatMultiply checks that bodies whose paths, conditions or values multiply are
// given up in time, and are not called protected.
func TestSizesThatMultiply(t *testing.T) {
	for name, body := range map[string]string{
		"terms of a condition":        "if " + times(60, " && ", "(r.Header.Get(\"X-%d\") == \"\" || r.Host == \"%[1]d\")") + " { refuse(w); return }",
		"terms of the other kind":     "if " + times(400, " || ", "(r.Header.Get(\"X-%d\") == \"\" && r.Host == \"%[1]d\")") + " { refuse(w); return }",
		"arguments with many values":  "if strings.Join([]string{" + times(8, ", ", "pick(r, %d)") + "}, \"\") == r.Host { refuse(w); return }",
		"flags that each may be set":  times(300, "\n", "x%d := false; if r.URL.Query().Get(\"k%[1]d\") != \"\" { x%[1]d = true }\n_ = x%[1]d"),
		"variables beside them":       times(400, "\n", "v%d := r.Host") + "\n" + times(60, "\n", "if r.URL.Query().Get(\"k%d\") != \"\" { v%[1]d = bearer(r) }") + "\n" + times(400, "\n", "_ = v%d"),
		"loops in loops":              strings.Repeat("for range r.Header {\n", 14) + strings.Repeat("}\n", 14),
		"a value twice in each value": "n := node{}\n" + strings.Repeat("n = node{&n, &n}\n", 40) + "if fmt.Sprint(n) == \"\" { refuse(w); return }",
		"cases":                       "switch r.Host {\n" + times(2000, "\n", "case \"h%d\": refuse(w); return") + "\n}",
	} {
		t.Run(name, func(t *testing.T) {
			timed(t, "package main\n\nimport (\n\"fmt\"\n\"net/http\"\n\"os\"\n\"strings\"\n\n\"github.com/mark3labs/mcp-go/server\"\n)\n"+sizeProgram+
				"\nfunc guard(next http.Handler) http.Handler {\nreturn http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {\n_ = r.Header.Get(\"Authorization\")\n"+body+
				"\nif r.Header.Get(\"Authorization\") == \"\" { refuse(w); return }\nnext.ServeHTTP(w, r)\n})\n}\n")
		})
	}
}

const sizeProgram = `
func main() {
	h := server.NewStreamableHTTPServer(server.NewMCPServer("a", "1"))
	http.ListenAndServe(":1", guard(h))
}

type node struct{ a, b *node }

var _ = fmt.Sprint(os.Args, strings.ToUpper(""))

func refuse(w http.ResponseWriter) { http.Error(w, "no", http.StatusUnauthorized) }

func bearer(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return token
}

func pick(r *http.Request, n int) string {
	switch r.URL.Path {
	case "/a": return "a"
	case "/b": return "b"
	case "/c": return "c"
	case "/d": return "d"
	case "/e": return "e"
	case "/f": return "f"
	}
	return "g"
}
`

// TestMuxesInACircle checks muxes that are mounted on each other: such a program is no use,
// and nothing of it may end the tool.
func TestMuxesInACircle(t *testing.T) {
	for _, n := range []int{2, 12} {
		t.Run(fmt.Sprint(n), func(t *testing.T) { timed(t, circle(n)) })
	}
}

// circle is a program with n muxes, each mounted on all others.
func circle(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "\tm%d := http.NewServeMux()\n", i)
	}
	for i := range n {
		for j := range n {
			if i != j {
				fmt.Fprintf(&b, "\tm%d.Handle(\"/%d/\", m%[2]d)\n", i, j)
			}
		}
	}
	return "package main\n\nimport (\n\"net/http\"\n\n\"github.com/mark3labs/mcp-go/server\"\n)\n\nfunc main() {\n" + b.String() +
		"m0.Handle(\"/mcp\", server.NewStreamableHTTPServer(server.NewMCPServer(\"a\", \"1\")))\nhttp.ListenAndServe(\":1\", m1)\n}\n"
}

// timed analyses a program that lets strangers in, and fails when that takes too long.
func timed(t *testing.T, text string) {
	t.Helper()
	dir := fixture.Unpack(t, filepath.Join("testdata", "attack", "module.txtar"), map[string]string{"go.sum": filepath.Join("..", "go.sum")})
	write(t, dir, "main.go", text)
	before := spent(t)
	done := make(chan analyze.Verdict, 1)
	go func() {
		verdict, _ := worstOf(skimmed(t, dir))
		done <- verdict
	}()
	select {
	case verdict := <-done:
		if verdict != analyze.Unknown && verdict != analyze.Unprotected {
			t.Errorf("is called %q", verdict)
		}
		if took := spent(t) - before; took > tooLong {
			t.Errorf("took %s of a processor", took)
		}
	case <-time.After(givenUp):
		t.Fatalf("is not done after %s", givenUp)
	}
}

// times writes text, with its number in it, so often.
func times(n int, between, text string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(text, i)
	}
	return strings.Join(list, between)
}
