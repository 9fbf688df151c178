package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/huh"
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// A page asks all questions on one page, drawn by huh.
type page struct {
	in, out *os.File
	env     []string
	noColor bool
}

// Ask implements [wizard.Asker].
func (p *page) Ask(ctx context.Context, questions []wizard.Question, answers *wizard.Answers) error {
	d := newDraft(questions, *answers)
	if len(d.entries) == 0 {
		return nil
	}
	hint := ""
	for {
		if err := p.run(ctx, huh.NewGroup(d.fields()...).Description(hint)); err != nil {
			return err
		}
		got, err := d.result()
		if err == nil {
			*answers = got
			return nil
		}
		hint = err.Error()
	}
}

// Confirm implements [wizard.Asker].
func (p *page) Confirm(ctx context.Context, title string) (bool, error) {
	yes := false
	field := huh.NewConfirm().Title(title).Affirmative("Yes").Negative("No").Value(&yes)
	err := p.run(ctx, huh.NewGroup(field))
	return yes, err
}

// run draws a group until it is completed. It starts bubbletea itself: huh's
// Run panics when the terminal can't be set up, and its accessible mode loses
// validation.
func (p *page) run(ctx context.Context, group *huh.Group) error {
	p.prepare()
	form := huh.NewForm(group).WithTheme(theme())
	// Every end is a quit: a killed or interrupted program closes its reader
	// while another goroutine still reads; one that quits waits for it first.
	form.SubmitCmd, form.CancelCmd = tea.Quit, tea.Quit
	program := tea.NewProgram(form, tea.WithInput(p.in), tea.WithOutput(p.out),
		tea.WithEnvironment(p.env), tea.WithoutSignalHandler(), tea.WithFilter(keepRoom))
	defer context.AfterFunc(ctx, program.Quit)()
	_, err := program.Run()
	switch {
	case ctx.Err() != nil, form.State == huh.StateAborted:
		return wizard.ErrAborted
	case err != nil:
		return fmt.Errorf("drawing the questions: %w; try again with --accessible", err)
	case form.State != huh.StateCompleted:
		return errors.New("the page of questions ended before it was completed; try again with --accessible")
	}
	return nil
}

// keepRoom lets the page think that its window is never smaller than it was
// allowed to start in, when somebody makes it so.
func keepRoom(_ tea.Model, msg tea.Msg) tea.Msg {
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		size.Width, size.Height = max(size.Width, minWidth), max(size.Height, minHeight)
		return size
	}
	return msg
}

// prepare tells lipgloss, which keeps one renderer for the process, about the
// stream that is drawn on. Left alone it would look at stdout, and ask the
// terminal for its background colour, whose reply some terminals never send.
func (p *page) prepare() {
	r := lipgloss.NewRenderer(p.out)
	r.SetHasDarkBackground(true)
	r.SetColorProfile(termenv.ANSI)
	if p.noColor {
		r.SetColorProfile(termenv.Ascii)
	}
	lipgloss.SetDefaultRenderer(r)
}

// theme is huh's plain one with the colours that every terminal lets its user
// choose; it is readable on light and dark ones and without any colour.
func theme() *huh.Theme {
	t := huh.ThemeBase()
	t.Focused.Title = t.Focused.Title.Bold(true)
	t.Focused.Description = t.Focused.Description.Faint(true)
	t.Blurred.Description = t.Blurred.Description.Faint(true)
	t.Focused.SelectSelector = t.Focused.SelectSelector.Foreground(lipgloss.Color("6"))
	t.Focused.ErrorMessage = t.Focused.ErrorMessage.Foreground(lipgloss.Color("1"))
	t.Focused.ErrorIndicator = t.Focused.ErrorIndicator.Foreground(lipgloss.Color("1"))
	return t
}

// A draft is the page's values while they are being typed.
type draft struct {
	before  wizard.Answers
	entries []*entry
}

// An entry is one question and what stands in its field.
type entry struct {
	question wizard.Question
	text     string   // choice, text, list
	picked   []string // multi
}

func newDraft(questions []wizard.Question, before wizard.Answers) *draft {
	d := &draft{before: before}
	for _, q := range questions {
		if !q.Applies(before) {
			continue
		}
		e := &entry{question: q, picked: slices.Clone(q.Default)}
		if q.Kind == wizard.KindChoice && len(q.Default) == 1 {
			e.text = q.Default[0]
		}
		d.entries = append(d.entries, e)
	}
	return d
}

func (d *draft) fields() []huh.Field {
	var out []huh.Field
	for _, e := range d.entries {
		out = append(out, d.field(e))
	}
	return out
}

// field makes the huh field of one question.
func (d *draft) field(e *entry) huh.Field {
	q := e.question
	validate := func() error { return d.check(e) }
	switch q.Kind {
	case wizard.KindChoice:
		return huh.NewSelect[string]().Title(q.Title).Description(q.Help).Options(options(q.Choices)...).
			Value(&e.text).Validate(func(v string) error { e.text = v; return validate() })
	case wizard.KindMulti:
		return multi(e, validate)
	}
	return huh.NewInput().Title(q.Title).Description(q.Help).Placeholder(placeholder(q)).
		Value(&e.text).Validate(func(v string) error { e.text = v; return validate() })
}

// multi makes a field that takes the choice under the cursor when none is marked:
// most people mean one, and enter takes it everywhere else.
func multi(e *entry, validate func() error) huh.Field {
	field := huh.NewMultiSelect[string]()
	return field.Title(e.question.Title).Description("space marks several, enter goes on").Options(options(e.question.Choices)...).
		Value(&e.picked).Validate(func(v []string) error {
		if here, ok := field.Hovered(); ok && len(v) == 0 {
			v = []string{here}
		}
		e.picked = v
		return validate()
	})
}

func options(choices []wizard.Choice) []huh.Option[string] {
	var out []huh.Option[string]
	for _, c := range choices {
		label := c.Value
		if c.Label != "" {
			label += ": " + c.Label
		}
		out = append(out, huh.NewOption(label, c.Value))
	}
	return out
}

func placeholder(q wizard.Question) string {
	switch {
	case q.Required:
		return ""
	case len(q.Default) == 0:
		return "none"
	}
	return strings.Join(q.Default, ",")
}

func (e *entry) value() []string {
	switch e.question.Kind {
	case wizard.KindMulti:
		return e.picked
	case wizard.KindList:
		return strings.Split(e.text, ",")
	}
	return []string{e.text}
}

// check judges one field in the light of the fields above it: a question that
// they made pointless takes any value, and it is dropped.
func (d *draft) check(e *entry) error {
	a, err := d.until(e)
	if err != nil || !e.question.Applies(a) {
		return nil // the field above shows its own error
	}
	return e.question.Accept(&a, e.value())
}

// until returns the answers with every field above e in it.
func (d *draft) until(e *entry) (wizard.Answers, error) {
	a := d.before
	for _, above := range d.entries {
		if above == e {
			break
		}
		if err := above.accept(&a); err != nil {
			return a, err
		}
	}
	return a, nil
}

func (e *entry) accept(a *wizard.Answers) error {
	if !e.question.Applies(*a) {
		return nil
	}
	return e.question.Accept(a, e.value())
}

// result returns the answers of the whole page. Every field was validated when
// it was left, but going back can change what a later one depends on: then the
// page is shown again, with what was typed.
func (d *draft) result() (wizard.Answers, error) {
	return d.until(nil)
}
