package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// moduleName is what a report is about, for a person.
func moduleName(r *analyze.Report) string {
	if r.Module == "" && r.Workspace != nil {
		return "the workspace " + r.Workspace.File
	}
	return r.Module
}

// writeModules heads the text form of inspect.
func writeModules(b *bytes.Buffer, r *analyze.Report) {
	if r.Module != "" {
		fmt.Fprintf(b, "module %s\n", wizard.Printable(r.Module))
	}
	if r.Workspace == nil {
		return
	}
	fmt.Fprintf(b, "workspace %s\n", wizard.Printable(r.Workspace.File))
	for _, m := range r.Workspace.Modules {
		mark := ""
		if !m.LookedAt {
			mark = "  not looked at"
		}
		fmt.Fprintf(b, "  %s  %s%s\n", wizard.Printable(m.Module), wizard.Printable(m.Dir), mark)
	}
}

// unseenModules returns the folders of a workspace's modules that were not looked at.
func unseenModules(r *analyze.Report) []string {
	var dirs []string
	if r.Workspace != nil {
		for _, m := range r.Workspace.Modules {
			if !m.LookedAt {
				dirs = append(dirs, wizard.Printable(m.Dir))
			}
		}
	}
	return dirs
}

// elsewhere ends a sentence that says that something was not found.
func elsewhere(r *analyze.Report) string {
	dirs := unseenModules(r)
	if len(dirs) == 0 {
		return ""
	}
	return "; the workspace has further modules that were not looked at: " + strings.Join(dirs, ", ")
}

// noteUnseen names the modules of a workspace that were not looked at, lest
// silence about them look like a clean bill.
func (a *app) noteUnseen(r *analyze.Report) {
	if dirs := unseenModules(r); len(dirs) > 0 {
		a.note("note: other modules of the workspace were not looked at: %s; call it at the workspace root for all", strings.Join(dirs, ", "))
	}
}
