package wizard

import "slices"

// Facts is what analysis found out, as far as questions depend on it. The
// command fills it from the analysis report; the zero value means "nothing found".
type Facts struct {
	Module  string // module path
	Servers []ServerFact
}

// A ServerFact is one server value.
type ServerFact struct {
	ID         string // as --server takes it
	SDK        string // "mcp-go", "go-sdk"
	SDKVersion string // such as "v1.2.1"
	Place      string // file:line of the constructor, relative to the module root
	Transports []TransportFact
	Tools      []ToolFact
}

// A TransportFact is one way out of a server.
type TransportFact struct {
	Kind    string // "streamable-http", "sse", "stdio", "in-process"
	Verdict string // "protected", "unprotected", "unknown"
	Checks  []CheckFact
}

// A CheckFact is a check that is not ours in front of a transport.
type CheckFact struct {
	Name  string
	Place string // file:line, relative to the module root
}

// A ToolFact is one tool as it is registered on a server.
type ToolFact struct {
	Name        string // "" when Dynamic
	Dynamic     bool   // the name is computed at run time
	ReadOnly    bool
	Destructive bool
	Place       string      // file:line, relative to the module root
	Checks      []CheckFact // in its handler and around it
}

// HTTP reports whether the server is reachable over the network.
func (s ServerFact) HTTP() bool {
	return slices.ContainsFunc(s.Transports, func(t TransportFact) bool {
		return t.Kind == "streamable-http" || t.Kind == "sse"
	})
}

// Stdio reports whether the server is served over stdio.
func (s ServerFact) Stdio() bool {
	return slices.ContainsFunc(s.Transports, func(t TransportFact) bool { return t.Kind == "stdio" })
}

// changes reports whether the answers give the server anything to be protected by.
func (s ServerFact) changes(a Answers) bool { return s.HTTP() || a.Stdio == "token" && s.Stdio() }

// Selected returns the servers that the answers choose: those named, or else
// every server served over HTTP, and with --stdio token over stdio.
func (f Facts) Selected(a Answers) []ServerFact {
	var out []ServerFact
	for _, s := range f.Servers {
		if slices.Contains(a.Servers, s.ID) || len(a.Servers) == 0 && s.changes(a) {
			out = append(out, s)
		}
	}
	return out
}

// stdio reports whether a server that the answers may choose is served over stdio.
func (f Facts) stdio(a Answers) bool {
	return slices.ContainsFunc(f.Servers, func(s ServerFact) bool {
		return s.Stdio() && (len(a.Servers) == 0 || slices.Contains(a.Servers, s.ID))
	})
}

// checks returns the checks that stand in front of the selected servers already, and
// of their tools, each once.
func (f Facts) checks(a Answers) []CheckFact {
	var out []CheckFact
	add := func(list []CheckFact) {
		for _, c := range list {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	for _, s := range f.Selected(a) {
		for _, t := range s.Transports {
			add(t.Checks)
		}
		for _, t := range s.Tools {
			add(t.Checks)
		}
	}
	return out
}

// ToolNames returns the constant tool names of the selected servers, sorted and
// without duplicates.
func (f Facts) ToolNames(a Answers) []string {
	var names []string
	for _, s := range f.Selected(a) {
		for _, t := range s.Tools {
			if !t.Dynamic {
				names = append(names, t.Name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// hasDynamicTools reports whether a selected server has a tool whose name is
// only known at run time.
func (f Facts) hasDynamicTools(a Answers) bool {
	return slices.ContainsFunc(f.Selected(a), func(s ServerFact) bool {
		return slices.ContainsFunc(s.Tools, func(t ToolFact) bool { return t.Dynamic })
	})
}

// tool returns what is known of the named tool on the selected servers.
func (f Facts) tool(a Answers, name string) (ToolFact, bool) {
	for _, s := range f.Selected(a) {
		for _, t := range s.Tools {
			if !t.Dynamic && t.Name == name {
				return t, true
			}
		}
	}
	return ToolFact{}, false
}
