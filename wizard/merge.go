package wizard

// Merge returns the answers of over, and where it has none, those of under: a
// flag wins over the file, field by field. Neither argument is changed.
func Merge(over, under Answers) Answers {
	out := under
	for _, f := range Fields() {
		if v := f.Get(over); v != nil {
			// v came out of the same field, so Set takes it.
			_ = f.Set(&out, v)
		}
	}
	return out
}
