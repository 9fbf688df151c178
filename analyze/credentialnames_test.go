package analyze

import "testing"

func TestNamesOfCredentials(t *testing.T) {
	for _, name := range []string{
		"token", "access_token", "accessToken", "APIToken", "auth.bearer-token", "password", "db_password", "PASSWD", "client_secret",
		"clientSecret", "api_key", "apiKey", "apikey", "X-API-Key", "private_key", "secret_access_key", "credentials", "jwt", "Authorization",
	} {
		if !looksSecret(name, "") {
			t.Errorf("%q is not taken for a credential", name)
		}
	}
	for _, name := range []string{
		"", "page_token", "nextPageToken", "next_token", "continuation_token", "max_tokens", "token_type", "secret_name", "password_policy", "key", "issue_key",
		"project_key", "keyboard", "author", "auth", "compass", "tokenizer", "_",
	} {
		if looksSecret(name, "") {
			t.Errorf("%q is taken for a credential", name)
		}
	}
}

// A name that may be anything counts by what is said of it.
func TestDescriptionsOfCredentials(t *testing.T) {
	for name, about := range map[string]string{"key": "the API key to send", "auth": "Bearer token for the upstream", "pass": "password"} {
		if !looksSecret(name, about) {
			t.Errorf("%q, %q is not taken for a credential", name, about)
		}
	}
	for name, about := range map[string]string{"key": "key of the issue", "project": "its token is in the environment", "auth": "kind of authentication"} {
		if looksSecret(name, about) {
			t.Errorf("%q, %q is taken for a credential", name, about)
		}
	}
}
