package wizard

import (
	"path/filepath"
	"strings"
	"testing"
)

const someHash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestReadGuards(t *testing.T) {
	src := "answers:\n  provider: [github]\nlint:\n  guards:\n    - func: example.com/app/auth.(*Keys).Require\n      sha256: " + someHash + "\n      reason: asks the key service\n"
	list, err := ParseGuards("f", []byte(src))
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	want := OwnGuard{Func: "example.com/app/auth.(*Keys).Require", SHA256: someHash, Reason: "asks the key service", Line: 5, Column: 7}
	if list[0] != want {
		t.Errorf("got %+v", list[0])
	}
	for _, empty := range []string{"", "answers:\n", "lint:\n", "lint:\n  guards:\n", "lint:\n  guards: []\n"} {
		if list, err := ParseGuards("f", []byte(empty)); err != nil || len(list) != 0 {
			t.Errorf("%q: %v, %v", empty, list, err)
		}
	}
	if list, err := ReadGuards(filepath.Join(t.TempDir(), "none")); err != nil || list != nil {
		t.Errorf("no file: %v, %v", list, err)
	}
}

// What is not understood as a whole trusts nothing: it is an error, with its place.
func TestGuardsAreReadStrictly(t *testing.T) {
	entry := func(lines ...string) string {
		return "lint:\n  guards:\n    - " + strings.Join(lines, "\n      ") + "\n"
	}
	for _, c := range []struct{ src, want string }{
		{"lint: yes\n", "f:1:7: lint holds no keys"},
		{"lint:\n  guard: []\n", "f:2:3: unknown key guard; did you mean guards?"},
		{"lint:\n  guards: {}\n", "f:2:11: guards is a list"},
		{"lint:\n  guards: [a]\n", "f:2:12: an entry of guards has the keys"},
		{"lint:\n  guards: []\n  guards: []\n", "f:3:3: the key guards is there twice"},
		{entry("func: a/b.C", "reason: x"), "f:3:7: sha256 is missing"},
		{entry("func: a/b.C", "sha256: "+someHash), "f:3:7: reason is missing"},
		{entry("func: a/b.C", "sha256: "+someHash, "reason: ' '"), "f:5:15: reason is a text"},
		{entry("func: a/b.C", "sha256: "+someHash, "reason: [x]"), "f:5:15: reason is a text"},
		{entry("func: a/b.C", "sha256: "+strings.ToUpper(someHash), "reason: x"), "f:4:15: sha256 is 64 lower-case"},
		{entry("func: '*'", "sha256: "+someHash, "reason: x"), "f:3:13: * names no function"},
		{entry("func: a/b.*", "sha256: "+someHash, "reason: x"), "f:3:13: a/b.* names no function"},
		{entry("func: a/b.C", "sha256: "+someHash, "reason: x", "verdict: protected"), "f:6:7: unknown key verdict"},
		{entry("func: a/b.C", "func: a/b.D", "sha256: "+someHash, "reason: x"), "f:4:7: the key func is there twice"},
		{entry("func: a/b.C", "sha256: "+someHash, "reason: x\n    - func: a/b.C", "sha256: "+someHash, "reason: y"), "f:6:7: a/b.C is there already, in line 3"},
		{"lint:\n  guards:\n    - &a\n      func: a/b.C\n      sha256: " + someHash + "\n      reason: x\n    - *a\n", "f:7:7: an entry of guards has the keys"},
	} {
		if _, err := ParseGuards("f", []byte(c.src)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q\n got %v\nwant %s", c.src, err, c.want)
		}
	}
}
