package mcpgo

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"

	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// askingKey marks the context of the adapter's own question for the lists, which
// has to be answered whole. Its value is where the answer is written down.
type askingKey struct{}

func asking(ctx context.Context) bool { return ctx.Value(askingKey{}) != nil }

// heard is an answer as it was before the program's own hooks saw it.
type heard struct {
	page *page
	err  error
}

// hear writes an answer down, where the adapter asked for it.
func hear(ctx context.Context, result any) {
	if h, ok := ctx.Value(askingKey{}).(*heard); ok {
		h.page = new(page)
		h.err = convert(result, h.page)
	}
}

// registered says what s has registered, for the session of ctx too. No accessor
// of the SDK gives its templates, nor in older versions its resources, so s is asked
// for them as a client asks it.
func registered(ctx context.Context, s *server.MCPServer) (reg authlib.Registry, err error) {
	var said bool
	if reg.Resources, said = resourcesOf(ctx, s); !said {
		err = ask(ctx, s, "resources/list", func(p page) {
			for _, r := range p.Resources {
				reg.Resources = append(reg.Resources, r.URI)
			}
		})
	}
	err = errors.Join(err, ask(ctx, s, "resources/templates/list", func(p page) {
		for _, t := range p.Templates {
			reg.Templates = append(reg.Templates, t.Text)
		}
	}))
	return reg, err
}

// A page is one answer to the question for a list.
type page struct {
	Resources []struct {
		Name string `json:"name"`
		URI  string `json:"uri"`
	} `json:"resources"`
	Templates []struct {
		Name string `json:"name"`
		Text string `json:"uriTemplate"`
	} `json:"resourceTemplates"`
	Next string `json:"nextCursor"`
}

// cursor returns where to go on so that nothing is left out; "" at the end. mcp-go
// goes on behind the last name, and leaves out what shares that name and did not
// fit: so the question goes on behind the name before it, and hears some things
// twice.
func (p page) cursor() (string, error) {
	var names []string
	for _, r := range p.Resources {
		names = append(names, r.Name)
	}
	for _, t := range p.Templates {
		names = append(names, t.Name)
	}
	if p.Next == "" || len(names) == 0 {
		return "", nil
	}
	last := names[len(names)-1]
	if p.Next != base64.StdEncoding.EncodeToString([]byte(last)) {
		return p.Next, nil // another way to page, which says itself where it goes on
	}
	for i := len(names) - 1; i >= 0; i-- {
		if names[i] < last {
			return base64.StdEncoding.EncodeToString([]byte(names[i])), nil
		}
	}
	return "", errors.New("mcpgo: a whole page has one name, and what else has it is not told: raise the pagination limit")
}

const (
	maxPages       = 10_000
	methodNotFound = -32601
)

// ask gives every page of a list to take. A server without resources has none.
func ask(ctx context.Context, s *server.MCPServer, method string, take func(page)) error {
	cursor := ""
	for range maxPages {
		question, err := json.Marshal(map[string]any{
			"jsonrpc": "2.0", "id": "authlib " + method, "method": method, "params": map[string]string{"cursor": cursor},
		})
		if err != nil {
			return err
		}
		var answer struct {
			Result *page
			Error  *struct{ Code int }
		}
		first := new(heard)
		if err := convert(s.HandleMessage(context.WithValue(ctx, askingKey{}, first), question), &answer); err != nil {
			return err
		}
		if first.page != nil {
			answer.Result = first.page
		}
		switch {
		case first.err != nil:
			return first.err
		case answer.Error != nil && answer.Error.Code == methodNotFound:
			return nil
		case answer.Error != nil || answer.Result == nil:
			return errors.New("mcpgo: the server does not answer " + method)
		}
		take(*answer.Result)
		if cursor, err = answer.Result.cursor(); err != nil || cursor == "" {
			return err
		}
	}
	return errors.New("mcpgo: " + method + " does not end")
}

// convert goes by the wire's form, which is the same in every version of the SDK.
func convert(from, to any) error {
	b, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, to)
}

// registeredAnywhere says what any server of g has registered. A resource that one
// of them has and the policy does not name is then refused at all of them.
func (g *Guard) registeredAnywhere(ctx context.Context) func() (authlib.Registry, error) {
	return func() (all authlib.Registry, err error) {
		g.mu.Lock()
		servers := append([]*server.MCPServer(nil), g.order...)
		g.mu.Unlock()
		if len(servers) == 0 {
			return all, errors.New("mcpgo: the guard knows no server")
		}
		for _, s := range servers {
			reg, err := registered(ctx, s)
			if err != nil {
				return all, err
			}
			all.Resources = append(all.Resources, reg.Resources...)
			all.Templates = append(all.Templates, reg.Templates...)
		}
		return all, nil
	}
}
