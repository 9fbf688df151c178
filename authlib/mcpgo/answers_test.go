package mcpgo_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// A mount that nobody guards gives strangers no way to answer what a tool asks
// somebody else, nor to cancel her calls: they can't name her session, although they
// may know all about her.
func TestStrangersNeitherAnswerNorCancel(t *testing.T) {
	a := newApp()
	started, sessions, ended := make(chan struct{}, 2), make(chan string, 2), make(chan string, 2)
	a.s.AddTool(mcp.NewTool("who"), func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		sessions <- server.ClientSessionFromContext(ctx).SessionID()
		started <- struct{}{}
		ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		defer cancel()
		if r.GetString("do", "") == "ask" {
			answer, err := a.s.RequestElicitation(ctx, mcp.ElicitationRequest{Params: mcp.ElicitationParams{
				Message: "Really delete everything?", RequestedSchema: map[string]any{"type": "object", "properties": map[string]any{}},
			}})
			if err == nil {
				ended <- "answered: " + string(answer.Action)
				return mcp.NewToolResultText(""), nil
			}
		}
		<-ctx.Done()
		ended <- ctx.Err().Error()
		return mcp.NewToolResultText(""), nil
	})
	url := serve(t, func(g *mcpgo.Guard) http.Handler {
		h := server.NewStreamableHTTPServer(g.Server(a.s), server.WithStateLess(true))
		mux := http.NewServeMux()
		g.Mount(mux, "/mcp", h)
		mux.Handle("/open", h)
		return mux
	})
	hash := sha256.Sum256([]byte((&authlib.Principal{Issuer: "https://id", Subject: "alice"}).ID()))
	guesses := []string{"", "caller-" + hex.EncodeToString(hash[:]), "caller-"}
	for _, args := range []string{`"do":"ask"`, `"do":"wait"`} {
		done := make(chan struct{})
		go func() {
			defer close(done)
			post(t, url+"/mcp", "alice", "", req("tools/call", `{"name":"who","arguments":{`+args+`}}`))
		}()
		<-started
		if id := <-sessions; len(id) < 64 {
			t.Errorf("her session is %q", id)
		}
		for _, session := range guesses {
			for id := range 5 {
				post(t, url+"/open", "", session, `{"jsonrpc":"2.0","id":`+strconv.Itoa(id)+`,"result":{"action":"accept","content":{}}}`)
			}
			post(t, url+"/open", "", session, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}`)
		}
		if how := <-ended; how != context.DeadlineExceeded.Error() {
			t.Errorf("%s: %s", args, how)
		}
		<-done
	}
}
