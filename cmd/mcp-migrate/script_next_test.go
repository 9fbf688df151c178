package main

import (
	"io/fs"
	"strings"
	"testing/fstest"

	mcpmigrate "github.com/mcp-migrate/mcp-migrate"
)

// nextLibrary is what a later version may bring along: this one's authlib with a line
// more in one file, and another file under another name.
func nextLibrary() fs.FS {
	next := fstest.MapFS{}
	err := fs.WalkDir(mcpmigrate.Bundle, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := fs.ReadFile(mcpmigrate.Bundle, name)
		next[name] = &fstest.MapFile{Data: src}
		return err
	})
	if err != nil {
		panic(err)
	}
	const line = `	h.Set("X-Content-Type-Options", "nosniff")` + "\n"
	refusal := next["authlib/challenge.go"]
	if refusal.Data = []byte(strings.Replace(string(refusal.Data), line, line+`	h.Set("X-Frame-Options", "DENY")`+"\n", 1)); !strings.Contains(string(refusal.Data), "X-Frame-Options") {
		panic("authlib/challenge.go does not have the line that a later version puts something after")
	}
	next["authlib/idofrequest.go"] = next["authlib/requestid.go"]
	delete(next, "authlib/requestid.go")
	return next
}
