package doctor

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/authlib/apikey"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// A Variable is one that a migrated program reads.
type Variable struct {
	Name     string
	Required bool
}

// Environment looks at whether the variables that a program reads are set and well
// formed. It names them and never shows a value.
func (r *Report) Environment(vars []Variable, getenv func(string) string) {
	for _, v := range vars {
		name, value := "environment: "+v.Name, getenv(v.Name)
		known, err := wellFormed(v.Name, value)
		switch {
		case value == "" && v.Required:
			r.Bad(name, "is not set here", "set it as the program has it; .env.example says what it is")
		case value == "":
			r.Good(name, "is not set, and need not be")
		case err != nil:
			r.Bad(name, err.Error(), "the program stops at its start with this; .env.example says what it is")
		case !known:
			r.Good(name, "is set; what it says the program judges")
		default:
			r.Good(name, "is set and well formed")
		}
	}
}

// wellFormed says what is wrong with a value, and shows nothing of it. Of other
// variables than those known it says nothing.
func wellFormed(name, value string) (known bool, err error) {
	switch {
	case strings.HasPrefix(name, "MCP_RESOURCE_URL"), name == "OIDC_ISSUER", name == "GITHUB_BASE_URL":
		return true, checkURL(name, value)
	case name == "MCP_SESSION_KEY":
		_, err := session.ParseKeys(value)
		return true, err
	case name == "REDIS_URL":
		return true, redisURL(value)
	case name == "MCP_API_KEYS_FILE":
		return true, keysFile(value)
	case strings.HasSuffix(name, "_CLIENT_ID"), strings.HasSuffix(name, "_CLIENT_SECRET"):
		return true, clientCredential(name, value)
	}
	return false, nil
}

func clientCredential(name, value string) error {
	if strings.HasPrefix(name, "OIDC_") { // an issuer of one's own takes any name
		return provider.CheckChosen(name, value, "get one from the issuer")
	}
	return provider.CheckCredential(name, value, "get one from the provider")
}

// checkURL wants https, or http on this machine.
func checkURL(name, value string) error {
	u, err := url.Parse(value)
	switch {
	case value == "":
		return fmt.Errorf("%s is not set", name)
	case err != nil || u.Host == "" || u.User != nil:
		return fmt.Errorf("%s is not an absolute URL without a user name", name)
	case u.Scheme != "https" && (u.Scheme != "http" || !provider.IsLoopbackHost(u.Hostname())):
		return fmt.Errorf("%s must be https; http is for this machine only", name)
	}
	return nil
}

func redisURL(value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" && u.Scheme != "unix" {
		return errors.New("REDIS_URL is not a URL of a Redis; write redis://user:password@host:6379/0, rediss://… for TLS or unix:///path/to/socket")
	}
	return nil
}

// keysFile reads the file as the program does. It holds hashes, yet nobody else should
// be able to add one.
func keysFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return errors.New("the file that MCP_API_KEYS_FILE names cannot be read")
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("others may write to the file that MCP_API_KEYS_FILE names (mode %04o); run chmod 600 on it", info.Mode().Perm())
	}
	if _, err := apikey.LoadFile(path); err != nil {
		return errors.New("the file that MCP_API_KEYS_FILE names is no list of keys as authlib/apikey reads it")
	}
	return nil
}
