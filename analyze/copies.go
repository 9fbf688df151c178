package analyze

import "golang.org/x/mod/semver"

// A Copy is a copy of authlib in the program, and how it stands to what the tool that
// looks at it would copy. Copies are found by whoever knows what it would copy, and
// put into [Result.Copies]; the analysis itself trusts what it is told to.
type Copy struct {
	Dir     string   `json:"dir"`     // relative to the program's folder
	Version string   `json:"version"` // of the tool that copied
	Latest  string   `json:"latest"`  // of the tool that looks
	Old     bool     `json:"old"`     // this tool would copy other bytes
	Changed []string `json:"changed"` // files, relative to Dir, that are not as they were copied, or gone, or added
	Hooks   []string `json:"hooks"`   // hooks that the SDK of go.mod has and the copy leaves out
	Missing []string `json:"missing"` // hooks that the copy uses and the SDK of go.mod does not have
}

// Current reports whether there is nothing to say of the copy.
func (c Copy) Current() bool {
	return !c.Old && len(c.Changed)+len(c.Hooks)+len(c.Missing) == 0
}

// NewerThanTool reports whether a later version of the tool than the one that looks
// copied it.
func (c Copy) NewerThanTool() bool {
	return semver.IsValid(c.Version) && semver.IsValid(c.Latest) && semver.Compare(c.Version, c.Latest) > 0
}
