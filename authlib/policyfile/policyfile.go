package policyfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// MaxSize is the largest file that is read, in bytes.
const MaxSize = 256 << 10

// Load reads the policy file at path, which is YAML or JSON by its extension (.yaml,
// .yml, .json). A relative path is relative to the working directory of the process:
// embed the file and use [LoadFS] or [Parse] where that is not certain. With an error
// the policy is the zero one, which must not be used: it would let every caller do
// everything.
func Load(path string) (authlib.Policy, error) {
	f, err := os.Open(path)
	if err != nil {
		return authlib.Policy{}, fmt.Errorf("policyfile: %w", err)
	}
	defer f.Close()
	return read(path, f)
}

// LoadFS is [Load] for a file of a file system, such as an [embed.FS].
func LoadFS(fsys fs.FS, name string) (authlib.Policy, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return authlib.Policy{}, fmt.Errorf("policyfile: %w", err)
	}
	defer f.Close()
	return read(name, f)
}

// read reads no more of src than it takes to see that it is too large.
func read(name string, src io.Reader) (authlib.Policy, error) {
	data, err := io.ReadAll(io.LimitReader(src, MaxSize+1))
	if err != nil {
		return authlib.Policy{}, fmt.Errorf("policyfile: %w", err)
	}
	return Parse(name, data)
}

// Parse reads a policy from data. name says by its extension whether that is YAML or
// JSON, and stands in errors. Every error is an [*Error], or several that were
// joined, in the order of their places.
func Parse(name string, data []byte) (authlib.Policy, error) {
	d := &decoder{file: name}
	root := d.tree(data)
	if root == nil {
		return authlib.Policy{}, errors.Join(d.faults...)
	}
	p := d.policy(root)
	if len(d.faults) > 0 {
		return authlib.Policy{}, d.err()
	}
	return p, nil
}
