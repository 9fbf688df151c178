package gosdk

import (
	"context"
	"net/http"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// decisionKey is where a request's TokenInfo.Extra carries the decision. The SDK's
// context is no place for it: on a session it is the first request's.
const decisionKey = "authlib.decision"

// bind hands the caller to the SDK, which takes it from its own RequireBearerToken
// only. That one demands an Authorization header, which the guard has taken away;
// so there is one for as long as it looks.
func (g *Guard) bind(h http.Handler) http.Handler {
	if _, sse := h.(*mcp.SSEHandler); sse {
		return http.HandlerFunc(refuseSSE)
	}
	bound := auth.RequireBearerToken(tokenInfo, nil)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		delete(r.Header, "Authorization")
		h.ServeHTTP(w, r)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header["Authorization"] = forSDK // the request is the guard's own copy
		bound.ServeHTTP(w, r)
	})
}

// forSDK is the header that RequireBearerToken wants to see. Read only.
var forSDK = []string{"Bearer decided"}

// tokenInfo is the verifier of RequireBearerToken: it verifies nothing, the guard
// has. Its expiry is kept in the SDK's future for the same reason.
func tokenInfo(ctx context.Context, _ string, _ *http.Request) (*auth.TokenInfo, error) {
	d, ok := authlib.Decided(ctx)
	if !ok {
		return nil, auth.ErrInvalidToken
	}
	info := &auth.TokenInfo{
		Expiration: time.Now().Add(time.Hour),
		Extra:      map[string]any{decisionKey: d},
	}
	owner := "anonymous" // no Principal.ID, which always has a "|"
	if p := d.Principal(); p != nil {
		owner, info.Scopes = p.ID(), p.Scopes
		if p.Expiry.After(time.Now()) {
			info.Expiration = p.Expiry
		}
	}
	setUser(info, owner)
	return info, nil
}

func refuseSSE(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "this server's SSE transport can't be guarded: go-sdk runs what anybody posts to an SSE session as the one "+
		"who opened it; serve mcp.NewStreamableHTTPHandler instead", http.StatusNotImplemented)
}
