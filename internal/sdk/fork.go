package sdk

import "strings"

// Fork returns what the names of s mean in another module that has them as well: a
// fork, a mirror, or a shim with the same API. prefix stands in place of s.Module in
// import paths, and module is the module that holds them. No adapter guards it: its
// types are not those of the SDK.
func (s *Spec) Fork(prefix, module string) *Spec {
	f := *s
	f.Name, f.Module, f.Versioned, f.ForkOf, f.Further = prefix, prefix, module, s.Name, nil
	f.ByHand = "put Guard.Protect in front of the transport where it is mounted, as in mux.Handle(\"/mcp\", guard.Protect(handler)): " +
		prefix + " has the names of " + s.Name + " but types of its own, for which there is no adapter"
	f.Symbols, f.Types = nil, nil
	for _, sym := range s.Symbols {
		if moved, ok := s.moved(sym.Pkg, prefix); ok {
			sym.Pkg = moved
			f.Symbols = append(f.Symbols, sym)
		}
	}
	for _, typ := range s.Types {
		if moved, ok := s.moved(typ.Pkg, prefix); ok {
			typ.Pkg = moved
			f.Types = append(f.Types, typ)
		}
	}
	return &f
}

func (s *Spec) moved(path, prefix string) (string, bool) {
	tail, ok := strings.CutPrefix(path, s.Module)
	return prefix + tail, ok
}

// Marks returns texts by which a file is told that may use the SDK's names, or those of
// a fork: calls of what makes its servers and transports.
func (s *Spec) Marks() []string {
	var list []string
	for _, sym := range s.Symbols {
		if sym.Recv != "" || sym.Role != RoleServer && sym.Role != RoleTransport {
			continue
		}
		name := sym.Name + "("
		if sym.Name == "NewServer" { // of which there are many
			name = sym.Pkg[strings.LastIndexByte(sym.Pkg, '/')+1:] + "." + name
		}
		list = append(list, name)
	}
	return list
}
