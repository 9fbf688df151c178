package probe

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// What a guarded endpoint must say. RFC 6750 §3.1: a request without
// credentials gets a challenge without an error code, a bad token gets
// invalid_token. RFC 9728 §5.1: the challenge names the metadata document.
const (
	expectChallenge = `401, WWW-Authenticate: Bearer with resource_metadata and without error`
	expectInvalid   = `401, WWW-Authenticate: Bearer with resource_metadata and error="invalid_token"`
)

// refusal says what is wrong with a as a refusal of a request to target whose
// challenge must carry error code want ("" for none). "" means that nothing is.
func refusal(a *Answer, want string, target *url.URL) string {
	if a.Status != http.StatusUnauthorized {
		return wrongStatus(a)
	}
	bearer := Bearer(a.Header)
	if len(bearer) != 1 {
		return fmt.Sprintf("the 401 carries %d Bearer challenges instead of one, so a client does not know how to sign in", len(bearer))
	}
	p := bearer[0].Params
	if p["error"] != want {
		return wrongError(p["error"], want)
	}
	return wrongMetadataURL(p["resource_metadata"], target)
}

func wrongStatus(a *Answer) string {
	switch {
	case a.Result != nil:
		return "the request was served"
	case a.Status < 300:
		return "the request was accepted"
	default:
		return fmt.Sprintf("status %d is no refusal: it may come from something else than a check of the caller", a.Status)
	}
}

func wrongError(got, want string) string {
	if want == "" {
		return fmt.Sprintf("the first challenge carries error=%s; clients take that for a broken token (RFC 6750 §3.1)", quote(got))
	}
	return fmt.Sprintf("the challenge carries error=%s, not %q; clients don't sign in again without it (RFC 6750 §3.1)", quote(got), want)
}

// wrongMetadataURL makes sure that the document a client is sent to lies on the
// server that was called. Another host could name its own authorization server.
func wrongMetadataURL(s string, target *url.URL) string {
	if s == "" {
		return "the challenge has no resource_metadata, so a client can't find where to sign in (RFC 9728 §5.1)"
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != target.Scheme || !strings.EqualFold(u.Host, target.Host) {
		return fmt.Sprintf("resource_metadata %s is not on %s", quote(s), target.Host)
	}
	return ""
}

// seen describes an answer in one line: the status, and the challenge or what was served.
func seen(a *Answer) string {
	s := fmt.Sprint(a.Status)
	if ch := a.Header.Get("WWW-Authenticate"); ch != "" {
		s += ", WWW-Authenticate: " + quote(ch)
	}
	switch {
	case a.Result != nil:
		s += ", JSON-RPC result of " + size(len(a.Result))
	case a.Error != nil:
		s += ", " + a.Error.Error()
	}
	return s
}

func size(n int) string { return fmt.Sprintf("%d bytes", n) }
