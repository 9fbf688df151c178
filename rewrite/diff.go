package rewrite

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// Diff returns the plan as a patch that git apply takes from the root of the
// repository (where there is none, of the module, or of the folder that holds every
// module of the workspace that changes): every file whole, new ones included. One that
// takes credentials out of the source does not have them in it, and can't be applied; a
// step of the plan says so.
func Diff(ctx context.Context, p *Plan) []byte {
	prefix := repoPrefix(ctx, p.Program.Dir)
	if _, ok := gitDir(ctx, p.Program.Dir); !ok {
		prefix = rebase(".", p.Program.Dir, common(p))
	}
	var out strings.Builder
	for _, f := range p.Files {
		out.WriteString(fileDiff(path.Join(prefix, f.Rel), f))
	}
	return []byte(out.String())
}

// common returns the folder at or above Program.Dir that holds every file of the plan.
func common(p *Plan) string {
	dir := p.Program.Dir
	for _, f := range p.Files {
		for strings.HasPrefix(rebase(f.Rel, p.Program.Dir, dir), "../") {
			dir = filepath.Dir(dir)
		}
	}
	return dir
}

func fileDiff(name string, f FileChange) string {
	a, b := quotePath("a/"+name), quotePath("b/"+name)
	var out strings.Builder
	fmt.Fprintf(&out, "diff --git %s %s\n", a, b)
	if f.Old == nil {
		fmt.Fprintf(&out, "new file mode %s\n", gitMode(f.Mode))
		a = "/dev/null"
	}
	if f.removed() {
		out.WriteString("deleted file mode 100644\n")
		b = "/dev/null"
	}
	if len(f.Old) == 0 && len(f.New) == 0 {
		return out.String()
	}
	out.WriteString(f.withoutSecrets(udiff.Unified(a, b, string(f.Old), string(f.New))))
	return out.String()
}

func gitMode(m fs.FileMode) string {
	if m&0o100 != 0 {
		return "100755"
	}
	return "100644"
}

// quotePath quotes a name as git does when it holds a control character, a quote
// or a backslash.
func quotePath(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == 0x7f }) {
		return name
	}
	var out strings.Builder
	out.WriteByte('"')
	for i := range len(name) {
		switch c := name[i]; {
		case c == '"' || c == '\\':
			out.WriteByte('\\')
			out.WriteByte(c)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&out, "\\%03o", c)
		default:
			out.WriteByte(c)
		}
	}
	out.WriteByte('"')
	return out.String()
}

// Preview returns the plan for a person: what is edited and written by hand as a
// diff, what is copied from authlib or vendored in one line per package or module with
// a digest.
func Preview(ctx context.Context, p *Plan) string {
	var out strings.Builder
	bulk := inBulk(p)
	for _, f := range p.Files {
		if _, ok := bulk[f.Rel]; !ok {
			out.WriteString(fileDiff(f.Rel, f))
		}
	}
	for _, line := range summarize(p, bulk) {
		out.WriteString(line + "\n")
	}
	return out.String()
}
