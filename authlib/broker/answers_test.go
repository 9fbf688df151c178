package broker

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"
)

// No answer with a token or a secret is kept by a cache, old ones included (RFC 6749
// §5.1).
func TestAnswersAreNotKept(t *testing.T) {
	be := newBench(t, nil)
	tok := be.signIn()
	for what, res := range map[string]*http.Response{
		"tokens":  be.post(pathToken, tok.refreshForm()),
		"refusal": be.post(pathToken, url.Values{}),
	} {
		defer res.Body.Close()
		if res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Pragma") != "no-cache" {
			t.Errorf("%s: headers %v", what, res.Header)
		}
	}
}

// A description is ASCII without quotes and backslashes (RFC 6749 §5.2), also when
// it names what a stranger sent.
func TestDescriptionsHaveNoForeignCharacters(t *testing.T) {
	be := newBench(t, nil)
	allowed := regexp.MustCompile(`^[\x20-\x21\x23-\x5b\x5d-\x7e]+$`)
	m := be.decode(be.post(pathToken, url.Values{"caf\u00e9\"\\": {"a", "b"}}), http.StatusBadRequest)
	if d := m["error_description"].(string); !allowed.MatchString(d) || d != "a parameter is repeated: caf?'?" {
		t.Errorf("description %q", d)
	}
}
