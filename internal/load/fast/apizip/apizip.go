// Package apizip keeps the API of packages as export data, one entry of a zip file
// per package, and reads single ones of it.
package apizip

import (
	"archive/zip"
	"bytes"
	"fmt"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/gcexportdata"
)

// An Archive is such a file. It is safe for concurrent use.
type Archive struct{ entries map[string]*zip.File }

// Open reads the list of entries.
func Open(data []byte) (*Archive, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	a := &Archive{entries: make(map[string]*zip.File, len(z.File))}
	for _, f := range z.File {
		a.entries[f.Name] = f
	}
	return a, nil
}

// Has reports whether there is an entry of that name.
func (a *Archive) Has(name string) bool { return a.entries[name] != nil }

// Names returns the names of all entries, in no order.
func (a *Archive) Names() []string {
	list := make([]string, 0, len(a.entries))
	for name := range a.entries {
		list = append(list, name)
	}
	return list
}

// Read returns the package in an entry, which has the given import path. Packages
// that were read before are in known, by path, and it adds those that it reads. Calls
// with the same map must not run at the same time.
func (a *Archive) Read(name, path string, fset *token.FileSet, known map[string]*types.Package) (*types.Package, error) {
	if p := known[path]; p != nil && p.Complete() {
		return p, nil
	}
	f := a.entries[name]
	if f == nil {
		return nil, fmt.Errorf("%s is not in the archive", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return gcexportdata.Read(r, fset, known, path)
}

// A Writer makes an archive.
type Writer struct {
	out bytes.Buffer
	z   *zip.Writer
}

// NewWriter returns a Writer without entries.
func NewWriter() *Writer {
	w := &Writer{}
	w.z = zip.NewWriter(&w.out)
	return w
}

// Add writes an entry with p's API. Entries have no time, so that the same API is
// the same bytes.
func (w *Writer) Add(name string, fset *token.FileSet, p *types.Package) error {
	f, err := w.z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
	if err != nil {
		return err
	}
	return gcexportdata.Write(f, fset, p)
}

// Bytes ends the archive and returns it.
func (w *Writer) Bytes() ([]byte, error) {
	if err := w.z.Close(); err != nil {
		return nil, err
	}
	return w.out.Bytes(), nil
}
