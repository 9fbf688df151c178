// Package peers drives the MCP clients that the Go SDKs bring along, as programs
// written with them do. Only the person in front of the browser is replaced: by a
// robot that fills in the pages and keeps their cookies.
package peers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
)

// ErrCannot is returned for what a client has no way to do.
var ErrCannot = errors.New("this client can't do that")

// callback is where the authorization server sends the browser; the robot stops
// there, so nothing need listen.
const callback = "http://127.0.0.1:7777/callback"

// Options of a [Peer].
type Options struct {
	URL      string            // the MCP endpoint
	Answers  map[string]string // what the user types, by the name of the form field
	Scopes   []string          // what the program asks for; nil: what the server's challenge says, where the client reads it
	Method   string            // how the client authenticates at the token endpoint; "" is none
	Document string            // URL of the client's metadata document; "" makes it register
	Protocol string            // MCP version; "" is one that every server here speaks
	HTTP     *http.Client      // nil is one of its own
}

// Tokens are what a client holds. They are secrets.
type Tokens struct{ Access, Refresh, ClientID string }

// String keeps the tokens out of logs.
func (Tokens) String() string { return "peers.Tokens" }

// GoString is String, for %#v.
func (Tokens) GoString() string { return "peers.Tokens" }

// A Peer is a client and its user. It is not safe for concurrent use.
type Peer interface {
	// Connect opens an MCP session. A server that asks for it gets a sign-in.
	Connect(ctx context.Context) error
	// Call calls a tool and returns the text of its result. A server that asks for
	// it gets another sign-in.
	Call(ctx context.Context, tool string, args map[string]any) (string, error)
	// Ask signs the user in anew and asks for scopes. It is what a program does that
	// was refused for want of scopes, where its client does not; [ErrCannot] where
	// it does.
	Ask(ctx context.Context, scopes ...string) error
	// Tokens returns what the client would use now, refreshed if need be.
	Tokens(ctx context.Context) (Tokens, error)
	// SignIns is how often the user had to sign in.
	SignIns() int
	// SignOut opens the server's sign-out page with the user's browser and confirms.
	SignOut(ctx context.Context) error
	// Close ends the MCP session.
	Close() error
}

// user is the person: a browser with cookies, and what is typed into it.
type user struct {
	browser http.Client
	answers map[string]string
	sent    int
}

func newUser(o Options) (*user, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &user{browser: http.Client{Jar: jar}, answers: o.Answers}, nil
}

// signIn returns the query that the browser brings back.
func (u *user) signIn(ctx context.Context, authURL string) (url.Values, error) {
	u.sent++
	back, err := robot.SignIn(ctx, &u.browser, authURL, u.answers)
	if err != nil {
		return nil, err
	}
	q := back.Query()
	if e := q.Get("error"); e != "" {
		return nil, fmt.Errorf("the authorization server refused: %q %q", e, q.Get("error_description"))
	}
	return q, nil
}

// SignIns is part of [Peer].
func (u *user) SignIns() int { return u.sent }
