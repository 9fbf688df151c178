package broker_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/mcp-migrate/mcp-migrate/authlib/broker"
	"github.com/mcp-migrate/mcp-migrate/authlib/userdata"
)

// A handler finds everything in its context: it calls the provider's API as its caller,
// and keeps something of them. (It needs somebody who has signed in, so it has no output here.)
func ExampleFromContext() {
	type seen struct {
		Repositories []string `json:"repositories"`
	}
	_ = func(ctx context.Context) ([]string, error) { // a tool's handler
		b, ok := broker.FromContext(ctx)
		if !ok {
			return nil, errors.New("sign in first")
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.github.com/user/repos", nil)
		if err != nil {
			return nil, err
		}
		res, err := b.Client(ctx).Do(r)
		if err != nil {
			return nil, err
		}
		defer res.Body.Close()
		var list []struct {
			Name string `json:"full_name"`
		}
		if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&list); err != nil {
			return nil, err
		}
		var fresh []string
		err = userdata.In[seen](b.UserData(), "seen").Update(ctx, func(s *seen) error {
			fresh = nil // it may be called again
			known := map[string]bool{}
			for _, name := range s.Repositories {
				known[name] = true
			}
			for _, repo := range list {
				if !known[repo.Name] {
					fresh = append(fresh, repo.Name)
					s.Repositories = append(s.Repositories, repo.Name)
				}
			}
			return nil
		})
		return fresh, err
	}
}
