package authlib

import (
	"net/http"
	"net/url"
	"strings"
)

// A leaf is a public endpoint of a guard: it answers itself and leads nowhere
// else, so that no path can be made to look public and reach the MCP server.
type leaf struct {
	g    *Guard
	next http.Handler
}

func (g *Guard) leaf(h http.Handler) http.Handler { return &leaf{g, h} }

// ServeHTTP answers requests that are addressed to the configured host only:
// DNS rebinding would let a web page drive sign-in and consent.
func (l *leaf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !l.g.hostOK(r) {
		http.Error(w, "misdirected request", http.StatusMisdirectedRequest)
		return
	}
	l.next.ServeHTTP(w, r)
}

// A public endpoint and its exact path.
type endpoint struct {
	path string
	h    http.Handler // a *leaf
}

// endpoints returns the public endpoints. The metadata is served at the root
// well-known path as well, where older clients look for it, unless the guard is a
// further one of its origin.
func (g *Guard) endpoints() []endpoint {
	out := []endpoint{{g.MetadataPath(), g.MetadataHandler()}}
	if g.MetadataPath() != wellKnown && !g.isFurther() {
		out = append(out, endpoint{wellKnown, g.MetadataHandler()})
	}
	if g.cfg.AuthServer != nil {
		for _, p := range g.cfg.AuthServer.Paths() {
			out = append(out, endpoint{p, g.leaf(g.cfg.AuthServer)})
		}
	}
	return out
}

// isFurther reports whether the issuer has a path, which leaves the origin's own
// well-known paths to somebody else (RFC 8414 §3.1).
func (g *Guard) isFurther() bool {
	if g.cfg.AuthServer == nil {
		return false
	}
	u, err := url.Parse(g.cfg.AuthServer.Issuer())
	return err == nil && strings.Trim(u.Path, "/") != ""
}

// Handler serves mcp at path, behind the guard, and at their exact paths the
// metadata and authorization endpoints that clients need to get a token. With a
// path that ends in "/" everything below it is mcp's, and the path without that
// slash redirects to it as [http.ServeMux] does; with "/" everything else is mcp's.
// Other paths are 404.
func (g *Guard) Handler(path string, mcp http.Handler) http.Handler {
	public := map[string]http.Handler{}
	for _, e := range g.endpoints() {
		if _, taken := public[e.path]; !taken {
			public[e.path] = e.h
		}
	}
	protected := g.Protect(mcp)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch h, ok := public[r.URL.Path]; {
		case ok:
			h.ServeHTTP(w, r)
		case r.URL.Path == path, strings.HasSuffix(path, "/") && strings.HasPrefix(r.URL.Path, path):
			protected.ServeHTTP(w, r)
		case r.URL.Path != "" && r.URL.Path+"/" == path:
			to := url.URL{Path: path, RawQuery: r.URL.RawQuery}
			http.Redirect(w, r, to.String(), http.StatusTemporaryRedirect)
		default:
			http.NotFound(w, r)
		}
	})
}

// Mount registers h on mux at pattern, behind the guard, and the public endpoints
// at their exact paths. The pattern is one of [http.ServeMux], with a method and a
// host if wanted; the endpoints get the same host. An endpoint that an earlier
// Mount registered is left alone, so that one server can be mounted more than
// once; the root well-known path belongs to whoever takes it first, and never to a guard
// whose issuer has a path. As
// [http.ServeMux.Handle] does, Mount panics when a pattern conflicts with one that
// somebody else registered.
func (g *Guard) Mount(mux *http.ServeMux, pattern string, h http.Handler) {
	mux.Handle(pattern, g.Protect(h))
	host := patternHost(pattern)
	for _, e := range g.endpoints() {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodOptions} {
			if !mounted(mux, method, host, e) {
				mux.Handle(method+" "+host+e.path, e.h)
			}
		}
	}
}

// Public hands every public endpoint to handle with its exact path, for routers
// other than [http.ServeMux]: the MCP handler itself goes to that router behind
// [Guard.Protect]. The paths are those of the origin, so handle must add them to
// the outermost router, for all methods; with chi that is its method Handle.
func (g *Guard) Public(handle func(path string, h http.Handler)) {
	for _, e := range g.endpoints() {
		handle(e.path, e.h)
	}
}

// mounted reports whether the endpoint is on mux already.
func mounted(mux *http.ServeMux, method, host string, e endpoint) bool {
	r, err := http.NewRequest(method, "http://"+orNowhere(host)+e.path, nil)
	if err != nil {
		return false
	}
	h, pattern := mux.Handler(r)
	if e.path == wellKnown && strings.HasSuffix(pattern, wellKnown) {
		return true
	}
	if pattern != method+" "+host+e.path {
		return false
	}
	l, ok := h.(*leaf)
	return ok && l.g == e.h.(*leaf).g
}

// orNowhere names a host that no pattern names (RFC 6761 §6.4).
func orNowhere(host string) string {
	if host == "" {
		return "authlib.invalid"
	}
	return host
}

// patternHost returns the host of a ServeMux pattern: "[METHOD ][HOST]/[PATH]".
func patternHost(pattern string) string {
	if _, rest, ok := strings.Cut(pattern, " "); ok {
		pattern = strings.TrimLeft(rest, " \t")
	}
	host, _, _ := strings.Cut(pattern, "/")
	return host
}
