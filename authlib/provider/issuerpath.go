package provider

import (
	"fmt"
	"net/url"
	"strings"
)

// IssuerPath returns the path of a resource as that of an issuer of its own: without
// a slash at the end, "" for the root (RFC 8414 §3.1). A path that a mux or a client
// could read in two ways is an error: one with an escaped character, an empty
// segment or a dot segment.
func IssuerPath(resource *url.URL) (string, error) {
	path := strings.TrimSuffix(resource.EscapedPath(), "/")
	if path == "" {
		return "", nil
	}
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/"
	odd := strings.Trim(path, plain) != ""
	for _, segment := range strings.Split(path[1:], "/") {
		odd = odd || segment == "" || segment == "." || segment == ".."
	}
	if odd {
		return "", fmt.Errorf("the path %q can't be an issuer's: use letters, digits, '-', '.', '_', '~' and single slashes", resource.EscapedPath())
	}
	return path, nil
}
