package issuer

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"
)

// Claims are read by their exact names and types: what is of another type is as good
// as not there.
func TestClaimsAreReadByNameAndType(t *testing.T) {
	c := Claims{
		"sub": "42", "n": 42.0, "scope": "a b  a", "scp": []any{"c", "b d"}, "mixed": []any{"x", 1.0},
		"realm": map[string]any{"roles": []any{"r1", "r2"}, "a/b": map[string]any{"~": "deep"}}, "roles": "one",
	}
	if c.String("sub") != "42" || c.String("n") != "" || c.String("SUB") != "" {
		t.Error("a string is read by another name or from a number")
	}
	if got := c.Scopes(); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Errorf("scopes %q", got)
	}
	if list, ok := c.Strings("mixed"); ok || list != nil {
		t.Errorf("a list of several types: %q", list)
	}
	if list, ok := c.Strings("missing"); !ok || list != nil {
		t.Errorf("nothing: %q, %v", list, ok)
	}
	for at, want := range map[string][]string{
		"roles": {"one"}, "/realm/roles": {"r1", "r2"}, "/realm/a~1b/~0": {"deep"}, "/realm": nil, "/realm/roles/0": nil, "/none/at/all": nil, "realm": nil, "/mixed": nil,
	} {
		if got := c.At(at); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", at, got, want)
		}
	}
}

// A token needs an end, and holds from its beginning, give or take the leeway.
func TestTimes(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	const leeway = 30 * time.Second
	at := func(d time.Duration) float64 { return float64(now.Add(d).Unix()) }
	for name, tt := range map[string]struct {
		c    Claims
		want error
	}{
		"good":                   {Claims{"exp": at(time.Hour), "nbf": at(0), "iat": at(-time.Hour)}, nil},
		"in the leeway":          {Claims{"exp": at(-29 * time.Second), "nbf": at(29 * time.Second)}, nil},
		"ended":                  {Claims{"exp": at(-leeway)}, ErrExpired},
		"no end":                 {Claims{}, ErrInvalid},
		"an end that is no date": {Claims{"exp": "tomorrow"}, ErrInvalid},
		"an end after all":       {Claims{"exp": 1e300}, ErrInvalid},
		"an end that is NaN":     {Claims{"exp": math.NaN()}, ErrInvalid},
		"an end before all":      {Claims{"exp": -1.0}, ErrInvalid},
		"not yet":                {Claims{"exp": at(time.Hour), "nbf": at(31 * time.Second)}, ErrInvalid},
		"issued in the future":   {Claims{"exp": at(time.Hour), "iat": at(time.Minute)}, ErrInvalid},
		"begin that is no date":  {Claims{"exp": at(time.Hour), "nbf": "now"}, ErrInvalid},
	} {
		ends, err := tt.c.CheckTimes(now, leeway)
		if !errors.Is(err, tt.want) || tt.want == nil && (err != nil || !ends.Equal(time.Unix(int64(tt.c["exp"].(float64)), 0).Add(leeway))) {
			t.Errorf("%s: %v, %v; want %v", name, ends, err, tt.want)
		}
	}
}

// The audience is the resource, however its address may be written, or a name that
// the configuration gives letter for letter.
func TestAudience(t *testing.T) {
	const resource = "https://mcp.test/mcp"
	for _, tt := range []struct {
		aud  any
		want error
	}{
		{resource, nil}, {"https://MCP.test:443/mcp/", nil}, {[]any{"https://other.test", resource}, nil}, {"api://name", nil},
		{"https://mcp.test", ErrAudience}, {"https://mcp.test/MCP", ErrAudience}, {"https://mcp.test/mcp/x", ErrAudience}, {"https://mcp.test/mcp?x", ErrAudience},
		{"https://u@mcp.test/mcp", ErrAudience}, {"http://mcp.test/mcp", ErrAudience}, {"API://name", ErrAudience}, {"", ErrAudience}, {nil, ErrAudience},
		{[]any{}, ErrAudience}, {42.0, ErrInvalid}, {[]any{resource, 1.0}, ErrInvalid},
	} {
		err := Claims{"aud": tt.aud}.CheckAudience(resource, []string{"api://name"})
		if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%v: %v, want %v", tt.aud, err, tt.want)
		}
	}
}
