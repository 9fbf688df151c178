package authlib

import (
	"bytes"
	"encoding/json"
)

const methodUpdated = "notifications/resources/updated"

// An eventFilter takes out of an event stream what its reader may not know: that a
// resource has changed which he may not read. SDKs send that to whom subscribed or
// to everybody, whatever has become of them since.
type eventFilter struct {
	x       *exchange
	pending []byte // the begin of an event
}

// pass returns what of b may be sent now. Events that are still incomplete wait.
func (f *eventFilter) pass(b []byte) []byte {
	if len(f.pending) == 0 && endOfEvent(b) == len(b) && !bytes.Contains(b, []byte(methodUpdated)) {
		return b // one event, as SDKs write them
	}
	f.pending = append(f.pending, b...)
	var out []byte
	for {
		end := endOfEvent(f.pending)
		if end == 0 {
			break
		}
		if f.mayKnow(f.pending[:end]) {
			out = append(out, f.pending[:end]...)
		}
		f.pending = f.pending[end:]
	}
	if bytes.HasPrefix(f.pending, []byte(":")) && bytes.IndexByte(f.pending, '\n') == len(f.pending)-1 {
		out, f.pending = append(out, f.pending...), nil // a comment, which keeps connections open
	}
	return out
}

// endOfEvent returns where the first event of b ends: after its blank line. 0 is
// nowhere.
func endOfEvent(b []byte) int {
	for i := 0; i < len(b); {
		n := bytes.IndexByte(b[i:], '\n')
		if n < 0 {
			return 0
		}
		blank := n == 0 || n == 1 && b[i] == '\r'
		if i += n + 1; blank {
			return i
		}
	}
	return 0
}

// mayKnow reports whether event may be sent: the reader may read every resource
// whose change it tells.
func (f *eventFilter) mayKnow(event []byte) bool {
	if !bytes.Contains(event, []byte(methodUpdated)) {
		return true
	}
	data := eventData(event)
	var one notification
	if json.Unmarshal(data, &one) == nil {
		return f.mayRead(one)
	}
	var many []notification
	if json.Unmarshal(data, &many) != nil {
		return false // whatever it is, no client can read it
	}
	for _, n := range many {
		if !f.mayRead(n) {
			return false
		}
	}
	return true
}

type notification struct {
	Method string
	Params struct{ URI string }
}

func (f *eventFilter) mayRead(n notification) bool {
	if n.Method != methodUpdated {
		return true
	}
	g, p, ctx := f.x.g, f.x.reader(), f.x.r.Context()
	op := Operation{Method: "resources/read", Name: n.Params.URI}
	return g.Authorize(ctx, p, op) == nil && g.registeredWithout(ctx, p, op) == nil
}

// eventData joins the data lines of an event.
func eventData(event []byte) []byte {
	var data [][]byte
	for _, line := range bytes.Split(event, []byte("\n")) {
		if v, ok := bytes.CutPrefix(bytes.TrimSuffix(line, []byte("\r")), []byte("data:")); ok {
			data = append(data, v)
		}
	}
	return bytes.Join(data, []byte("\n"))
}
