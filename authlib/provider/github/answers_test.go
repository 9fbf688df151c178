package github_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
	"golang.org/x/oauth2"
)

const (
	appID     = "Iv1.0123456789abcdef"
	appSecret = "0123456789abcdef0123"
	goodCheck = `{"scopes":["read:user","read:org","user:email"],"app":{"client_id":"Iv1.0123456789abcdef"},"user":{"id":7,"login":"ada","type":"User"}}`
)

// answers is a GitHub that gives one answer for each path: a status, a space and a
// body. What is not there is empty lists, and a good token check.
type answers map[string]string

func (a answers) provider(t *testing.T) *github.Provider {
	t.Helper()
	all := answers{"/check": "200 " + goodCheck, "/user/orgs": "200 []", "/user/teams": "200 []", "/user/emails": "200 []"}
	for path, answer := range a {
		all[path] = answer
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(r.URL.Path, "/api/v3")
		if strings.HasPrefix(path, "/applications/") {
			path = "/check"
		}
		status, body, _ := strings.Cut(all[path], " ")
		code := 0
		fmt.Sscan(status, &code)
		if code >= 300 && code < 400 {
			w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
		}
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(srv.Close)
	p, err := github.New(github.Config{ClientID: appID, ClientSecret: appSecret, BaseURL: srv.URL, Orgs: true, Emails: true})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Whatever GitHub answers to the questions who somebody is, only a whole answer is
// one. A refusal of the token ends the sign-in; anything else is an outage, which
// must not.
func TestIdentifyTakesWholeAnswersOnly(t *testing.T) {
	huge := "200 [" + strings.Repeat(" ", 1<<20) + "]"
	for name, c := range map[string]struct {
		answers answers
		ended   bool
	}{
		"check is down":             {answers{"/check": "502 <html>"}, false},
		"check knows another app":   {answers{"/check": strings.Replace("200 "+goodCheck, "Iv1.0", "Iv1.9", 1)}, true},
		"check names no app":        {answers{"/check": `200 {"user":{"id":7,"login":"ada"}}`}, true},
		"check names nobody":        {answers{"/check": `200 {"app":{"client_id":"` + appID + `"},"user":null}`}, false},
		"check has no number":       {answers{"/check": `200 {"app":{"client_id":"` + appID + `"},"user":{"login":"ada"}}`}, false},
		"check has no login":        {answers{"/check": `200 {"app":{"client_id":"` + appID + `"},"user":{"id":7}}`}, false},
		"check refuses our secret":  {answers{"/check": `401 {"message":"Bad credentials"}`}, false},
		"check is limited":          {answers{"/check": `403 {"message":"rate limit"}`}, false},
		"check does not know it":    {answers{"/check": `404 {}`}, true},
		"check cannot read it":      {answers{"/check": `422 {}`}, true},
		"check leads elsewhere":     {answers{"/check": `302 {}`}, false},
		"check is no JSON":          {answers{"/check": `200 <html>`}, false},
		"check is huge":             {answers{"/check": huge}, false},
		"orgs refuse the token":     {answers{"/user/orgs": `401 {}`}, true},
		"orgs are limited":          {answers{"/user/orgs": `403 {}`}, false},
		"orgs are down":             {answers{"/user/orgs": `500 {}`}, false},
		"orgs are huge":             {answers{"/user/orgs": huge}, false},
		"orgs are no list":          {answers{"/user/orgs": `200 {"login":"acme"}`}, false},
		"teams refuse the token":    {answers{"/user/orgs": `200 [{"login":"acme"}]`, "/user/teams": `401 {}`}, true},
		"teams are down":            {answers{"/user/orgs": `200 [{"login":"acme"}]`, "/user/teams": `503 {}`}, false},
		"addresses are refused":     {answers{"/user/emails": `403 {}`}, false},
		"addresses refuse the user": {answers{"/user/emails": `401 {}`}, true},
	} {
		id, err := c.answers.provider(t).Identify(context.Background(), &oauth2.Token{AccessToken: "gho_the-users-token"})
		if err == nil || id != nil {
			t.Errorf("%s: %+v, %v; want an error", name, id, err)
			continue
		}
		if errors.Is(err, provider.ErrInvalidToken) != c.ended {
			t.Errorf("%s: %v; ended %v, want %v", name, err, !c.ended, c.ended)
		}
		if strings.Contains(err.Error(), "gho_") || strings.Contains(err.Error(), appSecret) {
			t.Errorf("%s: the error shows a secret: %v", name, err)
		}
	}
	if id, err := (answers{}).provider(t).Identify(context.Background(), &oauth2.Token{AccessToken: "gho_x"}); err != nil || id.Subject != "7" {
		t.Errorf("with good answers: %+v, %v", id, err)
	}
}

// Organisations come in pages, and a GitHub that never ends is left after ten.
func TestPagesOfOrganisationsAreBounded(t *testing.T) {
	pages := map[string]int{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pages[r.URL.Path]++
		if r.Method == http.MethodPost {
			_, _ = w.Write([]byte(goodCheck))
			return
		}
		_, _ = w.Write([]byte("[" + strings.TrimSuffix(strings.Repeat(`{"login":"acme"},`, 100), ",") + "]"))
	}))
	t.Cleanup(srv.Close)
	p, err := github.New(github.Config{ClientID: appID, ClientSecret: appSecret, BaseURL: srv.URL, Orgs: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Identify(context.Background(), &oauth2.Token{AccessToken: "gho_x"}); err != nil {
		t.Fatal(err)
	}
	if pages["/api/v3/user/orgs"] != 10 || pages["/api/v3/user/teams"] != 10 {
		t.Errorf("pages asked for: %v", pages)
	}
}

// What GitHub says about a code decides whether the user or the operator is told.
func TestTokenEndpointAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		want   error  // nil: another one
		says   string // what an operator can go by
	}{
		"declined":                {`200 {"error":"access_denied"}`, provider.ErrDenied, "access_denied"},
		"used":                    {`200 {"error":"bad_verification_code"}`, provider.ErrInvalidToken, "bad_verification_code"},
		"wrong secret":            {`200 {"error":"incorrect_client_credentials"}`, nil, "GITHUB_CLIENT_SECRET"},
		"wrong callback":          {`200 {"error":"redirect_uri_mismatch"}`, nil, "callback URL"},
		"something new":           {`200 {"error":"we_made_this_up"}`, nil, "we_made_this_up"},
		"an error beside a token": {`200 {"access_token":"gho_secret","token_type":"bearer","error":"bad_verification_code"}`, provider.ErrInvalidToken, "bad_verification_code"},
		"too much":                {`200 {"access_token":"gho_secret","token_type":"bearer","x":"` + strings.Repeat("x", 1<<20) + `"}`, nil, "larger than 1 MiB"},
		"no token":                {`200 {"token_type":"bearer"}`, nil, "status 200"},
		"an odd token":            {`200 {"access_token":"gho_secret","token_type":"mac"}`, nil, `type "mac"`},
		"a status":                {`400 {}`, nil, "status 400"},
		"down":                    {`500 {}`, nil, "answered 500"},
		"somewhere else":          {`307 {}`, nil, "answered 307"},
		"not what we speak":       {`200 access_token=gho_secret`, nil, "not the JSON"},
	} {
		p := answers{"/login/oauth/access_token": c.answer}.provider(t)
		_, err := exchange(p, "the-code")
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "gho_secret") || strings.Contains(err.Error(), "the-code") {
			t.Errorf("%s: %v, want %q and no secret", name, err, c.says)
		}
		ofUser := errors.Is(err, provider.ErrDenied) || errors.Is(err, provider.ErrInvalidToken)
		if c.want != nil && !errors.Is(err, c.want) || c.want == nil && ofUser {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// hung never answers.
type hung struct{}

func (hung) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// A GitHub that does not answer is given up, and the error has no query and no secret.
func TestGitHubThatHangs(t *testing.T) {
	p, err := github.New(github.Config{ClientID: appID, ClientSecret: appSecret, HTTPClient: &http.Client{Transport: hung{}, Timeout: 20 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"exchange": second(exchange(p, "the-code")),
		"refresh":  second(p.Refresh(context.Background(), &oauth2.Token{RefreshToken: "ghr_secret"})),
		"identify": second(p.Identify(context.Background(), &oauth2.Token{AccessToken: "gho_secret"})),
	} {
		if err == nil || errors.Is(err, provider.ErrInvalidToken) || !strings.Contains(err.Error(), "cannot be reached") {
			t.Errorf("%s: %v, want an outage", name, err)
		}
		if s := fmt.Sprint(err); strings.Contains(s, "secret") || strings.Contains(s, "the-code") || strings.Contains(s, appSecret) || strings.Contains(s, "?") {
			t.Errorf("%s shows too much: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestCallbackURL(t *testing.T) {
	for resource, want := range map[string]string{
		"https://mcp.acme.test/mcp": "https://mcp.acme.test/oauth/callback/github", "http://localhost:8080/mcp": "http://localhost:8080/oauth/callback/github",
		"": "", "mcp": "", "https://%zz": "",
	} {
		p, err := github.New(github.Config{ClientID: appID, ClientSecret: appSecret, Resource: resource})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.CallbackURL(); got != want {
			t.Errorf("%q: %q, want %q", resource, got, want)
		}
	}
}

// A login without a state, a challenge or a way back is not begun.
func TestAuthCodeURLNeedsAll(t *testing.T) {
	p := answers{}.provider(t)
	for _, req := range []provider.AuthRequest{
		{Challenge: challenge(), RedirectURL: "http://localhost/cb"}, {State: "s", RedirectURL: "http://localhost/cb"}, {State: "s", Challenge: challenge()},
	} {
		if u, err := p.AuthCodeURL(context.Background(), req); err == nil {
			t.Errorf("%v: %s", req, u)
		}
	}
}
