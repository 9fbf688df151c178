package doctor

import "fmt"

const (
	// enough is what a session folder needs for a long time: a sign-in takes about 10 KiB.
	enough = 64 << 20
	// little is what a few hundred sign-ins fill.
	little = 4 << 20
)

// space looks at how much can still be written. A full disk keeps everybody out who
// signs in or refreshes.
func space(r *Report, o SessionOptions) {
	ask := o.Free
	if ask == nil {
		ask = freeSpace
	}
	free, known := ask(o.Dir)
	found := fmt.Sprintf("%d MiB free", free>>20)
	switch {
	case !known:
		r.Skip("this system does not say how much is free", stepSpace)
	case free < little:
		r.Bad(stepSpace, found, "make room: when the disk is full nobody can sign in or refresh")
	case free < enough:
		r.Warn(stepSpace, found, "make room before the disk is full: then nobody can sign in or refresh")
	default:
		r.Good(stepSpace, "%s", found)
	}
}
