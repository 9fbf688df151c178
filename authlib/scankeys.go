package authlib

import "bytes"

// A place is where in a message a value stands: which keys an SDK reads there.
type place int

const (
	inMessage       place = iota // the message itself
	inParams                     // params
	inMeta                       // params._meta
	inTask                       // params.task
	inRef                        // params.ref
	inListen                     // params.notifications of subscriptions/listen
	inSubscriptions              // params.notifications.resourceSubscriptions
	inProtocol                   // any other object of the protocol
	inFree                       // arguments, results: the application's own
)

// inside returns the place of the value of key.
func (p place) inside(key []byte) place {
	switch p {
	case inMessage:
		if string(key) == "params" {
			return inParams
		}
		return inFree // result, error; everything else is refused
	case inParams:
		return insideParams(string(key))
	case inListen:
		if string(key) == "resourceSubscriptions" {
			return inSubscriptions
		}
		return inProtocol
	case inFree:
		return inFree
	}
	return inProtocol
}

func insideParams(key string) place {
	switch key {
	case "arguments", "data", "content", "structuredContent":
		return inFree
	case "_meta":
		return inMeta
	case "task":
		return inTask
	case "ref":
		return inRef
	case "notifications":
		return inListen
	}
	return inProtocol
}

// The keys that an SDK reads, by place. Read only.
var (
	messageKeys = []string{"jsonrpc", "id", "method", "params", "result", "error"}
	paramsKeys  = []string{"name", "uri", "arguments", "_meta", "task", "taskId", "ref", "argument", "context", "cursor",
		"level", "requestId", "reason", "progressToken", "progress", "total", "message", "protocolVersion", "capabilities",
		"clientInfo", "notifications", "inputResponses", "requestState", "elicitationId"}
	metaKeys = []string{"progressToken", metaVersion, "io.modelcontextprotocol/clientInfo",
		"io.modelcontextprotocol/clientCapabilities", "io.modelcontextprotocol/logLevel",
		"io.modelcontextprotocol/related-task", "io.modelcontextprotocol/subscriptionId",
		"traceparent", "tracestate", "baggage"}
	taskKeys   = []string{"ttl", "pollInterval", "taskId"}
	refKeys    = []string{"type", "name", "uri", "title"}
	listenKeys = []string{"resourceSubscriptions", "toolsListChanged", "promptsListChanged", "resourcesListChanged"}
)

// known returns the keys that an SDK reads at p.
func (p place) known() []string {
	switch p {
	case inMessage:
		return messageKeys
	case inParams:
		return paramsKeys
	case inMeta:
		return metaKeys
	case inTask:
		return taskKeys
	case inRef:
		return refKeys
	case inListen:
		return listenKeys
	}
	return nil
}

const metaVersion = "io.modelcontextprotocol/protocolVersion"

// objectKeys checks the keys of one object as they come.
type objectKeys struct {
	s     *scanner
	where place
	base  int                 // where the object's keys start in s.keys
	seen  map[string]struct{} // the same keys, once they are many
}

func (o *objectKeys) add(key []byte) error {
	if o.where == inFree {
		return o.addFree(key)
	}
	keys := o.s.keys[o.base:]
	if len(keys) >= maxProtoKeys {
		return o.s.fail("too many keys")
	}
	for _, k := range keys {
		if bytes.EqualFold(k, key) {
			return o.s.fail("duplicate key, case aside")
		}
	}
	if err := o.checkKnown(key); err != nil {
		return err
	}
	o.s.keys = append(o.s.keys, key)
	return nil
}

// checkKnown refuses a key that an SDK may take for one that it knows. A folded
// letter takes up to three bytes where the plain one takes one.
func (o *objectKeys) checkKnown(key []byte) error {
	for _, k := range o.where.known() {
		if string(key) == k {
			return nil
		}
		if len(key) <= 3*len(k) && bytes.EqualFold(key, []byte(k)) {
			return o.s.fail("key differs from one of the protocol in case only")
		}
	}
	return nil
}

func (o *objectKeys) addFree(key []byte) error {
	keys := o.s.keys[o.base:]
	switch {
	case o.seen != nil:
		if _, dup := o.seen[string(key)]; dup {
			return o.s.fail("duplicate key")
		}
		o.seen[string(key)] = struct{}{}
		return nil
	case len(keys) >= smallObject:
		o.seen = make(map[string]struct{}, 4*smallObject)
		for _, k := range keys {
			o.seen[string(k)] = struct{}{}
		}
		return o.addFree(key)
	}
	for _, k := range keys {
		if bytes.Equal(k, key) {
			return o.s.fail("duplicate key")
		}
	}
	o.s.keys = append(o.s.keys, key)
	return nil
}
