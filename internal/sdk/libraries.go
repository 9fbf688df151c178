package sdk

const mcpOAuth = "github.com/giantswarm/mcp-oauth"

// LibraryChecks returns middleware of libraries for authorization that are no SDK of
// servers; an SDK's own stands in its spec. The caller owns the slice.
//
// Read of mcp-oauth: (*Handler).ValidateToken and (*Server).ValidateToken, whole, at tag
// v0.2.29 (handler.go, server/flows.go), and at commits 010cef7c (handler/middleware.go)
// and 05b60c56 (server/validate.go), whose package paths are those of v1; providers/google
// and providers/dex. A token that is in the server's own store has its audience compared.
// One that is not (validateStoredToken returns neither token nor error) is shown to the
// provider's userinfo endpoint as it is, and that answers for a token that any other
// program was given: Google's for those of every program, Dex's for those of each of its
// clients. No option turns this off. So the verdict is not protected: a token for another
// resource is let in (RFC 8707 section 2).
func LibraryChecks() []Check {
	lets := "verifies tokens, and lets in those that its provider gave to other programs as well: a token that is not of its own store is shown to the provider's userinfo endpoint, and nobody compares its audience"
	return []Check{
		{Module: mcpOAuth, From: "v0.2.29", Through: "v0.2.29", Pkg: mcpOAuth, Recv: "Handler", Name: "ValidateToken", Verifies: true, LetsIn: lets},
		{Module: mcpOAuth, From: "v1.0.0", Through: "v1.2.16", Pkg: mcpOAuth + "/handler", Recv: "Handler", Name: "ValidateToken", Verifies: true, LetsIn: lets},
	}
}
