package provider

import (
	"fmt"
	"slices"
	"strings"
)

// CheckCredential returns what is wrong with a client ID or secret that a provider
// made and that came from variable name: it is missing, a value that examples and
// templates leave behind, or has space around it. The value is never in the error;
// cure says how to get one.
func CheckCredential(name, v, cure string) error {
	if isExample(strings.ToLower(v)) {
		return fmt.Errorf("%s is still a placeholder; %s", name, cure)
	}
	return CheckChosen(name, v, cure)
}

// CheckChosen is CheckCredential for what a person may have chosen, such as the
// client ID "my-server" at an issuer of one's own.
func CheckChosen(name, v, cure string) error {
	switch {
	case v == "":
		return fmt.Errorf("%s is not set; %s", name, cure)
	case isPlaceholder(strings.ToLower(v)):
		return fmt.Errorf("%s is still a placeholder; %s", name, cure)
	case strings.TrimSpace(v) != v || strings.ContainsAny(v, "\r\n\x00"):
		return fmt.Errorf("%s has space around it or a line break in it", name)
	}
	return nil
}

// isPlaceholder knows what nobody calls a client.
func isPlaceholder(v string) bool {
	return hasPrefix(v, "your", "<", "$", "todo", "...") ||
		contains(v, "xxxx", "changeme", "change-me", "change_me", "placeholder", "client_id", "client-id")
}

// isExample takes care not to hit random letters of a real ID.
func isExample(v string) bool {
	return hasPrefix(v, "my-", "my_", "test-") || contains(v, "example", "secret")
}

func hasPrefix(v string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(v, p) })
}

func contains(v string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(v, p) })
}
