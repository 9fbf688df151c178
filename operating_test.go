package mcpmigrate_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/otelauth"
)

const operatingPage = "docs/operating.md"

// A record is what authlib writes into logs under one message.
type record struct {
	levels, attrs map[string]bool
}

func (r record) String() string {
	return strings.Join(slices.Sorted(maps.Keys(r.levels)), ", ") + " " + strings.Join(slices.Sorted(maps.Keys(r.attrs)), ", ")
}

// The page has every record that authlib can write, with its level and attributes, and
// no other: alerts are built on it.
func TestOperatingPageHasEveryRecord(t *testing.T) {
	written := writtenRecords(t)
	documented := map[string]string{}
	for _, row := range tableRows(t, "Records") {
		documented[code(row[0])] = row[1] + " " + strings.ReplaceAll(row[3], "`", "")
	}
	for msg, r := range written {
		if got := documented[msg]; got != r.String() {
			t.Errorf("%s is written as\n\t%s\nand %s says\n\t%s", msg, r, operatingPage, got)
		}
	}
	for msg := range documented {
		if _, ok := written[msg]; !ok {
			t.Errorf("%s has %s, which nothing writes", operatingPage, msg)
		}
	}
	if len(written) < 25 {
		t.Errorf("only %d records were found in the sources", len(written))
	}
}

// The page has every metric with its unit and the words of its attributes.
func TestOperatingPageHasEveryMetric(t *testing.T) {
	rows := map[string][]string{}
	for _, row := range tableRows(t, "Metrics") {
		rows[code(row[0])] = row
	}
	for _, kind := range authlib.EventKinds() {
		name, unit := metricOf(t, kind)
		words, _ := authlib.WordsOf(kind)
		row := rows[string(kind)]
		if row == nil {
			t.Errorf("%s has no event %s", operatingPage, kind)
			continue
		}
		if want := "`" + name + "` " + unit; row[1] != want {
			t.Errorf("%s: metric %s, want %s", kind, row[1], want)
		}
		ops := words.Operations
		if kind == authlib.EventDecision { // the methods of MCP, and these
			ops = []string{"batch", "end", "none", "stream"}
		}
		for i, list := range [][]string{ops, words.Outcomes, words.Reasons} {
			got := codes.FindAllString(row[2+i], -1)
			for j := range got {
				got[j] = strings.Trim(got[j], "`")
			}
			slices.Sort(got)
			if want := slices.Sorted(slices.Values(list)); !slices.Equal(got, want) {
				t.Errorf("%s: words %q, want %q", kind, got, want)
			}
		}
		delete(rows, string(kind))
	}
	for kind := range rows {
		t.Errorf("%s has %s, which is no event", operatingPage, kind)
	}
}

var codes = regexp.MustCompile("`[^`]+`")

func code(cell string) string { return strings.Trim(cell, "`") }

// metricOf asks otelauth what it makes of a kind of events.
func metricOf(t *testing.T, kind authlib.EventKind) (name, unit string) {
	t.Helper()
	r := metric.NewManualReader()
	o, err := otelauth.New(metric.NewMeterProvider(metric.WithReader(r)))
	if err != nil {
		t.Fatal(err)
	}
	o.Observe(context.Background(), authlib.Event{Kind: kind})
	var got metricdata.ResourceMetrics
	if err := r.Collect(context.Background(), &got); err != nil || len(got.ScopeMetrics) != 1 || len(got.ScopeMetrics[0].Metrics) != 1 {
		t.Fatalf("%s: %v, %+v", kind, err, got)
	}
	m := got.ScopeMetrics[0].Metrics[0]
	return m.Name, m.Unit
}

// tableRows returns the cells of the table under a heading.
func tableRows(t *testing.T, heading string) (rows [][]string) {
	t.Helper()
	page, err := os.ReadFile(operatingPage)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(page), "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("%s has no section %s", operatingPage, heading)
	}
	section, _, _ := strings.Cut(rest, "\n## ")
	for _, line := range strings.Split(section, "\n") {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		var cells []string
		for _, c := range strings.Split(strings.Trim(line, "|"), "|") {
			cells = append(cells, strings.TrimSpace(c))
		}
		rows = append(rows, cells)
	}
	return rows
}

// writtenRecords finds every call that writes a record in authlib's sources. A message
// that is no constant, and attributes that can't be told from the source, are errors.
func writtenRecords(t *testing.T) map[string]record {
	t.Helper()
	out := map[string]record{}
	err := filepath.WalkDir("authlib", func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		files := parseSources(t, dir)
		consts := constants(files)
		for _, f := range files {
			for _, decl := range f.Decls {
				if fn, ok := decl.(*ast.FuncDecl); ok && fn.Body != nil {
					(&recordFinder{t, consts, fn, out}).find()
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func parseSources(t *testing.T, dir string) (files []*ast.File) {
	t.Helper()
	names, _ := filepath.Glob(dir + "/*.go")
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// constants returns a package's constants whose values are written as strings.
func constants(files []*ast.File) map[string]string {
	out := map[string]string{}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Names) == len(spec.Values) {
				for i, v := range spec.Values {
					if s, ok := literal(v); ok {
						out[spec.Names[i].Name] = s
					}
				}
			}
			return true
		})
	}
	return out
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// A recordFinder looks through one function.
type recordFinder struct {
	t      *testing.T
	consts map[string]string
	fn     *ast.FuncDecl
	out    map[string]record
}

// levels are the methods that write a record, the level that they mean, and where in
// their arguments the message is.
var levels = map[string]struct {
	level string
	at    int
}{
	"Debug": {"debug", 0}, "Info": {"info", 0}, "Warn": {"warn", 0}, "Error": {"error", 0},
	"DebugContext": {"debug", 1}, "InfoContext": {"info", 1}, "WarnContext": {"warn", 1}, "ErrorContext": {"error", 1},
	"LogAttrs": {"", 2}, "Log": {"", 2}, "audit": {"warn", 1},
}

var loggers = regexp.MustCompile(`^(log|Logger|allowed|g|x)$`)

func (f *recordFinder) find() {
	ast.Inspect(f.fn, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		m, ok := levels[sel.Sel.Name]
		if receiver := lastName(sel.X); !ok || !loggers.MatchString(receiver) {
			return true
		} else if sel.Sel.Name == "audit" && receiver == "x" {
			m.at = 0
		}
		f.add(call, sel.Sel.Name, m.level, m.at)
		return true
	})
}

func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func (f *recordFinder) add(call *ast.CallExpr, method, level string, at int) {
	if f.fn.Name.Name == "audit" {
		return // the function by which others write
	}
	msg, ok := literal(call.Args[at])
	if !ok {
		msg, ok = f.consts[lastName(call.Args[at])]
	}
	if !ok || !regexp.MustCompile(`^[a-z_]+$`).MatchString(msg) {
		f.t.Errorf("%s: a record whose message is no constant of small letters: %s", f.fn.Name.Name, msg)
		return
	}
	if level == "" {
		level = strings.ToLower(strings.TrimPrefix(lastName(call.Args[at-1]), "Level"))
	}
	r, known := f.out[msg]
	if !known {
		r = record{map[string]bool{}, map[string]bool{}}
	}
	r.levels[level] = true
	f.attributes(call.Args[at+1:], r.attrs)
	delete(r.attrs, "request") // they all have it
	f.out[msg] = r
}

// attributes adds the keys of args: pairs, calls of package slog, and lists of either
// that the function made before.
func (f *recordFinder) attributes(args []ast.Expr, into map[string]bool) {
	for i := 0; i < len(args); i++ {
		if s, ok := literal(args[i]); ok {
			into[s] = true
			i++ // its value
			continue
		}
		switch e := args[i].(type) {
		case *ast.CallExpr:
			f.called(e, into)
		case *ast.Ident:
			f.made(e.Name, into)
		default:
			f.t.Errorf("%s: attributes that can't be told from the source", f.fn.Name.Name)
		}
	}
}

func (f *recordFinder) called(call *ast.CallExpr, into map[string]bool) {
	switch name := lastName(call.Fun); name {
	case "append":
		f.attributes(call.Args, into)
	case "opAttrs":
		into["caller"], into["method"], into["name"] = true, true, true
	case "String", "Int", "Any", "Duration", "Bool":
		s, ok := literal(call.Args[0])
		if !ok {
			f.t.Errorf("%s: slog.%s with a key that is no literal", f.fn.Name.Name, name)
		}
		into[s] = true
	default:
		f.t.Errorf("%s: attributes of %s can't be told from the source", f.fn.Name.Name, name)
	}
}

// made adds the keys of a list that the function assigned to a name.
func (f *recordFinder) made(name string, into map[string]bool) {
	found := false
	ast.Inspect(f.fn, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || lastName(as.Lhs[0]) != name {
			return true
		}
		if list, ok := as.Rhs[0].(*ast.CompositeLit); ok {
			found = true
			f.attributes(list.Elts, into)
		}
		return true
	})
	if !found {
		f.t.Errorf("%s: the list %s can't be told from the source", f.fn.Name.Name, name)
	}
}
