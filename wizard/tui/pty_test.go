//go:build unix

package tui

import (
	"context"
	"errors"
	"io"
	"os"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/huh"
	"github.com/creack/pty"
	"github.com/hinshun/vt10x"

	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// A screen is a terminal of 80×40 with a person in front of it.
type screen struct {
	t    *testing.T
	keys *os.File // the person's side
	tty  *os.File // the program's side
	term vt10x.Terminal

	mu  sync.Mutex
	raw strings.Builder // everything that was drawn
}

func newScreen(t *testing.T) *screen {
	keys, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 40, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, keys: keys, tty: tty, term: vt10x.New(vt10x.WithSize(80, 40), vt10x.WithWriter(keys))}
	go s.draw()
	// The program's side stays open: bubbletea leaves a goroutine behind that asks
	// for the size of its terminal, also after the program has ended.
	t.Cleanup(func() { keys.Close() })
	return s
}

func (s *screen) draw() {
	buf := make([]byte, 4096)
	for {
		n, err := s.keys.Read(buf)
		s.mu.Lock()
		s.raw.Write(buf[:n])
		s.mu.Unlock()
		_, _ = s.term.Write(buf[:n])
		if err != nil {
			return
		}
	}
}

func (s *screen) drawn() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.raw.String()
}

// waitFor waits until the screen shows a text.
func (s *screen) waitFor(text string) {
	s.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !strings.Contains(s.term.String(), text) {
		if time.Now().After(deadline) {
			s.t.Fatalf("the screen never shows %q:\n%s", text, s.term.String())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (s *screen) press(keys string) {
	s.t.Helper()
	if _, err := io.WriteString(s.keys, keys); err != nil {
		s.t.Fatal(err)
	}
}

func (s *screen) asker(env ...string) wizard.Asker {
	a := New(Options{In: s.tty, Out: s.tty, Env: append([]string{"TERM=xterm-256color"}, env...)})
	if a == nil {
		s.t.Fatal("nobody asks on a terminal")
	}
	return a
}

type reply struct {
	answers wizard.Answers
	err     error
}

// ask starts asking everything that is open.
func (s *screen) ask(asker wizard.Asker, answers wizard.Answers) <-chan reply {
	done := make(chan reply, 1)
	go func() {
		err := wizard.AskOpen(context.Background(), asker, &answers, weather())
		done <- reply{answers, err}
	}()
	return done
}

func (s *screen) await(done <-chan reply) reply {
	s.t.Helper()
	select {
	case r := <-done:
		return r
	case <-time.After(20 * time.Second):
		s.t.Fatalf("never returned:\n%s", s.term.String())
		return reply{}
	}
}

const (
	enter     = "\r"
	down      = "\x1b[B"
	up        = "\x1b[A"
	shiftTab  = "\x1b[Z"
	backspace = "\x7f"
	ctrlC     = "\x03"
)

func TestPageToCompletion(t *testing.T) {
	s := newScreen(t)
	done := s.ask(s.asker(), wizard.Answers{})
	s.waitFor("How do callers sign in?")
	s.press(enter) // github
	s.waitFor("┃ Who may sign in?")
	s.press("octocat" + enter)
	s.waitFor("write user:octocat") // refused; the field keeps what was typed
	s.press(strings.Repeat(backspace, len("octocat")) + "user:octocat" + enter)
	s.waitFor("┃ Where do sessions live?")
	s.press(down + enter) // memory
	s.waitFor("┃ Does every request need a caller?")
	s.press(down + enter) // optional, which opens a question on a second page
	s.waitFor("┃ Which scopes")
	s.press("read,write" + enter)
	s.waitFor("Which tools are public?")
	s.press("nope" + enter)
	s.waitFor("--public nope: matches no tool")
	s.press(strings.Repeat(backspace, len("nope")) + "get_*" + enter)
	want := wizard.Answers{Provider: []string{"github"}, Allow: []string{"user:octocat"}, Store: "memory", Requirement: "optional",
		Scopes: []string{"read", "write"}, Public: []string{"get_*"}}
	if r := s.await(done); r.err != nil || !reflect.DeepEqual(r.answers, want) {
		t.Errorf("got %+v", r)
	}
	if !colour.MatchString(s.drawn()) {
		t.Error("no colour on a terminal that has some")
	}
}

// TestPageLeavesOutWhatDevDoesNotNeed presses enter all the way through.
func TestPageLeavesOutWhatDevDoesNotNeed(t *testing.T) {
	s := newScreen(t)
	done := s.ask(s.asker("NO_COLOR=1"), wizard.Answers{})
	s.waitFor("┃ How do callers sign in?")
	s.press(down)
	s.waitFor("> [ ] dev")
	for _, next := range []string{"┃ Who may", "┃ Where", "┃ Does every", "┃ Which scopes"} {
		s.press(enter)
		s.waitFor(next)
	}
	s.press(enter)
	want := wizard.Answers{Provider: []string{"dev"}, Store: "file", Requirement: "required", Scopes: []string{}}
	if r := s.await(done); r.err != nil || !reflect.DeepEqual(r.answers, want) {
		t.Errorf("got %+v", r)
	}
	if c := colour.FindString(s.drawn()); c != "" {
		t.Errorf("NO_COLOR is set, and there is %q", c)
	}
	if strings.Contains(s.drawn(), "\x1b]11;?") {
		t.Error("the terminal was asked for its background")
	}
}

// TestPageGoneBack changes an answer that a later one depends on.
func TestPageGoneBack(t *testing.T) {
	s := newScreen(t)
	done := s.ask(s.asker(), wizard.Answers{Store: "file", Requirement: "required"})
	s.waitFor("┃ How do callers sign in?")
	s.press(down)
	s.waitFor("> [ ] dev")
	s.press(enter)
	s.waitFor("┃ Who may")
	s.press(enter)
	s.waitFor("┃ Which scopes")
	s.press(shiftTab + shiftTab)
	s.waitFor("┃ How do callers sign in?")
	s.press(up)
	s.waitFor("> [ ] github")
	s.press(enter)
	s.waitFor("┃ Who may")
	s.press(enter)
	s.waitFor("an answer is needed")
	s.press("anyone" + enter)
	s.waitFor("┃ Which scopes")
	s.press(enter)
	if r := s.await(done); r.err != nil || r.answers.Provider[0] != "github" || r.answers.Allow[0] != "anyone" {
		t.Errorf("got %+v", r)
	}
}

// TestPageMarksSeveral marks two providers; a combination that makes no sense is
// said at once.
func TestPageMarksSeveral(t *testing.T) {
	s := newScreen(t)
	done := s.ask(s.asker(), wizard.Answers{Store: "file", Requirement: "required", Scopes: []string{}})
	s.waitFor("┃ How do callers sign in?")
	s.press(" " + down + " " + enter)
	s.waitFor("dev lets in whoever sits at this")
	s.press(" " + down + " ")
	s.waitFor("> [•] google")
	s.press(enter)
	s.waitFor("┃ Who may")
	s.press("github:user:octocat,google:anyone" + enter)
	r := s.await(done)
	if r.err != nil || !reflect.DeepEqual(r.answers.Provider, []string{"github", "google"}) || !reflect.DeepEqual(r.answers.Allow, []string{"github:user:octocat", "google:anyone"}) {
		t.Errorf("got %+v", r)
	}
}

func TestPageAborted(t *testing.T) {
	s := newScreen(t)
	before := wizard.Answers{Store: "memory"}
	done := s.ask(s.asker(), before)
	s.waitFor("Who may sign in?")
	s.press(enter)
	s.press(ctrlC)
	if r := s.await(done); !errors.Is(r.err, wizard.ErrAborted) || !reflect.DeepEqual(r.answers, before) {
		t.Errorf("got %+v", r)
	}
}

// TestPageStoppedFromOutside cancels the context of a page. Under the race
// detector it also shows that nobody reads from a closed terminal then.
func TestPageStoppedFromOutside(t *testing.T) {
	s := newScreen(t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		_, err := s.asker().Confirm(ctx, "Write?")
		done <- err
	}()
	s.waitFor("Write?")
	cancel()
	select {
	case err := <-done:
		if !errors.Is(err, wizard.ErrAborted) {
			t.Errorf("got %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("never returned")
	}
}

func TestPageConfirm(t *testing.T) {
	for keys, want := range map[string]bool{enter: false, "y": true, "n": false} {
		s := newScreen(t)
		asker := s.asker()
		done := make(chan bool, 1)
		go func() {
			yes, err := asker.Confirm(context.Background(), "Write these changes?")
			done <- yes && err == nil
		}()
		s.waitFor("Write these changes?")
		s.press(keys)
		select {
		case got := <-done:
			if got != want {
				t.Errorf("%q: %v", keys, got)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%q: never returned:\n%s", keys, s.term.String())
		}
	}
}

// TestPageMadeSmall shrinks the window to nothing while a page is shown.
func TestPageMadeSmall(t *testing.T) {
	s := newScreen(t)
	if got := keepRoom(nil, tea.WindowSizeMsg{Width: 1}); got != (tea.WindowSizeMsg{Width: minWidth, Height: minHeight}) {
		t.Errorf("got %v", got)
	}
	d, _ := newTestDraft()
	form := huh.NewForm(huh.NewGroup(d.fields()...)).WithTheme(theme())
	settle(form, form.Init())
	for _, size := range []tea.WindowSizeMsg{{}, {Width: 1, Height: 1}, {Width: 200, Height: 2}} {
		m, cmd := form.Update(keepRoom(form, size))
		if view := settle(m, cmd).View(); !strings.Contains(view, "How do callers") {
			t.Errorf("%v shows nothing:\n%s", size, view)
		}
	}
	if err := pty.Setsize(s.tty, &pty.Winsize{}); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.asker().(*prompter); !ok {
		t.Error("a page is drawn in a window of unknown size")
	}
}

func TestLinesOnATerminal(t *testing.T) {
	s := newScreen(t)
	done := s.ask(s.asker("ACCESSIBLE=1"), wizard.Answers{Provider: []string{"dev"}, Store: "file", Scopes: []string{}})
	s.waitFor("Number or name [required]:")
	s.press("1" + enter)
	if r := s.await(done); r.err != nil || r.answers.Requirement != "required" {
		t.Errorf("got %+v", r)
	}
	if strings.Contains(s.drawn(), "\x1b") {
		t.Errorf("escape sequences: %q", s.drawn())
	}
}

func TestWhoAsks(t *testing.T) {
	s := newScreen(t)
	for _, c := range []struct {
		name string
		o    Options
		want string
	}{
		{"a terminal", Options{In: s.tty, Out: s.tty}, "page"},
		{"no input terminal", Options{In: strings.NewReader(""), Out: s.tty}, "nobody"},
		{"no output terminal", Options{In: s.tty, Out: io.Discard}, "nobody"},
		{"accessible without a terminal", Options{In: strings.NewReader(""), Out: s.tty, Accessible: true}, "nobody"},
		{"CI", Options{In: s.tty, Out: s.tty, Env: []string{"CI=true"}}, "nobody"},
		{"not CI", Options{In: s.tty, Out: s.tty, Env: []string{"CI=false"}}, "page"},
		{"CI, but somebody asked for it", Options{In: s.tty, Out: s.tty, Env: []string{"CI=1"}, Accessible: true}, "lines"},
		{"accessible", Options{In: s.tty, Out: s.tty, Accessible: true}, "lines"},
		{"ACCESSIBLE", Options{In: s.tty, Out: s.tty, Env: []string{"ACCESSIBLE=1"}}, "lines"},
		{"not ACCESSIBLE", Options{In: s.tty, Out: s.tty, Env: []string{"ACCESSIBLE=0"}}, "page"},
		{"dumb", Options{In: s.tty, Out: s.tty, Env: []string{"TERM=dumb"}}, "lines"},
		{"dumb CI", Options{In: s.tty, Out: s.tty, Env: []string{"TERM=dumb", "CI=1"}}, "nobody"},
	} {
		got := "nobody"
		switch New(c.o).(type) {
		case *page:
			got = "page"
		case *prompter:
			got = "lines"
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

var colour = regexp.MustCompile(`\x1b\[[0-9;]*3[0-9][0-9;]*m`)
