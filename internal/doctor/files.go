package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/filestore"
)

// openFiles looks at the folder before it is opened, since opening would make what is
// missing.
func openFiles(r *Report, o SessionOptions) (session.Store, func(), bool) {
	f, err := readFolder(o.Dir)
	if err != nil {
		r.Stop(stepFolder, folderError(err), "start the program once, and run doctor as its user, in its folder; MCP_SESSION_DIR says where sessions are")
		return nil, nil, false
	}
	if !f.ours() {
		r.Stop(stepFolder, fmt.Sprintf("%s is no session folder: no program has opened it as one", o.Dir), "point MCP_SESSION_DIR, or --store-dir, at the folder that the program uses")
		return nil, nil, false
	}
	f.report(r)
	space(r, o)
	s, err := filestore.Open(o.Dir)
	if err != nil {
		r.Stop(stepReach, err.Error(), "the program does not start with this; mend the permissions or the owner first")
		return nil, nil, false
	}
	s.Now = o.Now
	r.Good(stepReach, "the folder can be read and locked")
	return s, func() {}, true
}

func folderError(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "the folder is not there: nobody has signed in yet, or it is another one"
	case errors.Is(err, fs.ErrPermission):
		return "the folder cannot be read by this user"
	}
	return err.Error()
}

// maxFiles is how many files of a folder are looked at.
const maxFiles = 100_000

// A folder is what lies in a session folder.
type folder struct {
	path    string
	mode    fs.FileMode
	locks   bool           // a program has opened it
	records map[string]int // files by folder of a kind
	foreign []string       // what is no record's place, at most a few
	open    []string       // what others than its owner may read or write
	writes  bool           // others may write to something
	files   int
}

// kindFolder is a kind of records with the six letters of its resource.
var kindFolder = regexp.MustCompile(`^[a-z]{7,22}$`)

// recordFile is what records' files are called, also while they are written.
var recordFile = regexp.MustCompile(`^[0-9a-f]{64}(\..*\.tmp)?$`)

func readFolder(path string) (*folder, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is a file, not a folder", path)
	}
	f := &folder{path: path, mode: info.Mode().Perm(), records: map[string]int{}}
	f.exposed(".", f.mode)
	entries, err := os.ReadDir(path)
	for _, e := range entries {
		switch {
		case e.Name() == ".lock" && e.IsDir():
			f.locks = true
		case e.IsDir() && kindFolder.MatchString(e.Name()):
			err = errors.Join(err, f.readKind(e.Name()))
		default:
			f.foreign = append(f.foreign, e.Name())
		}
	}
	return f, err
}

func (f *folder) readKind(name string) error {
	entries, err := os.ReadDir(filepath.Join(f.path, name))
	for _, e := range entries {
		if f.files++; f.files > maxFiles {
			break
		}
		if e.IsDir() || !recordFile.MatchString(e.Name()) {
			f.foreign = append(f.foreign, name+"/"+e.Name())
			continue
		}
		if !strings.HasSuffix(e.Name(), ".tmp") {
			f.records[name]++
		}
		if info, err := e.Info(); err == nil {
			f.exposed(name+"/"+e.Name(), info.Mode().Perm())
		}
	}
	return err
}

// exposed notes what others than the owner may open. Modes say nothing on Windows.
func (f *folder) exposed(name string, mode fs.FileMode) {
	if mode&0o077 == 0 || runtime.GOOS == "windows" {
		return
	}
	f.open = append(f.open, fmt.Sprintf("%s (%04o)", name, mode))
	f.writes = f.writes || mode&0o022 != 0
}

// ours reports whether a program opened the folder as a session folder.
func (f *folder) ours() bool { return f.locks }

func (f *folder) report(r *Report) {
	f.reportForeign(r)
	cure := fmt.Sprintf("run: chmod -R go= %s", f.path)
	switch {
	case f.writes:
		r.Bad(stepModes, "others may write to "+some(f.open), cure)
	case len(f.open) > 0:
		r.Warn(stepModes, "others may read "+some(f.open)+"; records are encrypted, yet nobody else needs them", cure)
	default:
		r.Good(stepModes, "only its owner may open the folder (%04o) and its %s", f.mode, count(f.files, "record"))
	}
	if f.files > maxFiles {
		r.Warn(stepModes, fmt.Sprintf("the folder holds more than %d files, and no further ones were looked at", maxFiles), "")
	}
	r.grants = f.grants()
}

func (f *folder) reportForeign(r *Report) {
	if len(f.foreign) == 0 {
		r.Good(stepFolder, "holds nothing but records")
		return
	}
	r.Warn(stepFolder, "holds what is no record: "+some(f.foreign), "keep sessions in a folder of their own")
}

// grants is how many sign-ins lie here, of whatever resource: folders of one kind differ
// in the letters of their resource only.
func (f *folder) grants() int {
	n := 0
	for name, files := range f.records {
		if kind, ok := cutKind(name); ok && kind == "grant" {
			n += files
		}
	}
	return n
}

// otherResources says whether sign-ins of other resources lie where those of this one,
// n of them, do.
func otherResources(r *Report, n int) {
	others := r.grants - n
	if others <= 0 {
		return
	}
	found := count(others, "sign-in") + " of another MCP_RESOURCE_URL in this folder, which this one does not open"
	if n == 0 {
		r.Bad("other resources", found, "set MCP_RESOURCE_URL to the URL that users signed in at, letter for letter; if the URL was changed on purpose, everybody signs in again")
		return
	}
	r.Warn("other resources", found, "where only this program uses the folder, they are of a former URL and of no use")
}

// cutKind takes the letters of the resource from a folder's name.
func cutKind(name string) (kind string, ok bool) {
	const letters = 6
	if len(name) <= letters {
		return "", false
	}
	return name[:len(name)-letters], true
}

// some lists the first few names.
func some(names []string) string {
	const most = 3
	text := ""
	for i, n := range names[:min(len(names), most)] {
		if i > 0 {
			text += ", "
		}
		text += Quote(n)
	}
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
