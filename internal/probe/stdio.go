package probe

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// lineLimit bounds one message of a server over stdio, in bytes.
const lineLimit = 16 << 20

// ListStdio builds the program if need be, starts it, asks over its standard input
// what it lists, and ends it. Addr is not looked at. The error of a program that does
// not answer in o.Wait (0 means 20 s) carries the end of what it wrote to stderr.
func ListStdio(ctx context.Context, o Options) (*Lists, error) {
	if o.Wait == 0 {
		o.Wait = 20 * time.Second
	}
	scratch, err := os.MkdirTemp("", "mcp-probe-")
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", o.Dir, err)
	}
	defer os.RemoveAll(scratch)
	if o.Bin == "" {
		if o.Bin, err = Build(ctx, o.Dir, o.Pkg, scratch); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, o.Wait)
	defer cancel()
	c, err := startStdio(o, scratch)
	if err != nil {
		return nil, err
	}
	defer c.end()
	defer context.AfterFunc(ctx, func() { killGroup(c.cmd) })() // it may not read what it is sent
	lists, err := listAll(ctx, c)
	if err != nil {
		c.end() // what it said last may still be on its way
		return nil, fmt.Errorf("%w\n%s", err, strings.TrimSpace(c.said.String()))
	}
	return lists, nil
}

// A stdioClient makes requests of a program that it started. It is for one goroutine.
type stdioClient struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan []byte
	done  chan struct{} // closed when nobody reads lines any more
	said  *tail
	id    int64
	ended sync.Once
}

func startStdio(o Options, scratch string) (*stdioClient, error) {
	home := filepath.Join(scratch, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return nil, err
	}
	c := &stdioClient{cmd: exec.Command(o.Bin, o.Args...), lines: make(chan []byte), done: make(chan struct{}), said: &tail{}}
	c.cmd.Dir, c.cmd.Env, c.cmd.Stderr, c.cmd.WaitDelay = o.Dir, o.environment(home), c.said, time.Second
	ownGroup(c.cmd)
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", o.Bin, err)
	}
	go c.read(out)
	return c, nil
}

// read hands on the lines of the program, until it ends.
func (c *stdioClient) read(out io.Reader) {
	defer close(c.lines)
	s := bufio.NewScanner(out)
	s.Buffer(nil, lineLimit)
	for s.Scan() {
		select {
		case c.lines <- append([]byte(nil), s.Bytes()...):
		case <-c.done:
			return
		}
	}
}

// end ends the program and what it started. Afterwards all that it said is in said.
func (c *stdioClient) end() {
	c.ended.Do(func() {
		close(c.done)
		c.in.Close()
		killGroup(c.cmd)
		_ = c.cmd.Wait() // it was killed
	})
}

// protocol20241105 is the first version of the protocol. Servers that know only that
// one must name it in their answer, and some refuse instead.
const protocol20241105 = "2024-11-05"

// Initialize opens the session (MCP, Lifecycle, Version Negotiation).
func (c *stdioClient) Initialize(ctx context.Context) (a *Answer, err error) {
	for _, version := range []string{Protocol20250618, protocol20241105} {
		a, err = c.Call(ctx, "initialize", map[string]any{
			"protocolVersion": version,
			"capabilities":    map[string]any{},
			"clientInfo":      map[string]any{"name": "mcp-migrate", "version": "1"},
		})
		if err != nil {
			return nil, err
		}
		if a.Result != nil {
			return a, c.write(message{JSONRPC: "2.0", Method: "notifications/initialized"})
		}
	}
	return a, nil
}

// Call makes one request and waits for its answer. Whatever else the program says
// meanwhile is passed over.
func (c *stdioClient) Call(ctx context.Context, method string, params any) (*Answer, error) {
	c.id++
	if err := c.write(message{JSONRPC: "2.0", ID: c.id, Method: method, Params: params}); err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	for {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%s was not answered: %w", method, ctx.Err())
		case line, ok := <-c.lines:
			if !ok {
				return nil, fmt.Errorf("the program ended before it answered %s", method)
			}
			if a := (&Answer{}); isAnswer(line, c.id) && a.take(line, c.id) {
				return a, nil
			}
		}
	}
}

// isAnswer tells the answer to a request from a request of the server's own, and from
// an error about something else: some answer notifications, with an error without ID.
func isAnswer(line []byte, id int64) bool {
	var m struct {
		Method string          `json:"method"`
		ID     json.RawMessage `json:"id"`
	}
	return json.Unmarshal(line, &m) == nil && m.Method == "" && string(m.ID) == fmt.Sprint(id)
}

func (c *stdioClient) write(m message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = c.in.Write(append(text, '\n'))
	return err
}
