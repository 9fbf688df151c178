package doctor

import (
	"context"
	"errors"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/broker"
)

// ownToken looks a token that the program issued up in its store.
func (c *checking) ownToken(ctx context.Context, own bool) {
	switch {
	case strings.HasPrefix(c.token, "mcprt_"):
		c.Bad(stepForm, "it is a refresh token, which only the token endpoint takes", "send the access token, which begins with mcpat_; a refresh token that was shown to anybody else has to be revoked")
		return
	case !own:
		c.Bad(stepForm, "a program made by mcp-migrate issued it after a sign-in, and this one signs nobody in", "run doctor in the module of the program that issued it")
		return
	}
	c.Good(stepForm, "an access token that such a program issues")
	open := map[string]opener{"file": openFiles, "redis": openRedis}[c.o.Store]
	if open == nil {
		c.Skip("the program keeps its sessions in memory, so that only it can tell", stepSignIn)
		return
	}
	c.look(ctx, open)
}

func (c *checking) look(ctx context.Context, open opener) {
	o := SessionOptions{Place: c.o.Place, Now: c.o.Now}
	keys, ok := keyRing(c.Report, o)
	if !ok {
		return
	}
	store, done, ok := open(c.Report, o)
	if !ok {
		return
	}
	defer done()
	reader, err := broker.NewReader(broker.ReaderConfig{Resource: c.o.Resource, Store: store, Keys: keys, Now: c.o.Now})
	if err != nil {
		c.Stop(stepURL, err.Error(), "set MCP_RESOURCE_URL as the program has it")
		return
	}
	rec, err := reader.Token(ctx, c.token)
	c.record(rec, err)
}

func (c *checking) record(rec *broker.TokenRecord, err error) {
	switch {
	case errors.Is(err, authlib.ErrInvalidToken):
		c.Bad(stepSignIn, "this store does not know it for this MCP_RESOURCE_URL: it ended, was revoked, or another program issued it",
			"sign in again; if that does not help, see mcp-migrate doctor sessions")
		return
	case err != nil:
		c.Stop(stepSignIn, err.Error(), "see mcp-migrate doctor sessions")
		return
	case rec.SignIn == nil:
		c.Bad(stepSignIn, "the sign-in that it came from was ended, and it with it", "sign in again")
		return
	}
	c.Good(stepSignIn, "%s, which began %s ago, refreshable: %s", Quote(rec.SignIn.Provider), short(c.o.Now().Sub(rec.SignIn.Began)), yesNo(rec.SignIn.Refreshable))
	c.Good(stepAudience, "%s", Quote(rec.Resource))
	c.expiry(rec.Ends)
	c.scopes(rec.Scopes)
}
