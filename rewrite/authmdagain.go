package rewrite

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// authPageMark stands in every page of ours.
const authPageMark = "mcp-migrate added this; the page is yours."

// followAuthPage plans how the page of an earlier run follows the answers. A page that
// somebody has deleted does not come back. What is still open there changes with the
// rest only: a run that changes nothing else leaves the page alone.
func (b *builder) followAuthPage() error {
	for _, name := range authPageNames {
		disk := b.readOld(name)
		if !bytes.Contains(disk, []byte(authPageMark)) {
			continue
		}
		was, text, err := b.pages(strings.ReplaceAll(string(disk), "\r\n", "\n"))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if len(b.files) == 0 && len(b.edits) == 0 {
			return nil
		}
		if !b.follow(name, was, text, "the page says what holds now") {
			b.notFollowed(name, was, text)
		}
		return nil
	}
	return nil
}

// pages returns the page of the earlier run, with what was open then, and that of this
// one.
func (b *builder) pages(disk string) (was, text []byte, err error) {
	old, page := b.before(), b.authPage()
	before := old.authPage()
	before.Copy, before.Edited, before.Left = page.Copy, b.users(), nil
	before.EnvFile = strings.Contains(disk, "| `"+envFile+"` |")
	before.LeftText = openSection(disk)
	page.Edited, page.EnvFile = append(b.users(), page.Edited...), before.EnvFile
	slices.Sort(page.Edited)
	page.Edited = slices.Compact(page.Edited)
	if was, err = before.text(); err != nil {
		return nil, nil, err
	}
	text, err = page.text()
	return was, text, err
}

// users returns the files that call wiring which was there before.
func (b *builder) users() []string {
	files := map[string]bool{}
	for _, s := range b.sidecars {
		for _, f := range s.users {
			files[f] = true
		}
	}
	return slices.Sorted(maps.Keys(files))
}

// openSection returns the section of a page about what is left to a person.
func openSection(page string) string {
	_, from, ok := strings.Cut(page, "\n## Still open\n")
	section, _, ended := strings.Cut(from, "\n## ")
	if !ok || !ended {
		return ""
	}
	return "## Still open\n" + section + "\n"
}
