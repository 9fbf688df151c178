package issuer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// maxAnswer bounds what is read of any answer, in bytes.
	maxAnswer = 1 << 20
	timeout   = 5 * time.Second
)

// A Client asks an issuer. Answers are at most 1 MiB, and redirects are never
// followed: they would carry our credentials to wherever they point.
type Client struct{ http *http.Client }

// NewClient takes the Transport of c and, if not 0, its Timeout; nil is the
// default transport and 5 seconds.
func NewClient(c *http.Client) *Client {
	out := &http.Client{Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if c != nil {
		out.Transport = c.Transport
		if c.Timeout > 0 {
			out.Timeout = c.Timeout
		}
	}
	return &Client{out}
}

// JSON sends req and decodes a JSON answer into out, whatever the status below
// 500. An error means that the issuer could not be asked; it names host and path,
// and never query, header or body.
func (c *Client) JSON(req *http.Request, out any) (status int, h http.Header, err error) {
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "mcp-authlib")
	where := req.URL.Host + req.URL.Path
	res, err := c.http.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return 0, nil, fmt.Errorf("%s cannot be reached: %w", where, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil || len(body) > maxAnswer:
		return 0, nil, fmt.Errorf("%s: the answer cannot be read or is larger than 1 MiB", where)
	case res.StatusCode >= 500, res.StatusCode >= 300 && res.StatusCode < 400, res.StatusCode == http.StatusTooManyRequests:
		return 0, nil, fmt.Errorf("%s answered %d", where, res.StatusCode)
	case res.StatusCode >= 300:
		_ = json.Unmarshal(body, out) // the body of a refusal is welcome, and not needed
		return res.StatusCode, res.Header, nil
	}
	if err := decode(res.Header, body, out); err != nil {
		return 0, nil, fmt.Errorf("%s: %w", where, err)
	}
	return res.StatusCode, res.Header, nil
}

// decode does not insist on a media type: keys are often served from plain files.
func decode(h http.Header, body []byte, out any) error {
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(out); err != nil {
		return fmt.Errorf("the answer, of type %.60q, is not the JSON that was expected", h.Get("Content-Type"))
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
