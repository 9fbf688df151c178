package userdata

import (
	"encoding/json"
	"slices"
	"strings"
)

// holdsToken reports whether data holds what looks like a credential: by the names
// that OAuth gives them, which x/oauth2's Token has in its JSON too, or by how tokens
// of this library and of GitHub and Google begin. It catches mistakes, and is no proof.
func holdsToken(data []byte) bool {
	var v any
	return json.Unmarshal(data, &v) != nil || tokenIn(v)
}

func tokenIn(v any) bool {
	switch v := v.(type) {
	case string:
		long := func(prefix string) bool { return len(v) > len(prefix)+15 && strings.HasPrefix(v, prefix) }
		return slices.ContainsFunc(tokenPrefixes, long) && !strings.ContainsAny(v, " \t\r\n")
	case []any:
		return slices.ContainsFunc(v, tokenIn)
	case map[string]any:
		for name, value := range v {
			if isTokenName(name) && value != nil && value != "" || tokenIn(value) {
				return true
			}
		}
	}
	return false
}

// isTokenName knows access_token, accessToken, AccessToken and the like.
func isTokenName(name string) bool {
	name = strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
	return slices.Contains([]string{"accesstoken", "refreshtoken", "idtoken", "clientsecret"}, name)
}

var tokenPrefixes = []string{"mcpat_", "mcprt_", "mcpk_", "gho_", "ghu_", "ghr_", "ghp_", "github_pat_", "ya29.", "1//0"}
