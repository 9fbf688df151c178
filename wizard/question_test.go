package wizard

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func flagsOf(questions []Question) []string {
	var out []string
	for _, q := range questions {
		out = append(out, q.Flag)
	}
	return out
}

func TestOpenAndMissing(t *testing.T) {
	for _, c := range []struct {
		name          string
		a             Answers
		open, missing []string
	}{
		{"nothing", Answers{}, []string{"provider", "allow", "store", "requirement", "scopes"}, []string{"provider", "allow"}},
		{"dev", Answers{Provider: []string{"dev"}}, []string{"store", "requirement", "scopes"}, nil},
		{"github", Answers{Provider: []string{"github"}, Scopes: []string{}}, []string{"allow", "store", "requirement"}, []string{"allow"}},
		{"optional", Answers{Provider: []string{"dev"}, Store: "file", Requirement: "optional", Scopes: []string{}}, []string{"public"}, []string{"public"}},
		{"all", valid(), nil, nil},
	} {
		if got := flagsOf(Open(c.a, weather())); !slices.Equal(got, c.open) {
			t.Errorf("%s: open %v", c.name, got)
		}
		if got := flagsOf(Missing(c.a, weather())); !slices.Equal(got, c.missing) {
			t.Errorf("%s: missing %v", c.name, got)
		}
	}
}

// What becomes of something is asked only where it was found, and where there is a
// choice.
func TestQuestionsAboutWhatIsThere(t *testing.T) {
	f := weather()
	for _, c := range []struct {
		provider string
		checks   []CheckFact
		asked    []string
	}{
		{"apikey", nil, []string{"stdio"}},
		{"dev", nil, nil},
		{"dev", []CheckFact{{"withKey", "main.go:3"}}, []string{"existing"}},
		{"jwt", []CheckFact{{"withKey", "main.go:3"}}, []string{"existing", "stdio"}},
	} {
		f.Servers[0].Transports[0].Checks = c.checks
		var got []string
		for _, q := range Open(Answers{Provider: []string{c.provider}}, f) {
			if q.Flag == "existing" || q.Flag == "stdio" {
				got = append(got, q.Flag)
			}
			if q.Flag == "existing" && q.Help != "Found: withKey (main.go:3)" {
				t.Errorf("help %q", q.Help)
			}
		}
		if !slices.Equal(got, c.asked) {
			t.Errorf("%s with checks %v: asked %v", c.provider, c.checks, got)
		}
	}
	f.Servers = f.Servers[:1]
	if slices.Contains(flagsOf(Open(Answers{Provider: []string{"apikey"}}, f)), "stdio") {
		t.Error("--stdio is asked where nothing is served over stdio")
	}
}

func TestQuestionsAreWellFormed(t *testing.T) {
	for _, q := range Questions(weather()) {
		if q.Title == "" || q.Flag == "" || q.ID == "" || q.Required == (q.Default != nil) {
			t.Errorf("%s: %+v", q.Flag, q)
		}
		if (q.Kind == KindChoice || q.Kind == KindMulti) != (len(q.Choices) > 0) {
			t.Errorf("%s: kind %s with %d choices", q.Flag, q.Kind, len(q.Choices))
		}
		for _, c := range q.Choices {
			if c.Later {
				t.Errorf("%s offers %s, which is not supported", q.Flag, c.Value)
			}
		}
	}
}

func TestAccept(t *testing.T) {
	byFlag := map[string]Question{}
	for _, q := range Questions(weather()) {
		byFlag[q.Flag] = q
	}
	for _, c := range []struct {
		flag  string
		value []string
		want  []string
		err   string
	}{
		{"provider", []string{" dev "}, []string{"dev"}, ""},
		{"provider", nil, nil, "--provider: an answer is needed"},
		{"provider", []string{"redis"}, nil, "unknown value"},
		{"store", []string{""}, []string{"file"}, ""},
		{"scopes", []string{""}, []string{}, ""},
		{"scopes", []string{"a", "b "}, []string{"a", "b"}, ""},
		{"public", nil, nil, "an answer is needed"},
		{"public", []string{"nope"}, nil, "matches no tool"},
	} {
		var a Answers
		err := byFlag[c.flag].Accept(&a, c.value)
		if got := byFlag[c.flag].Get(a); !reflect.DeepEqual(got, c.want) || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s %q: %v, %v", c.flag, c.value, got, err)
		}
	}
}

func TestMerge(t *testing.T) {
	file := Answers{Provider: []string{"dev"}, Allow: []string{"user:o"}, Store: "memory", Scopes: []string{"a"}, ToolScopes: map[string][]string{"x": {"a"}}}
	got := Merge(Answers{Store: "file", Scopes: []string{}}, file)
	want := file
	want.Store, want.Scopes = "file", []string{}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("flags over file: %+v", got)
	}
	if got := Merge(Answers{Provider: []string{"github"}}, file); got.Allow != nil {
		t.Errorf("another provider keeps the names of the old one: %v", got.Allow)
	}
	if got := Merge(Answers{Provider: []string{"dev"}}, file); got.Allow == nil {
		t.Error("the same provider loses its names")
	}
	if file.Store != "memory" {
		t.Error("an argument was changed")
	}
}

func TestAnyoneOfDevIsNotRecorded(t *testing.T) {
	dev := Complete(Answers{Provider: []string{"dev"}}, weather())
	if !slices.Equal(dev.Allow, []string{"anyone"}) || Recorded(dev).Allow != nil {
		t.Errorf("completed %v, recorded %v", dev.Allow, Recorded(dev).Allow)
	}
	shared := Answers{Provider: []string{"github"}, Allow: []string{"anyone"}}
	if Recorded(shared).Allow == nil {
		t.Error("what was said for github is lost")
	}
	if a := Complete(Answers{}, weather()); a.Allow != nil {
		t.Errorf("without a provider: %v", a.Allow)
	}
}

func TestCommandLine(t *testing.T) {
	a := valid()
	a.Store, a.Requirement, a.Public = "memory", "optional", []string{"get_*", "it's"}
	a.ToolScopes = map[string][]string{"delete_*": {"a", "b"}, "x": {"y"}}
	got := CommandLine(a, "-C", "my dir")
	want := `mcp-migrate migrate -C 'my dir' --provider github --allow user:octocat,org:acme --store memory --requirement optional ` +
		`--public 'get_*,it'\''s' --tool-scopes 'delete_*=a,b' --tool-scopes x=y --yes`
	// A colon and a comma mean nothing to a shell inside a word; = would not either.
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMatchTool(t *testing.T) {
	for _, c := range []struct {
		glob, name string
		want       bool
	}{
		{"a", "a", true}, {"a", "ab", false}, {"*", "", true}, {"*", "a/b", true}, {"get_*", "get_", true}, {"get_*", "xget_a", false},
		{"*_all", "delete_all", true}, {"*_all", "delete_all_", false}, {"a*b*c", "aXbXbc", true}, {"?", "", false}, {"a?c", "abc", true},
		{"[a]", "a", false}, {"[a]", "[a]", true}, {`\*`, "*", false}, {"", "", true}, {"", "a", false},
	} {
		if got := MatchTool(c.glob, c.name); got != c.want {
			t.Errorf("MatchTool(%q, %q) = %v", c.glob, c.name, got)
		}
	}
}

func TestSuggest(t *testing.T) {
	known := []string{"github", "google", "dev", "inspect"}
	for got, want := range map[string]string{"gihtub": "github", "gogle": "google", "dve": "dev", "inspct": "inspect", "zzz": "", "x": "", "": "", "facebook": ""} {
		if s := Suggest(got, known); s != want {
			t.Errorf("Suggest(%q) = %q, want %q", got, s, want)
		}
	}
}

// oneByOne answers every question with its first choice or a fixed text.
type oneByOne struct{ pages int }

func (o *oneByOne) Ask(_ context.Context, questions []Question, a *Answers) error {
	o.pages++
	for _, q := range questions {
		v := []string{"get_weather"}
		switch {
		case q.Flag == "allow":
			v = []string{"anyone"}
		case q.Flag == "requirement":
			v = []string{"optional"}
		case len(q.Choices) > 0:
			v = []string{q.Choices[0].Value}
		}
		if err := q.Accept(a, v); err != nil {
			return err
		}
	}
	return nil
}

func (*oneByOne) Confirm(context.Context, string) (bool, error) { return true, nil }

func TestAskOpenEndsWithValidAnswers(t *testing.T) {
	var a Answers
	asker := &oneByOne{}
	if err := AskOpen(context.Background(), asker, &a, weather()); err != nil {
		t.Fatal(err)
	}
	if asker.pages != 2 {
		t.Errorf("%d pages", asker.pages)
	}
	if errs := Validate(Complete(a, weather()), weather()); len(errs) > 0 {
		t.Errorf("%v", errs)
	}
}

// What was answered before decides whether an answer fits, so that a person is
// asked again and not turned away at the end.
func TestAcceptBesideEarlierAnswers(t *testing.T) {
	byFlag := map[string]Question{}
	for _, q := range Questions(weather()) {
		byFlag[q.Flag] = q
	}
	var a Answers
	if err := byFlag["provider"].Accept(&a, []string{"github", "dev"}); err == nil || !strings.Contains(err.Error(), "dev lets in") {
		t.Errorf("github and dev: %v", err)
	}
	if err := byFlag["provider"].Accept(&a, []string{"github", "google"}); err != nil {
		t.Fatal(err)
	}
	if err := byFlag["allow"].Accept(&a, []string{"user:octocat", "google:anyone"}); err == nil || !strings.Contains(err.Error(), "write github:user:octocat") {
		t.Errorf("a name without its provider: %v", err)
	}
	if err := byFlag["allow"].Accept(&a, []string{"github:user:octocat", "google:anyone"}); err != nil {
		t.Error(err)
	}
}
