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
func registered(ctx context.Context, next mcp.MethodHandler, req mcp.Request) (reg authlib.Registry, err error) {
	q := &question{context.WithValue(ctx, askingKey{}, true), next, req}
	err = errors.Join(everyPage(&reg.Resources, q.resources), everyPage(&reg.Templates, q.templates))
	return reg, err
}

// A question is put to the server on behalf of req.
type question struct {
	ctx  context.Context
	next mcp.MethodHandler
	req  mcp.Request
}

func (q *question) session() *mcp.ServerSession {
	s, _ := q.req.GetSession().(*mcp.ServerSession)
	return s
}

func (q *question) resources(cursor string) (uris []string, next string, err error) {
	res, err := ask[*mcp.ListResourcesResult](q, "resources/list", &mcp.ListResourcesRequest{
		Session: q.session(), Params: &mcp.ListResourcesParams{Cursor: cursor}, Extra: q.req.GetExtra(),
	})
	if err != nil {
		return nil, "", err
	}
	for _, r := range res.Resources {
		uris = append(uris, r.URI)
	}
	return uris, res.NextCursor, nil
}

func (q *question) templates(cursor string) (texts []string, next string, err error) {
	res, err := ask[*mcp.ListResourceTemplatesResult](q, "resources/templates/list", &mcp.ListResourceTemplatesRequest{
		Session: q.session(), Params: &mcp.ListResourceTemplatesParams{Cursor: cursor}, Extra: q.req.GetExtra(),
	})
	if err != nil {
		return nil, "", err
	}
	for _, t := range res.ResourceTemplates {
		texts = append(texts, t.URITemplate)
	}
	return texts, res.NextCursor, nil
}

// everyPage adds what all pages have to all.
func everyPage(all *[]string, page func(cursor string) (names []string, next string, err error)) error {
	cursor := ""
	for range maxPages {
		names, next, err := page(cursor)
		*all = append(*all, names...)
		if err != nil || next == "" {
			return err
		}
		cursor = next
	}
	return errors.New("gosdk: a list does not end")
}

func ask[R mcp.Result](q *question, method string, req mcp.Request) (R, error) {
	var none R
	res, err := q.next(q.ctx, method, req)
	if err != nil {
		return none, err
	}
	if r, ok := res.(R); ok {
		return r, nil
	}
	return none, errors.New("gosdk: the program answers " + method + " with something else")
}
