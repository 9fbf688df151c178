package analyze_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
)

// TestLaunch reads off each program of a fixture how it is told where to listen.
func TestLaunch(t *testing.T) {
	r := read(t, "launch.txtar")
	got := map[string]string{}
	for _, s := range r.Servers {
		for _, tr := range s.Transports {
			for _, route := range tr.Routes {
				got[s.ID] = launch(r, route)
			}
		}
	}
	for id, want := range map[string]string{
		"fixed":   `fixed addr=":9100" flag="" env="" port=false`,
		"flagged": `flagged addr="" flag="addr" env="" port=false`,
		"ported":  `ported addr="" flag="http-port" env="" port=true`,
		"environ": `environ addr="" flag="" env="PORT" port=true`,
		"two":     "several flags",
		"unsaid":  "neither a flag nor PORT",
		"lib":     "the module has 7 programs",
	} {
		if !strings.Contains(got[id], want) {
			t.Errorf("%s: %s, want %s", id, got[id], want)
		}
	}
}

func launch(r *analyze.Result, route *analyze.Route) string {
	l, err := r.Launch(route)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s addr=%q flag=%q env=%q port=%v", strings.TrimPrefix(l.Pkg.Path, "example.com/x/"), l.Addr, l.Flag, l.Env, l.Port)
}
