package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// A choice is a flag that takes one of a few words.
type choice struct {
	value *string
	known []string
}

// newChoice makes a flag value that writes to p, which starts as preset.
func newChoice(p *string, preset string, known ...string) *choice {
	*p = preset
	return &choice{p, known}
}

func (c *choice) Set(s string) error {
	if !slices.Contains(c.known, s) {
		if near := wizard.Suggest(s, c.known); near != "" {
			return fmt.Errorf("unknown value, did you mean %s?", near)
		}
		return fmt.Errorf("unknown value, use %s", strings.Join(c.known, ", "))
	}
	*c.value = s
	return nil
}

// String is empty, so that help shows no second default: the usage text names it.
func (c *choice) String() string { return "" }
func (c *choice) Type() string   { return strings.Join(c.known, "|") }

// An answerFlag collects the values of one field of the answers. It judges
// nothing: the wizard's validation does, for flags, file and pages alike.
type answerFlag struct {
	field  wizard.Field
	values []string // nil: not given
}

func (f *answerFlag) Set(s string) error {
	switch f.field.Kind {
	case wizard.KindRules:
		f.values = append(f.values, s)
	case wizard.KindText:
		f.values = []string{s}
	default:
		f.values = append(f.values, strings.Split(s, ",")...)
	}
	return nil
}

func (f *answerFlag) String() string { return "" }

func (f *answerFlag) Type() string {
	if len(f.field.Choices) == 0 {
		return "value"
	}
	if known := strings.Join(f.field.Known(), "|"); len(known) <= maxType {
		return known
	}
	return strings.ToUpper(f.field.Flag)
}

// maxType is how many letters of values fit beside a flag; more go into its usage.
const maxType = 20

// usage is the help text of the flag: what it says, its default, and the values
// that a later version will take.
func (f *answerFlag) usage() string {
	text := f.field.Usage
	if known := strings.Join(f.field.Known(), ", "); len(known) > maxType && f.Type() == strings.ToUpper(f.field.Flag) {
		text += ": " + known
	}
	if len(f.field.Choices) > 0 && f.field.Default == nil && !f.field.Unasked {
		text += " (no default: asked)"
	}
	if len(f.field.Default) == 1 {
		text += fmt.Sprintf(" (default %s)", f.field.Default[0])
	}
	var later []string
	for _, c := range f.field.Choices {
		if c.Later {
			later = append(later, c.Value)
		}
	}
	if len(later) > 0 {
		text += "; not supported yet: " + strings.Join(later, ", ")
	}
	return text
}

// addAnswerFlags gives a command one flag per field of the answers.
func addAnswerFlags(cmd *cobra.Command) []*answerFlag {
	var flags []*answerFlag
	for _, field := range wizard.Fields() {
		f := &answerFlag{field: field}
		cmd.Flags().Var(f, field.Flag, f.usage())
		completeChoices(cmd, field.Flag, field.Known())
		// What can only be refused is no help; it is explained to whoever tries it.
		cmd.Flags().Lookup(field.Flag).Hidden = field.Later
		flags = append(flags, f)
	}
	return flags
}

// answersOf returns the answers that were given as flags.
func answersOf(flags []*answerFlag) (wizard.Answers, error) {
	var a wizard.Answers
	for _, f := range flags {
		if f.values == nil {
			continue
		}
		if err := f.field.Set(&a, f.values); err != nil {
			return a, err
		}
	}
	return a, nil
}

// completeChoices lets shells complete a flag's values. Registering fails only
// for a flag that does not exist or is registered twice, which tests would show.
func completeChoices(cmd *cobra.Command, flag string, values []string) {
	complete := cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err)
	}
}

// addFormat gives a command the flag --format.
// addTyped adds --typed to a command that only looks.
func (a *app) addTyped(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&a.typed, "typed", true, "read with full types, by way of the go command; --typed=false reads source files only:\nno network, no build cache, and code that does not compile is no obstacle")
}

func addFormat(cmd *cobra.Command, p *string) {
	cmd.Flags().Var(newChoice(p, "text", "text", "json"), "format", "form of the result on stdout (default text)")
	completeChoices(cmd, "format", []string{"text", "json"})
}
