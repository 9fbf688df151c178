package analyze

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Which fields of a tool's input look like credentials. A model that fills such a field
// has seen the credential, and so has every log on the way.

// credentialWords are those that a credential's name ends in.
var credentialWords = []string{
	"token", "tokens", "password", "passwd", "pwd", "passphrase", "passcode", "secret", "secrets",
	"credential", "credentials", "apikey", "jwt", "bearer", "authorization",
}

// places are words in front of "token" that make it a place in a list, or a count.
var places = []string{
	"page", "next", "previous", "prev", "continuation", "continue", "pagination", "cursor", "sync", "resume", "start", "max", "min", "num",
	"total", "input", "output", "prompt", "completion", "stop", "limit",
}

// secretKeys are words in front of "key" that make it a secret one.
var secretKeys = []string{"api", "access", "secret", "private", "signing", "encryption", "auth", "ssh", "service", "client", "application", "app"}

// looksSecret reports whether a field's name, or where that says nothing its
// description, speaks of a credential.
func looksSecret(name, description string) bool {
	words := wordsOf(name)
	if len(words) == 0 {
		return false
	}
	last, before := words[len(words)-1], ""
	if len(words) > 1 {
		before = words[len(words)-2]
	}
	switch {
	case last == "token" || last == "tokens":
		return !slices.Contains(places, before)
	case last == "key":
		return slices.Contains(secretKeys, before) || before == "" && secretText.MatchString(description)
	case slices.Contains(vague, last):
		return secretText.MatchString(description)
	}
	return slices.Contains(credentialWords, last)
}

// vague are names that are credentials or something else.
var vague = []string{"auth", "pass", "pat"}

var secretText = regexp.MustCompile(`(?i)\b(api|access|secret|private)[ _-]?key\b|\btoken\b|\bpassword\b|\bsecret\b|\bcredentials?\b`)

// wordsOf splits api_key, apiKey, API-Key and auth.apiKey into words, in lower case.
func wordsOf(name string) []string {
	var words []string
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		from := 0
		runes := []rune(part)
		for i := 1; i < len(runes); i++ {
			lower := unicode.IsUpper(runes[i]) && !unicode.IsUpper(runes[i-1])
			initials := unicode.IsUpper(runes[i]) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if lower || initials {
				words = append(words, strings.ToLower(string(runes[from:i])))
				from = i
			}
		}
		words = append(words, strings.ToLower(string(runes[from:])))
	}
	return words
}
