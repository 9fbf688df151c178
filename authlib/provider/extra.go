package provider

import "golang.org/x/oauth2"

// keptExtra names what [Keep] puts into a token.
const keptExtra = "authlib_kept"

// Keep returns a copy of tok that carries s, which only the provider reads: what
// it learned at sign-in and cannot ask for again, such as a checked ID token.
// Whoever stores tokens stores [Kept] with them, as secret as the token itself.
func Keep(tok *oauth2.Token, s string) *oauth2.Token {
	return tok.WithExtra(map[string]any{keptExtra: s})
}

// Kept returns what Keep put into tok, or "".
func Kept(tok *oauth2.Token) string {
	s, _ := tok.Extra(keptExtra).(string)
	return s
}
