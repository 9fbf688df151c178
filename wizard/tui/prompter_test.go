package tui

import (
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/wizard"
)

func weather() wizard.Facts {
	return wizard.Facts{Servers: []wizard.ServerFact{{ID: "s", Transports: []wizard.TransportFact{{Kind: "streamable-http"}},
		Tools: []wizard.ToolFact{{Name: "get_weather", ReadOnly: true}, {Name: "delete_all"}}}}}
}

func TestPrompter(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     wizard.Answers
		err      error
		out      []string
	}{
		{name: "numbers and defaults", in: "2\n\n\n\n",
			want: wizard.Answers{Provider: []string{"dev"}, Store: "file", Requirement: "required", Scopes: []string{}},
			out:  []string{"1. github: GitHub sign-in", "2. dev", "Numbers or names, with commas: ", "Number or name [file]: ", "Values, with commas [none]: "}},
		{name: "names", in: "github\nuser:octocat, org:acme\nmemory\nrequired\na,b\n",
			want: wizard.Answers{Provider: []string{"github"}, Allow: []string{"user:octocat", "org:acme"}, Store: "memory", Requirement: "required", Scopes: []string{"a", "b"}}},
		{name: "asked again until it is valid", in: "\n9\ngithib\n1\noctocat\nuser:octocat\r\n\n\n\n",
			want: wizard.Answers{Provider: []string{"github"}, Allow: []string{"user:octocat"}, Store: "file", Requirement: "required", Scopes: []string{}},
			out:  []string{"an answer is needed", "9: there is no such number, choose from 1 to 6", "did you mean github?", "does not say what it names"}},
		{name: "a later question opens", in: "dev\n1\n2\nget_*\n\n",
			want: wizard.Answers{Provider: []string{"dev"}, Store: "file", Requirement: "optional", Public: []string{"get_*"}, Scopes: []string{}},
			out:  []string{"Found: delete_all, get_weather"}},
		{name: "several providers", in: "1,dev\ngithub, 3\nuser:octocat,google:anyone\ngithub:user:octocat,google:anyone\n\n\n\n",
			want: wizard.Answers{Provider: []string{"github", "google"}, Allow: []string{"github:user:octocat", "google:anyone"}, Store: "file", Requirement: "required", Scopes: []string{}},
			out:  []string{"dev lets in whoever sits at this machine", "does not say at which provider"}},
		{name: "no input", err: wizard.ErrNoMoreInput},
		{name: "input ends half-way", in: "dev\n", err: wizard.ErrNoMoreInput},
		{name: "an unfinished line is no answer", in: "dev\n\n\nadmin", err: wizard.ErrNoMoreInput},
		{name: "endless line", in: strings.Repeat("x", 2*maxLine), err: errAny},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			var got wizard.Answers
			err := newPrompter(strings.NewReader(c.in), &out).Ask(context.Background(), wizard.Questions(weather()), &got)
			if c.err == errAny && err != nil {
				err = errAny
			}
			if !errors.Is(err, c.err) || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, %v\n%s", got, err, out.String())
			}
			for _, want := range c.out {
				if !strings.Contains(out.String(), want) {
					t.Errorf("output lacks %q:\n%s", want, out.String())
				}
			}
			if strings.Contains(out.String(), "\x1b") {
				t.Errorf("escape sequences: %q", out.String())
			}
		})
	}
}

var errAny = errors.New("any")

// TestPrompterKeepsEarlyInput types everything ahead, over several calls.
func TestPrompterKeepsEarlyInput(t *testing.T) {
	p := newPrompter(strings.NewReader("dev\n\n\n\nmaybe\nyes\nno\n\n"), io.Discard)
	var a wizard.Answers
	if err := p.Ask(context.Background(), wizard.Open(a, weather()), &a); err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, false, false} {
		if got, err := p.Confirm(context.Background(), "Write?"); got != want || err != nil {
			t.Errorf("got %v, %v; want %v", got, err, want)
		}
	}
	if _, err := p.Confirm(context.Background(), "Write?"); !errors.Is(err, wizard.ErrNoMoreInput) {
		t.Errorf("at the end: %v", err)
	}
}

func TestPrompterInterrupted(t *testing.T) {
	in, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var a wizard.Answers
	err := newPrompter(in, io.Discard).Ask(ctx, wizard.Questions(weather()), &a)
	if !errors.Is(err, wizard.ErrAborted) || !reflect.DeepEqual(a, wizard.Answers{}) {
		t.Errorf("got %v, %+v", err, a)
	}
}

func TestParseMulti(t *testing.T) {
	q := wizard.Question{Kind: wizard.KindMulti, Choices: []wizard.Choice{{Value: "a"}, {Value: "b"}}}
	got, err := parse(q, "2, a")
	if err != nil || !reflect.DeepEqual(got, []string{"b", " a"}) {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := parse(q, "1,3"); err == nil {
		t.Error("3 of 2 was accepted")
	}
}
