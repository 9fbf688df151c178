package filestore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

var _ session.Walker = (*Store)(nil)

// Walk is [session.Walker].Walk. It takes no lock. What is removed meanwhile is left
// out, and an error about a record has the file's name.
func (s *Store) Walk(ctx context.Context, kind session.Kind, visit func(key string, r session.Record, err error) bool) error {
	if err := session.CheckArgs(kind, "x"); err != nil {
		return err
	}
	names, err := s.list(kind)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		key, r, err := readAny(filepath.Join(s.dir, string(kind), name), kind)
		if !errors.Is(err, fs.ErrNotExist) && !visit(key, r, err) {
			return nil
		}
	}
	return nil
}

// readAny reads a record whose key is not known before.
func readAny(path string, kind session.Kind) (key string, r session.Record, err error) {
	data, err := readFile(path)
	if err == nil {
		key, err = keyIn(data, kind)
	}
	if err == nil {
		r, err = decode(data, kind, key)
	}
	if err == nil && filepath.Base(path) != hashOf(kind, key) {
		err = fmt.Errorf("%w: its file has another one's name", session.ErrCorrupt)
	}
	if err != nil {
		return "", session.Record{}, fmt.Errorf("filestore: %s: %w", path, unreadable(err))
	}
	return key, r, nil
}

// unreadable makes an error about one file one of [session.ErrCorrupt], unless the file
// is gone.
func unreadable(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, session.ErrCorrupt) {
		return err
	}
	return fmt.Errorf("%w: %w", session.ErrCorrupt, err)
}

// keyIn returns the key of the record in a whole file.
func keyIn(data []byte, kind session.Kind) (string, error) {
	body, err := bodyOf(data)
	if err != nil {
		return "", err
	}
	n, rest := uint64(binary.BigEndian.Uint32(body[16:])), body[20:]
	if n > uint64(len(rest)) {
		return "", fmt.Errorf("%w: it is cut short", session.ErrCorrupt)
	}
	key, ours := strings.CutPrefix(string(rest[:n]), string(kind)+"\x00")
	if !ours {
		return "", fmt.Errorf("%w: it is of another kind", session.ErrCorrupt)
	}
	return key, nil
}
