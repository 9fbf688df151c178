package rewrite

import "testing"

func TestMerge3(t *testing.T) {
	const base = "a\nb\nc\nd\ne\n"
	for name, tt := range map[string]struct {
		theirs, next, want string // "" is a conflict
	}{
		"apart":               {"A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n", "A\nb\nc\nd\nE\n"},
		"the same":            {"a\nB\nc\nd\ne\n", "a\nB\nc\nd\ne\n", "a\nB\nc\nd\ne\n"},
		"theirs alone":        {"a\nc\nd\ne\n", base, "a\nc\nd\ne\n"},
		"ours alone":          {base, "a\nb\nx\nc\nd\ne\n", "a\nb\nx\nc\nd\ne\n"},
		"one line twice":      {"a\nb\nC\nd\ne\n", "a\nb\nX\nd\ne\n", ""},
		"neighbours":          {"a\nB\nc\nd\ne\n", "a\nb\nC\nd\ne\n", ""},
		"at one place":        {"a\nb\nx\nc\nd\ne\n", "a\nb\ny\nc\nd\ne\n", ""},
		"removed and changed": {"a\nb\nd\ne\n", "a\nb\nC\nd\ne\n", ""},
	} {
		got, ok := merge3([]byte(base), []byte(tt.theirs), []byte(tt.next))
		if ok != (tt.want != "") || string(got) != tt.want {
			t.Errorf("%s: %q, %t; want %q", name, got, ok, tt.want)
		}
	}
}
