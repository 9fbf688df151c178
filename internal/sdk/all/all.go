// Package all is the one explicit list of the SDKs that are known.
package all

import (
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/foxy"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/gomcp"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/gosdk"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/mcpgo"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/mcpgolang"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/thinkin"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/trpc"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/viant"
)

// Specs returns what every known SDK's names mean, in the order in which
// messages name the SDKs. The caller owns the slice.
func Specs() []*sdk.Spec {
	return []*sdk.Spec{
		mcpgo.Spec(), gosdk.Spec(),
		mcpgolang.Spec(), gomcp.Spec(), foxy.Spec(), thinkin.Spec(), trpc.Spec(), viant.Spec(),
	}
}

// Modules returns the module paths of every known SDK.
func Modules() []string {
	var list []string
	for _, s := range Specs() {
		list = append(list, s.Modules()...)
	}
	return list
}

// Marks returns the texts by which files are told that may use a fork of an SDK that
// has an adapter.
func Marks() []string {
	var list []string
	for _, s := range Specs() {
		if s.ByHand == "" {
			list = append(list, s.Marks()...)
		}
	}
	return list
}

// Wirers returns who writes the wiring, by [sdk.Spec].Name. An SDK that is not in it
// is read, and never rewritten: its ByHand says what a person can do.
// The caller owns the map.
func Wirers() map[string]sdk.Wirer {
	return map[string]sdk.Wirer{
		mcpgo.Spec().Name: mcpgo.Wire,
		gosdk.Spec().Name: gosdk.Wire,
	}
}
