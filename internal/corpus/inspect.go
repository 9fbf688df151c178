package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/rusage"
)

// A module is what inspect said about one module.
type module struct {
	Dir    string          `json:"dir"` // relative to the repository
	Exit   int             `json:"exit"`
	Crash  bool            `json:"crash,omitempty"`
	Stderr string          `json:"stderr,omitempty"` // its last lines, when it did not end with 0
	CPU    float64         `json:"cpu_seconds"`      // user and system, of the whole process tree
	Wall   float64         `json:"wall_seconds"`
	MaxRSS float64         `json:"max_rss_mb"` // of the largest process; 0 where the system does not say
	Report *analyze.Report `json:"report,omitempty"`

	Loaders *agreement `json:"loaders,omitempty"` // with full types; nil if that was not asked for
}

// inspect runs the tool on one module.
func inspect(ctx context.Context, o options, repo, dir string) *module {
	m := &module{Dir: dir}
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	args := append([]string{"inspect", "-q", "--format", "json"}, o.flags...)
	cmd := exec.CommandContext(ctx, o.bin, append(args, filepath.Join(repo, filepath.FromSlash(dir)))...)
	cmd.WaitDelay = 5 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	m.Wall = time.Since(start).Seconds()
	if cmd.ProcessState == nil {
		m.Exit, m.Stderr = -1, err.Error()
		return m
	}
	m.CPU = rusage.CPU(cmd.ProcessState)
	m.MaxRSS = rusage.MaxRSS(cmd.ProcessState)
	m.Exit = cmd.ProcessState.ExitCode()
	if m.Exit != 0 {
		m.Stderr = tail(stderr.String(), 6)
	}
	m.Crash = strings.Contains(stderr.String(), "goroutine ") || ctx.Err() != nil
	var rep analyze.Report
	if json.Unmarshal(stdout.Bytes(), &rep) == nil {
		m.Report = &rep
	}
	return m
}

func tail(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
