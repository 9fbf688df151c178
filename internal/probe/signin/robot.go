package signin

import (
	"context"
	"net/url"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
)

// Robot returns a [Browser] that behaves like a person who agrees: it follows
// redirects, keeps cookies and fills in the forms it meets, fields by name from
// answers. It starts without cookies each time.
func Robot(answers map[string]string) Browser {
	return func(ctx context.Context, authURL string) (*url.URL, error) {
		return robot.SignIn(ctx, nil, authURL, answers)
	}
}
