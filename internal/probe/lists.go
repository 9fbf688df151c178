package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Lists are the names that a server lists, sorted, each once.
type Lists struct {
	Tools     []string `json:"tools"`
	Prompts   []string `json:"prompts"`
	Resources []string `json:"resources"` // URIs, and templates of them
}

// A caller makes JSON-RPC requests.
type caller interface {
	Initialize(ctx context.Context) (*Answer, error)
	Call(ctx context.Context, method string, params any) (*Answer, error)
}

// Lists opens a session and returns what the server lists, all pages. A method that
// the server does not have lists nothing; any other refusal is an error.
func (c *Client) Lists(ctx context.Context) (*Lists, error) { return listAll(ctx, c) }

func listAll(ctx context.Context, c caller) (*Lists, error) {
	a, err := c.Initialize(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.Decode(&struct{}{}); err != nil {
		return nil, fmt.Errorf("initialize: %w", err)
	}
	var l Lists
	for _, of := range []struct {
		method, key, name string
		into              *[]string
	}{
		{"tools/list", "tools", "name", &l.Tools},
		{"prompts/list", "prompts", "name", &l.Prompts},
		{"resources/list", "resources", "uri", &l.Resources},
		{"resources/templates/list", "resourceTemplates", "uriTemplate", &l.Resources},
	} {
		names, err := listed(ctx, c, of.method, of.key, of.name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", of.method, err)
		}
		*of.into = append(*of.into, names...)
	}
	for _, list := range []*[]string{&l.Tools, &l.Prompts, &l.Resources} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return &l, nil
}

// methodNotFound is JSON-RPC's code for a method that a server does not have.
const methodNotFound = -32601

// listed returns the names in the answers to one method.
func listed(ctx context.Context, c caller, method, key, name string) ([]string, error) {
	names, cursor := []string{}, ""
	for range maxPages {
		a, err := c.Call(ctx, method, page(cursor))
		if err != nil {
			return nil, err
		}
		var answer map[string]json.RawMessage
		err = a.Decode(&answer)
		var refused *RPCError
		if errors.As(err, &refused) && (refused.Code == methodNotFound || method != "tools/list") {
			return names, nil
		}
		if err != nil {
			return nil, err
		}
		more, err := namesIn(answer[key], name)
		if err != nil {
			return nil, err
		}
		cursor = ""
		_ = json.Unmarshal(answer["nextCursor"], &cursor) // null and nothing both end the list
		if names = append(names, more...); cursor == "" || len(names) > maxTools {
			return names, nil
		}
	}
	return names, nil
}

// namesIn returns what the elements of a list have under a key.
func namesIn(list json.RawMessage, key string) ([]string, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var elements []map[string]json.RawMessage
	if err := json.Unmarshal(list, &elements); err != nil {
		return nil, err
	}
	var names []string
	for _, e := range elements {
		var name string
		if err := json.Unmarshal(e[key], &name); err != nil {
			return nil, fmt.Errorf("an element without %s", key)
		}
		names = append(names, name)
	}
	return names, nil
}
