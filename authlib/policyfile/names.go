package policyfile

// A Name is a tool, prompt or resource that a file names, and where.
type Name struct {
	Kind         string // "tool", "prompt" or "resource"
	Name         string
	Line, Column int // from 1, the column in characters
}

// Names returns what the file names, in its order: for programs that compare it with
// something else and want to say where. The arguments and errors are those of [Parse].
func Names(name string, data []byte) ([]Name, error) {
	if _, err := Parse(name, data); err != nil {
		return nil, err
	}
	var out []Name
	kinds := map[string]string{"tools": "tool", "prompts": "prompt", "resources": "resource"}
	for _, section := range (&decoder{file: name}).tree(data).pairs {
		if kind := kinds[section.key.text]; kind != "" {
			for _, p := range section.value.pairs {
				out = append(out, Name{kind, p.key.text, p.key.line, p.key.col})
			}
		}
	}
	return out, nil
}
