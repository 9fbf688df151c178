package analyze

import "testing"

// A string that is given to a credential's name is one, unless it is itself a name, an
// address, a template, or too short to be anything.
func TestLooksValue(t *testing.T) {
	for _, c := range []struct {
		name, value string
		want        bool
	}{
		{"apiKey", "wk-7f3a91c0d2", true},
		{"ClientSecret", "another-secret-1", true},
		{"password", "correcthorsebattery", true},
		{"token", "ghp_0123456789abcdef", true},
		{"password", "hunter2", false}, // too short to tell
		{"accessToken", "access_token", false},
		{"token", "refresh-token", false},
		{"apiKey", "X-API-Key", false},
		{"token", "GITHUB_TOKEN", false},
		{"secret", "https://vault.example/secret", false},
		{"token", "/run/secrets/token", false},
		{"token", "token for %s", false},
		{"secret", "${SECRET_OF_APP}", false},
		{"secret", "{{ .Secret }}", false},
		{"password", "<your-password-here>", false},
		{"token", "the token is missing", false},
	} {
		if got := looksValue(c.name, c.value); got != c.want {
			t.Errorf("looksValue(%q, %q) = %t, want %t", c.name, c.value, got, c.want)
		}
	}
}
