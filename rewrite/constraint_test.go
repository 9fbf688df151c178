package rewrite_test

import (
	"context"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
)

// Programs for one system or tag, and names that are taken in files of other builds.
const otherBuilds = `mcp-go programs
-- forlinux/main_linux.go --
package main

import (
	"log"

	"github.com/mark3labs/mcp-go/server"
)

func main() { log.Fatal(server.NewStreamableHTTPServer(server.NewMCPServer("a", "1")).Start(":8080")) }
-- tagged/main.go --
// Command tagged is built for whoever asks for it.

//go:build special || (linux && !never)

package main

import (
	"log"

	"github.com/mark3labs/mcp-go/server"
)

func main() { log.Fatal(server.NewStreamableHTTPServer(server.NewMCPServer("b", "1")).Start(":8081")) }
-- tagged/more_linux_amd64.go --
package main
-- everywhere/main.go --
package main

import (
	"log"

	"github.com/mark3labs/mcp-go/server"
)

func main() { log.Fatal(server.NewStreamableHTTPServer(server.NewMCPServer("c", "1")).Start(":8082")) }
-- everywhere/names_windows.go --
package main

// What the wiring would be called, and what it would import.
func newMCPAuth() {}

type broker struct{}
-- everywhere/never.go --
//go:build never

package main

const mcpPolicy = "taken"
-- everywhere/main_test.go --
package main

import "testing"

func newMCPAuth2() {}

func TestNames(t *testing.T) { newMCPAuth2() }
-- everywhere/mcp_auth.go --
package main
`

// The wiring builds where its package builds and nowhere else, and takes no name
// that a file of another build has.
func TestWiringAndFilesOfOtherBuilds(t *testing.T) {
	quiet(t)
	ctx := context.Background()
	dir := lay(t, txtar.Parse([]byte(otherBuilds)))
	plan := planOf(t, dir, nil)
	wiring := map[string]string{}
	for _, f := range plan.Files {
		if f.Old == nil && strings.Contains(f.Rel, "mcp_auth") {
			wiring[f.Rel] = string(f.New)
		}
	}
	for name, want := range map[string][]string{
		"forlinux/mcp_auth.go":         {"//go:build linux\n\npackage main\n"},
		"tagged/mcp_auth.go":           {"//go:build special || (linux && !never) || (linux && amd64)\n\npackage main\n"},
		"everywhere/mcp_auth_mcpgo.go": {"func newMCPAuth3() ", "func mcpPolicy2() ", "brokerpkg \""},
	} {
		for i, w := range want {
			if i == 0 && !strings.HasPrefix(w, "func") && !strings.HasPrefix(wiring[name], w) || !strings.Contains(wiring[name], w) {
				t.Errorf("%s lacks %q:\n%s", name, w, wiring[name])
			}
		}
	}
	if err := rewrite.Verify(ctx, plan); err != nil {
		t.Fatal(err)
	}
	if err := rewrite.Write(ctx, plan); err != nil {
		t.Fatal(err)
	}
	for _, build := range [][]string{{"GOOS=windows", "./..."}, {"GOFLAGS=-trimpath -tags=never", "./everywhere"}} {
		if _, err := gocmd.Run(ctx, dir, []string{build[0], "CGO_ENABLED=0"}, "vet", build[1]); err != nil {
			t.Errorf("%v: %v", build, err)
		}
	}
}
