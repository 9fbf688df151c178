package wizard

import "slices"

// Merge returns the answers of over, and where it has none, those of under: a
// flag wins over the file, field by field. Who may sign in belongs to the
// provider it was said for: when over names another provider, the Allow of under
// does not count, since its names would be those of other people there.
func Merge(over, under Answers) Answers {
	out := under
	if over.Provider != nil && !slices.Equal(over.Provider, under.Provider) {
		out.Allow = nil
	}
	for _, f := range Fields() {
		if v := f.Get(over); v != nil {
			// v came out of the same field, so Set takes it.
			_ = f.Set(&out, v)
		}
	}
	return out
}

// Same reports whether two sets of answers say the same. No value and an empty list
// are the same.
func Same(a, b Answers) bool {
	return !slices.ContainsFunc(Fields(), func(f Field) bool { return !slices.Equal(f.Get(a), f.Get(b)) })
}
