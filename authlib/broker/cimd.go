package broker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Client ID Metadata Documents (draft-ietf-oauth-client-id-metadata-document): a
// client's ID is the https URL of its metadata, which we fetch. A stranger names
// the URL, so fetching is hedged in; see fetcher.

const (
	maxDocument    = 64 << 10
	minDocumentTTL = 5 * time.Minute
	maxDocumentTTL = 24 * time.Hour
	// failedTTL is how long a document that could not be had is not tried again.
	failedTTL = time.Minute
	// fetchTimeout bounds one fetch as a whole, to the last byte.
	fetchTimeout = 5 * time.Second
)

// A document is a fetched client, or why there is none.
type document struct {
	Client *client
	Failed string
}

// isDocumentID reports whether a client ID is the URL of a document: https on the
// default port, with a path, and nothing that could be read in two ways.
func isDocumentID(id string) bool {
	if !strings.HasPrefix(id, "https://") || len(id) > 512 {
		return false
	}
	u, err := url.Parse(id)
	if err != nil || u.User != nil || u.Port() != "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(id, "#") || u.String() != id {
		return false
	}
	return strings.Trim(u.Hostname(), ".") != "" && !strings.HasSuffix(u.Host, ":") && u.Path != "" && u.Path != "/" && !strings.Contains(u.Path, "/.")
}

// documentClient returns the client whose metadata is at id, or an error that
// matches errDocument if it is at fault.
func (b *Broker) documentClient(ctx context.Context, id string) (*client, error) {
	d, err := b.documents.get(ctx, id, func(ctx context.Context) (*document, time.Duration) { return b.fetchDocument(ctx, id) })
	if err != nil {
		return nil, err
	}
	if d.Client == nil {
		return nil, fmt.Errorf("%w: %s", errDocument, d.Failed)
	}
	return d.Client, nil
}

// fetchDocument returns the document or why there is none, and how long that holds.
func (b *Broker) fetchDocument(ctx context.Context, id string) (*document, time.Duration) {
	c, ttl, err := b.loadDocument(ctx, id)
	b.tellRegistration(ctx, "document", err, true)
	if err != nil {
		b.cfg.Logger.WarnContext(ctx, auditDocumentRefused, "client", printable(id, 200), "error", err)
		return &document{Failed: printable(err.Error(), 200)}, failedTTL
	}
	return &document{Client: c}, ttl
}

func (b *Broker) loadDocument(ctx context.Context, id string) (*client, time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, id, nil)
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Accept", "application/json")
	res, err := b.fetch.Do(req)
	if err != nil {
		return nil, 0, errors.New("it cannot be fetched")
	}
	defer res.Body.Close()
	mt, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if res.StatusCode != http.StatusOK || (mt != "application/json" && !strings.HasSuffix(mt, "+json")) {
		return nil, 0, fmt.Errorf("status %d, content type %.60q; want 200 and JSON", res.StatusCode, mt)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxDocument+1))
	if err != nil || len(body) > maxDocument {
		return nil, 0, errors.New("it cannot be read or is larger than 64 KiB")
	}
	c, err := parseDocument(id, body)
	return c, documentTTL(res.Header.Get("Cache-Control")), err
}

// parseDocument checks a document as a registration, plus: client_id is its own
// URL, it has a name, and no secret method, since anybody can read it.
func parseDocument(id string, body []byte) (*client, error) {
	var own struct {
		ClientID string `json:"client_id"`
		Secret   any    `json:"client_secret"`
	}
	if err := json.Unmarshal(body, &own); err != nil || own.ClientID != id || own.Secret != nil {
		return nil, errors.New("its client_id is not its URL, or it has a secret")
	}
	reg, err := parseRegistration(body)
	if err != nil {
		return nil, err
	}
	if reg.ClientName == "" || reg.Method != "none" {
		return nil, errors.New("it has no client_name, or a token_endpoint_auth_method other than none")
	}
	return &client{
		ID: id, Name: reg.ClientName, RedirectURIs: reg.RedirectURIs, Method: "none",
		Refresh: slices.Contains(reg.GrantTypes, "refresh_token"), Document: true,
	}, nil
}

// documentTTL reads max-age, within bounds: a client whose metadata changes gets
// through in a day, and nobody makes us fetch all the time.
func documentTTL(cacheControl string) time.Duration {
	for _, d := range strings.Split(cacheControl, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(d), "=")
		if n, err := strconv.ParseInt(value, 10, 32); strings.EqualFold(name, "max-age") && err == nil {
			return min(max(time.Duration(n)*time.Second, minDocumentTTL), maxDocumentTTL)
		}
	}
	return minDocumentTTL
}
