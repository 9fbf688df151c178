// Package tui asks the wizard's questions on a terminal: as one page, or line by
// line where drawing is unwanted or impossible. It is the only package that
// imports huh.
package tui

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/mcp-migrate/mcp-migrate/wizard"
	"github.com/mcp-migrate/mcp-migrate/wizard/tui/internal/quiet"
)

// Package variables are initialised after the imports, bubbletea among them.
var _ = quiet.Restore()

// Options say where to ask.
type Options struct {
	In         io.Reader // where replies come from
	Out        io.Writer // where questions go: stderr, so that stdout stays the result's
	Env        []string  // the environment, as os.Environ gives it
	Accessible bool      // ask line by line, whatever the environment says
	NoColor    bool      // draw without colours
}

// New returns who asks, or nil when nobody can be asked: when In or Out is no
// terminal, or when the environment says that this is CI. In CI a page would wait
// for ever, also on a terminal that some runners make; --accessible still asks.
func New(o Options) wizard.Asker {
	in, ok := terminal(o.In)
	out, ok2 := terminal(o.Out)
	if !ok || !ok2 {
		return nil
	}
	lines := o.Accessible || truthy(lookup(o.Env, "ACCESSIBLE"))
	switch {
	case lines:
		return newPrompter(in, out)
	case truthy(lookup(o.Env, "CI")):
		return nil
	case lookup(o.Env, "TERM") == "dumb", !roomy(out):
		return newPrompter(in, out)
	}
	return &page{in: in, out: out, env: o.Env, noColor: o.NoColor || lookup(o.Env, "NO_COLOR") != ""}
}

// minWidth and minHeight are the smallest window that a page is drawn in, in
// cells. A field that has no room at all makes bubbles panic.
const (
	minWidth  = 40
	minHeight = 12
)

// roomy reports whether a page fits. Serial lines and some containers report
// 0×0, which means that nobody knows.
func roomy(out *os.File) bool {
	width, height, err := term.GetSize(int(out.Fd()))
	return err == nil && width >= minWidth && height >= minHeight
}

func terminal(stream any) (*os.File, bool) {
	f, ok := stream.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

func lookup(env []string, name string) string {
	value := ""
	for _, kv := range env {
		if k, v, _ := strings.Cut(kv, "="); k == name {
			value = v
		}
	}
	return value
}

// truthy reports whether the value of a switch in the environment means yes.
func truthy(v string) bool {
	switch strings.ToLower(v) {
	case "", "0", "false", "no", "off":
		return false
	}
	return true
}
