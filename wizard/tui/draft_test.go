package tui

import (
	"reflect"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/huh"

	"github.com/mcp-migrate/mcp-migrate/wizard"
)

func newTestDraft() (*draft, map[string]*entry) {
	d := newDraft(wizard.Open(wizard.Answers{}, weather()), wizard.Answers{})
	byFlag := map[string]*entry{}
	for _, e := range d.entries {
		byFlag[e.question.Flag] = e
	}
	return d, byFlag
}

// TestDraftJudgesInTheLightOfWhatStandsAbove checks one field under two values
// of another.
func TestDraftJudgesInTheLightOfWhatStandsAbove(t *testing.T) {
	d, field := newTestDraft()
	field["provider"].picked = []string{"github"}
	if err := d.check(field["allow"]); err == nil {
		t.Error("github without names was accepted")
	}
	field["provider"].picked = []string{"dev"}
	if err := d.check(field["allow"]); err != nil {
		t.Errorf("dev needs no names: %v", err)
	}
	field["allow"].text = "not even a name"
	got, err := d.result()
	if err != nil || got.Allow != nil {
		t.Errorf("what does not apply was taken: %v, %v", got.Allow, err)
	}
	field["provider"].picked = []string{"github"}
	if _, err := d.result(); err == nil || !strings.Contains(err.Error(), "--allow") {
		t.Errorf("gone back to github: %v", err)
	}
}

func TestDraftDefaults(t *testing.T) {
	d, field := newTestDraft()
	field["provider"].picked = []string{"dev"}
	got, err := d.result()
	want := wizard.Answers{Provider: []string{"dev"}, Store: "file", Requirement: "required", Scopes: []string{}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestFormModel drives huh's model without any terminal.
func TestFormModel(t *testing.T) {
	d, _ := newTestDraft()
	form := huh.NewForm(huh.NewGroup(d.fields()...)).WithTheme(theme()).WithWidth(80)
	form.SubmitCmd, form.CancelCmd = nil, nil
	m := settle(form, form.Init())
	for _, k := range []tea.KeyMsg{{Type: tea.KeyEnter}, {Type: tea.KeyRunes, Runes: []rune("anyone")},
		{Type: tea.KeyEnter}, {Type: tea.KeyEnter}, {Type: tea.KeyEnter}, {Type: tea.KeyEnter}} {
		next, cmd := m.Update(k)
		m = settle(next, cmd)
	}
	got, err := d.result()
	if state := m.(*huh.Form).State; state != huh.StateCompleted || err != nil || !reflect.DeepEqual(got.Allow, []string{"anyone"}) {
		t.Errorf("state %v, %+v, %v\n%s", state, got, err, m.View())
	}
}

// settle runs commands and feeds their messages back until none is left. A
// cursor's blink starts itself again for ever, so the rounds are bounded.
func settle(m tea.Model, cmd tea.Cmd) tea.Model {
	queue := []tea.Cmd{cmd}
	for rounds := 0; len(queue) > 0 && rounds < 100; rounds++ {
		c := queue[0]
		queue = queue[1:]
		if c == nil {
			continue
		}
		msg := c()
		if batch, ok := msg.(tea.BatchMsg); ok {
			queue = append(queue, batch...)
			continue
		}
		if v := reflect.ValueOf(msg); v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
			for i := range v.Len() {
				queue = append(queue, v.Index(i).Interface().(tea.Cmd))
			}
			continue
		}
		var next tea.Cmd
		m, next = m.Update(msg)
		if !strings.Contains(reflect.TypeOf(msg).String(), "cursor") {
			queue = append(queue, next)
		}
	}
	return m
}
