package analyze

import (
	"go/ast"
	"slices"
	"strings"
)

// Which headers, parameters and cookies carry a credential.

// header is the value of a header of the request by that name, in lower case.
func (m *machine) header(name string, at ast.Node) value {
	switch {
	case credentialName(name):
		return value{taint: fromCredential}
	case publicHeader(name):
		return value{taint: fromAnybody}
	}
	return value{taint: fromHeader}
}

// credentialName reports whether a header, parameter or cookie of that name carries
// a credential by its name.
func credentialName(name string) bool {
	name = strings.ToLower(name)
	if credentialHeaders[name] {
		return true
	}
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	if len(words) == 0 {
		return false
	}
	switch last := words[len(words)-1]; last {
	case "token", "secret", "password", "passwd", "apikey", "credential", "credentials":
		return !slices.Contains(words, "csrf") && !slices.Contains(words, "xsrf")
	case "key":
		return len(words) > 1 && slices.Contains([]string{"api", "access", "secret", "auth"}, words[len(words)-2])
	}
	return false
}

// publicHeader reports whether a header of that name, in lower case, carries none.
func publicHeader(name string) bool {
	for _, p := range []string{"mcp-", "sec-", "accept", "content-", "x-forwarded-", "access-control-", "if-"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return strings.Contains(" origin host user-agent referer connection upgrade cache-control last-event-id forwarded via x-request-id traceparent range ", " "+name+" ")
}

// noSecret is the taint of a part of a credential that is none by itself.
func noSecret(t taint) taint {
	if t == fromCredential {
		return fromHeader
	}
	return t
}

// scheme reports whether a text is the name of an authentication scheme, and no secret.
func scheme(text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	return strings.Contains(" bearer basic token digest apikey dpop ", " "+text+" ")
}
