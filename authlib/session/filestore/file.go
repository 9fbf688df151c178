package filestore

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

const (
	magic     = "mcps1\n"
	headerLen = len(magic) + sha256.Size
	tmpSuffix = ".tmp"
	// maxFile is more than any record needs; a longer file is damaged.
	maxFile = session.MaxValue + 4096
)

// path names a record's file by a hash, so that no key can name another file
// and no listing shows one.
func (s *Store) path(kind session.Kind, key string) string {
	return filepath.Join(s.dir, string(kind), hashOf(kind, key))
}

func hashOf(kind session.Kind, key string) string {
	sum := sha256.Sum256([]byte(string(kind) + "\x00" + key))
	return hex.EncodeToString(sum[:])
}

// encode lays out: magic, SHA-256 of the rest, version, end in unix
// milliseconds, length of the key, kind and key, value.
func encode(kind session.Kind, key string, r session.Record) []byte {
	name := string(kind) + "\x00" + key
	body := binary.BigEndian.AppendUint64(nil, r.Version)
	body = binary.BigEndian.AppendUint64(body, uint64(r.Expires.UnixMilli()))
	body = binary.BigEndian.AppendUint32(body, uint32(len(name)))
	body = append(body, name...)
	body = append(body, r.Value...)
	sum := sha256.Sum256(body)
	return append(append([]byte(magic), sum[:]...), body...)
}

// bodyOf returns what follows the checksum, if it fits.
func bodyOf(data []byte) ([]byte, error) {
	if len(data) < headerLen+20 || string(data[:len(magic)]) != magic {
		return nil, fmt.Errorf("%w: it is cut short or is none of ours", session.ErrCorrupt)
	}
	body := data[headerLen:]
	sum := sha256.Sum256(body)
	if !bytes.Equal(sum[:], data[len(magic):headerLen]) {
		return nil, fmt.Errorf("%w: its checksum does not fit", session.ErrCorrupt)
	}
	return body, nil
}

// endOf returns when the record in a whole file ends.
func endOf(data []byte) (time.Time, error) {
	body, err := bodyOf(data)
	if err != nil {
		return time.Time{}, err
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(body[8:]))), nil
}

// decode is the reverse; whatever is not whole is session.ErrCorrupt.
func decode(data []byte, kind session.Kind, key string) (session.Record, error) {
	body, err := bodyOf(data)
	if err != nil {
		return session.Record{}, err
	}
	n := uint64(binary.BigEndian.Uint32(body[16:]))
	rest := body[20:]
	if n > uint64(len(rest)) || string(rest[:n]) != string(kind)+"\x00"+key {
		return session.Record{}, fmt.Errorf("%w: it belongs to another key", session.ErrCorrupt)
	}
	return session.Record{
		Version: binary.BigEndian.Uint64(body),
		Expires: time.UnixMilli(int64(binary.BigEndian.Uint64(body[8:]))),
		Value:   bytes.Clone(rest[n:]),
	}, nil
}

func readFile(path string) (data []byte, err error) {
	err = retrySharing(func() error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		data, err = io.ReadAll(io.LimitReader(f, maxFile+1))
		return err
	})
	return data, err
}

// write replaces the record's file. It is called with the key's lock held.
func (s *Store) write(kind session.Kind, key string, r session.Record) error {
	path := s.path(kind, key)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("filestore: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*"+tmpSuffix) // 0600
	if err != nil {
		return fmt.Errorf("filestore: %w", err)
	}
	_, err = tmp.Write(encode(kind, key, r))
	if err == nil {
		err = tmp.Sync()
	}
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = retrySharing(func() error { return os.Rename(tmp.Name(), path) })
	}
	if err != nil {
		os.Remove(tmp.Name())
		return fmt.Errorf("filestore: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a rename last. Windows cannot, and needs not.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("filestore: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("filestore: %w", err)
	}
	return nil
}

// retrySharing repeats what Windows refuses while somebody else has the file
// open for an instant.
func retrySharing(f func() error) error {
	err := f()
	for i := 0; runtime.GOOS == "windows" && i < 20 && err != nil && !errors.Is(err, fs.ErrNotExist); i++ {
		time.Sleep(5 * time.Millisecond)
		err = f()
	}
	return err
}

// list returns the names of a kind's record files.
func (s *Store) list(kind session.Kind) ([]string, error) {
	d, err := os.Open(filepath.Join(s.dir, string(kind)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("filestore: %w", err)
	}
	defer d.Close()
	all, err := d.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("filestore: %w", err)
	}
	names := all[:0]
	for _, n := range all {
		if !strings.HasSuffix(n, tmpSuffix) {
			names = append(names, n)
		}
	}
	return names, nil
}
