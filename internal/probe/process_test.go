package probe

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func must(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// program is a server that shows its environment, starts a copy of itself as a
// child when told to, and can end early.
const program = `package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
)

func main() {
	fmt.Println("hello from the program")
	if os.Args[1] == "end" {
		os.Exit(3)
	}
	if len(os.Args) > 2 {
		c := exec.Command(os.Args[0], os.Args[2])
		if err := c.Start(); err != nil {
			panic(err)
		}
	}
	http.ListenAndServe(os.Args[1], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, strings.Join(os.Environ(), "\n"))
	}))
}
`

func built(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"main.go": program, "go.mod": "module example.com/p\n\ngo 1.25.0\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bin, err := Build(t.Context(), dir, ".", dir)
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

func addr(t *testing.T) string {
	t.Helper()
	port, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("127.0.0.1:%d", port)
}

func TestProcess(t *testing.T) {
	t.Setenv("SECRET_OF_THE_SHELL", "hunter2")
	bin := built(t)
	a, child := addr(t), addr(t)
	p, err := Start(t.Context(), Options{Bin: bin, Dir: t.TempDir(), Addr: a, Args: []string{a, child}, Env: []string{"GIVEN=1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	got, err := (&Client{URL: "http://" + a}).Do(t.Context(), "GET")
	if err != nil {
		t.Fatal(err)
	}
	if env := string(got.Body); !strings.Contains(env, "GIVEN=1") || strings.Contains(env, "hunter2") {
		t.Errorf("environment of the program:\n%s", env)
	}
	waitFor(t, "the child listens", func() bool { return answers(t.Context(), child) })
	p.Stop()
	if answers(t.Context(), a) {
		t.Error("the program still listens after Stop")
	}
	waitFor(t, "the child is gone", func() bool { return !answers(t.Context(), child) })
	if !strings.Contains(p.Output(), "hello from the program") {
		t.Errorf("output %q", p.Output())
	}
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not in 10 s: %s", what)
		}
	}
}

func TestStartSaysWhyItFailed(t *testing.T) {
	bin := built(t)
	taken := addr(t)
	p, err := Start(t.Context(), Options{Bin: bin, Addr: taken, Args: []string{taken}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	for _, tt := range []struct {
		name string
		o    Options
		want []string
	}{
		{"taken", Options{Bin: bin, Addr: taken, Args: []string{taken}}, []string{"something listens on " + taken}},
		{"ends", Options{Bin: bin, Addr: addr(t), Args: []string{"end"}}, []string{"exit status 3", "hello from the program"}},
		{"elsewhere", Options{Bin: bin, Addr: addr(t), Args: []string{addr(t)}, Wait: 300 * time.Millisecond}, []string{"did not listen"}},
		{"no program", Options{Bin: bin + "x", Addr: addr(t)}, []string{"no such file"}},
		{"no build", Options{Dir: t.TempDir(), Addr: addr(t)}, []string{"build ."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Start(t.Context(), tt.o)
			if err == nil {
				p.Stop()
				t.Fatal("started")
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q lacks %q", err, w)
				}
			}
		})
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	var out tail
	for range 3 {
		fmt.Fprint(&out, strings.Repeat("x", outputLimit))
	}
	fmt.Fprint(&out, "end")
	if s := out.String(); len(s) != outputLimit+len("…") || !strings.HasSuffix(s, "xend") {
		t.Errorf("%d bytes kept, ending in %q", len(s), s[len(s)-5:])
	}
}
