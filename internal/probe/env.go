package probe

import (
	"os"
	"strings"
)

// passed lists the variables that a started program gets from ours. Everything
// else stays here: a program that is only being looked at has no business with
// the tokens and keys of the shell that it was started from.
var passed = []string{
	"PATH", "TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR",
	"SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "WINDIR",
}

// scrubbed returns the environment of a started program: the passed variables,
// home as its home directory, and extra ("NAME=value"), which wins.
func scrubbed(home string, extra []string) []string {
	given := map[string]bool{}
	for _, kv := range extra {
		name, _, _ := strings.Cut(kv, "=")
		given[name] = true
	}
	var env []string
	for _, name := range passed {
		if v, ok := os.LookupEnv(name); ok && !given[name] {
			env = append(env, name+"="+v)
		}
	}
	if !given["HOME"] {
		env = append(env, "HOME="+home)
	}
	return append(env, extra...)
}

// environment is what the program of o starts with.
func (o Options) environment(home string) []string {
	if o.Bare {
		return append([]string{"HOME=" + home, "TMPDIR=" + home}, o.Env...)
	}
	return scrubbed(home, o.Env)
}
