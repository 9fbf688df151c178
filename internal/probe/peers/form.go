package peers

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// postForm posts to a path of resource's origin.
func postForm(ctx context.Context, resource, path string, form url.Values) (status int, body string, err error) {
	at, err := url.Parse(resource)
	if err != nil {
		return 0, "", err
	}
	at.Path = path
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
	return res.StatusCode, string(data), err
}
