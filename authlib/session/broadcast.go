package session

import "context"

// A Broadcaster is a [Store] that can tell the processes that share it that
// something was revoked, so that what they remember ends at once. What it
// carries must harm nobody: whoever can write to the store can send, repeat,
// read and suppress messages. So a message may make a listener forget, never
// believe.
type Broadcaster interface {
	// Broadcast sends message, at most [MaxMessage] bytes, to everybody who
	// listens now, this process included. Nobody gets it later.
	Broadcast(ctx context.Context, message string) error
	// Listen calls the listener in the background until the store is closed. It
	// returns at once.
	Listen(l Listener)
}

// MaxMessage is the size in bytes of the longest message of a [Broadcaster].
const MaxMessage = 256

// A Listener hears a [Broadcaster]. Its functions are called one at a time, and
// must not block.
type Listener struct {
	// Up says whether messages arrive: true once they do, false from when some
	// may have been missed. It starts as false.
	Up func(bool)
	// Heard gets each message.
	Heard func(message string)
}
