package edit

import (
	"bytes"
	"testing"
)

func TestApply(t *testing.T) {
	for _, tt := range []struct {
		name, src string
		edits     []Edit
		want      string
	}{
		{"no edit", "a\n", nil, "a\n"},
		{"insert keeps CRLF of the line", "a\r\nb\r\n", []Edit{{Start: 3, End: 3, New: "x\n"}}, "a\r\nx\r\nb\r\n"},
		{"insert at the end of a CRLF file without a last newline", "a\r\nb", []Edit{{Start: 4, End: 4, New: "\nc"}}, "a\r\nb\r\nc"},
		{"one CRLF line in an LF file", "a\nb\r\nc\n", []Edit{{Start: 0, End: 0, New: "x\n"}}, "x\na\nb\r\nc\n"},
		{"BOM and raw bytes outside stay", "\xef\xbb\xbfa\xff", []Edit{{Start: 3, End: 4, New: "b"}}, "\xef\xbb\xbfb\xff"},
		{"insertions at one offset keep their order", "s", []Edit{{Start: 1, End: 1, New: ")"}, {Start: 0, End: 0, New: "f("}, {Start: 1, End: 1, New: ", x"}}, "f(s), x"},
		{"insert and replace that touch", "abc", []Edit{{Start: 1, End: 2, New: "B"}, {Start: 1, End: 1, New: "-"}, {Start: 2, End: 2, New: "+"}}, "a-B+c"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Apply([]byte(tt.src), tt.edits)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestApplyRefuses(t *testing.T) {
	for name, edits := range map[string][]Edit{
		"overlap":      {{Start: 0, End: 2}, {Start: 1, End: 3}},
		"same range":   {{Start: 0, End: 2, New: "x"}, {Start: 0, End: 2, New: "x"}},
		"outside":      {{Start: 2, End: 9}},
		"reversed":     {{Start: 2, End: 1}},
		"inside other": {{Start: 0, End: 3}, {Start: 1, End: 1, New: "x"}},
	} {
		if out, err := Apply([]byte("abc"), edits); err == nil {
			t.Errorf("%s: got %q, want an error", name, out)
		}
	}
}

// FuzzApply: what lies outside the edits is in the result, byte for byte, and
// taking the insertion out again gives the source.
func FuzzApply(f *testing.F) {
	f.Add([]byte("package p\r\n\r\nfunc f() {}\r\n"), 11, "x := 1\n")
	f.Add([]byte(""), 0, "a")
	f.Fuzz(func(t *testing.T, src []byte, at int, text string) {
		at = int(uint(at) % uint(len(src)+1))
		out, err := Apply(src, []Edit{{Start: at, End: at, New: text}})
		if err != nil {
			t.Fatal(err)
		}
		added := len(out) - len(src)
		if !bytes.Equal(append(bytes.Clone(out[:at]), out[at+added:]...), src) {
			t.Errorf("%q at %d of %q gave %q", text, at, src, out)
		}
	})
}
