package prove

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxCopy bounds the copy, in bytes.
const maxCopy = 1 << 30

// copyModule copies the regular files below from, so that a program which writes
// beside itself does so in the copy. What git keeps is left out, and so are
// symbolic links: through one the program would write into the original.
func copyModule(to, from string) error {
	room := int64(maxCopy)
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir() && d.Name() == ".git":
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(target, 0o700)
		case !d.Type().IsRegular():
			return nil
		}
		n, err := copyFile(target, name, room)
		if room -= n; err == nil && room <= 0 {
			err = fmt.Errorf("%s holds more than %d MiB, which is too much to copy aside", from, maxCopy>>20)
		}
		return err
	})
}

// copyFile copies at most limit bytes, and returns how many.
func copyFile(to, from string, limit int64) (int64, error) {
	in, err := os.Open(from)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return 0, err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm()|0o200)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(out, io.LimitReader(in, limit))
	if closed := out.Close(); err == nil {
		err = closed
	}
	return n, err
}
