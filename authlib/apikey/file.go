package apikey

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxFile bounds a file of keys, in bytes.
const maxFile = 8 << 20

// Load reads keys: a JSON array of [Key], such as
//
//	[{"sha256": "9f86…", "subject": "ci", "scopes": ["notes:read"]}]
//
// Fields that are not known are errors: a misspelt expires_at must not make a key
// that never ends.
func Load(r io.Reader) (*Verifier, error) {
	d := json.NewDecoder(io.LimitReader(r, maxFile))
	d.DisallowUnknownFields()
	var keys []Key
	if err := d.Decode(&keys); err != nil {
		return nil, fmt.Errorf("apikey: not a JSON array of keys: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("apikey: something follows the array of keys, or the file is larger than 8 MiB")
	}
	return New(keys...)
}

// LoadFile reads the file that normally MCP_API_KEYS_FILE names, once: changes
// take effect at the next start.
func LoadFile(path string) (*Verifier, error) {
	if path == "" {
		return nil, errors.New("apikey: MCP_API_KEYS_FILE is not set; name the JSON file that lists the keys")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("apikey: MCP_API_KEYS_FILE: %w", err)
	}
	defer f.Close()
	v, err := Load(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return v, nil
}
