package load

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// ErrOutside is a file that is not in any module of the program, or a link out of it.
var ErrOutside = errors.New("it is outside of the module")

// ReadData reads a file beside the program's sources, such as one that it embeds. name
// is absolute. Like sources, such a file has to be in a module of the program, also
// after its links are followed; more than max bytes are an error. rel is its name
// relative to Program.Dir, with forward slashes.
func (p *Program) ReadData(name string, max int64) (data []byte, rel string, err error) {
	real, err := filepath.EvalSymlinks(name)
	if err != nil {
		return nil, "", err
	}
	if !p.holds(name) || !p.holds(real) {
		return nil, "", fmt.Errorf("%s: %w", filepath.Base(name), ErrOutside)
	}
	if info, err := os.Stat(real); err != nil || !info.Mode().IsRegular() {
		return nil, "", errors.Join(fmt.Errorf("%s is no file", filepath.Base(name)), err)
	}
	f, err := os.Open(real)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	if data, err = io.ReadAll(io.LimitReader(f, max+1)); err != nil {
		return nil, "", err
	}
	if int64(len(data)) > max {
		return nil, "", fmt.Errorf("%s has more than %d bytes", filepath.Base(name), max)
	}
	rel, err = filepath.Rel(p.Dir, name)
	return data, filepath.ToSlash(rel), err
}

// holds reports whether name is in a module of the program.
func (p *Program) holds(name string) bool {
	for _, m := range p.Modules {
		for _, dir := range []string{m.Dir, followed(m.Dir)} {
			if rel, err := filepath.Rel(dir, name); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
				return true
			}
		}
	}
	return false
}

// followed is dir without links, where that can be told.
func followed(dir string) string {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		return real
	}
	return dir
}
