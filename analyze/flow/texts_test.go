package flow

import (
	"fmt"
	"testing"
)

// TestSprintfOfConstants: what is put together here is what the program puts together.
func TestSprintfOfConstants(t *testing.T) {
	for _, c := range []struct {
		format string
		args   []any
	}{
		{"%s_%s", []any{"notes", "list"}},
		{"%v-%d", []any{"page", 2}},
		{"%03d|%x|%5s|%-5s|", []any{7, 255, "ab", "ab"}},
		{"%q and %%", []any{"a b"}},
		{"%[2]s%[1]s", []any{"a", "b"}},
		{"%s", []any{"12"}},
		{"%.2s", []any{"long"}},
	} {
		args := []string{c.format}
		for _, a := range c.args {
			args = append(args, fmt.Sprint(a))
		}
		if got, want := sprintf(args), fmt.Sprintf(c.format, c.args...); got != want {
			t.Errorf("%q of %v: %q, want %q", c.format, c.args, got, want)
		}
	}
}
