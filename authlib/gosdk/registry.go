package gosdk

import (
	"context"
	"errors"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// maxPages ends the question for a list that does not end by itself.
const maxPages = 10_000

// askingKey marks the context of the adapter's own question for the lists, which
// has to be answered whole where a server was set up twice.
type askingKey struct{}

func asking(ctx context.Context) bool { return ctx.Value(askingKey{}) != nil }

// registered says what the server that serves req has registered. The SDK has no
// accessor for it, so the server is asked as a client asks it; the program's own
// middleware sees that.
func registered(ctx context.Context, next mcp.MethodHandler, req mcp.Request) func() (authlib.Registry, error) {
	return func() (reg authlib.Registry, err error) {
		ctx := context.WithValue(ctx, askingKey{}, true)
		session, _ := req.GetSession().(*mcp.ServerSession)
		resources := func(cursor string) (string, error) {
			r := &mcp.ListResourcesRequest{Session: session, Params: &mcp.ListResourcesParams{Cursor: cursor}, Extra: req.GetExtra()}
			res, err := ask[*mcp.ListResourcesResult](ctx, next, "resources/list", r)
			if err != nil {
				return "", err
			}
			for _, it := range res.Resources {
				reg.Resources = append(reg.Resources, it.URI)
			}
			return res.NextCursor, nil
		}
		templates := func(cursor string) (string, error) {
			r := &mcp.ListResourceTemplatesRequest{Session: session, Params: &mcp.ListResourceTemplatesParams{Cursor: cursor}, Extra: req.GetExtra()}
			res, err := ask[*mcp.ListResourceTemplatesResult](ctx, next, "resources/templates/list", r)
			if err != nil {
				return "", err
			}
			for _, it := range res.ResourceTemplates {
				reg.Templates = append(reg.Templates, it.URITemplate)
			}
			return res.NextCursor, nil
		}
		err = errors.Join(everyPage(resources), everyPage(templates))
		return reg, err
	}
}

func everyPage(page func(cursor string) (next string, err error)) error {
	cursor := ""
	for range maxPages {
		var err error
		if cursor, err = page(cursor); err != nil || cursor == "" {
			return err
		}
	}
	return errors.New("gosdk: a list does not end")
}

func ask[R mcp.Result](ctx context.Context, next mcp.MethodHandler, method string, req mcp.Request) (R, error) {
	var none R
	res, err := next(ctx, method, req)
	if err != nil {
		return none, err
	}
	if r, ok := res.(R); ok {
		return r, nil
	}
	return none, errors.New("gosdk: the program answers " + method + " with something else")
}
