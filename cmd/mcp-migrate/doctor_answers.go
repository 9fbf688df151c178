package main

import (
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/mcp-migrate/mcp-migrate/internal/doctor"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// A patient is the migrated program that doctor looks at: its answers, and what flags
// say otherwise.
type patient struct {
	app     *app
	dir     string
	answers wizard.Answers // empty if there are none on record

	resource    string // --resource-url
	storeDir    string // --store-dir
	redisURLEnv string // --redis-url-env
}

func (p *patient) addFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.resource, "resource-url", "", "public `URL` of the MCP endpoint (default: MCP_RESOURCE_URL)")
	f.StringVar(&p.storeDir, "store-dir", "", "`folder` of the sessions (default: as the program finds it, by MCP_SESSION_DIR)")
	f.StringVar(&p.redisURLEnv, "redis-url-env", "", "`NAME` of the variable that holds the URL of Redis (default: REDIS_URL)")
	if err := cmd.MarkFlagDirname("store-dir"); err != nil {
		panic(err) // the flag is there
	}
	f.SortFlags = false
}

// read reads the answers on record in the module of a folder argument.
func (p *patient) read(arg string) error {
	if p.storeDir != "" && p.redisURLEnv != "" {
		return usagef("--redis-url-env: has no meaning with --store-dir; leave one of them out")
	}
	dir, err := p.app.folder(arg)
	if err != nil {
		return err
	}
	p.dir = rootOf(dir)
	p.answers, err = wizard.ReadAnswers(filepath.Join(p.dir, wizard.AnswersFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return usagef("%w", err)
	}
	p.answers = wizard.Complete(p.answers, wizard.Facts{})
	return nil
}

// recorded reports whether answers say how callers are known.
func (p *patient) recorded() bool { return len(p.answers.Provider) > 0 }

// place says where the program keeps sessions, as its wiring reads it.
func (p *patient) place() doctor.Place {
	env := p.app.getenv
	where := doctor.Place{
		Store: p.store(), Dir: p.storeDir, RedisURLEnv: orElse(p.redisURLEnv, "REDIS_URL"),
		Resource: p.resource, ResourceEnv: "--resource-url", Keys: env("MCP_SESSION_KEY"),
	}
	where.RedisURL = env(where.RedisURLEnv)
	if where.Resource == "" {
		where.Resource, where.ResourceEnv = env("MCP_RESOURCE_URL"), "MCP_RESOURCE_URL"
	}
	if where.Dir == "" {
		where.Dir = orElse(env("MCP_SESSION_DIR"), ".mcp-sessions")
		if !filepath.IsAbs(where.Dir) { // the program is started in its folder
			where.Dir = filepath.Join(p.dir, where.Dir)
		}
	} else if !filepath.IsAbs(where.Dir) {
		where.Dir = filepath.Join(p.app.chdir, where.Dir)
	}
	return where
}

func (p *patient) store() string {
	switch {
	case p.storeDir != "":
		return "file"
	case p.redisURLEnv != "":
		return "redis"
	case !wizard.Brokered(p.answers):
		return ""
	}
	return p.answers.Store
}

// variables are what the program reads, as far as the answers say.
func (p *patient) variables() []doctor.Variable {
	if !p.recorded() {
		return nil
	}
	local := p.answers.Store == "memory" && len(p.answers.Provider) == 1 && p.answers.Provider[0] == "dev"
	vars := []doctor.Variable{{Name: "MCP_RESOURCE_URL", Required: !local}}
	for _, v := range rewrite.SignInVariables(p.answers) {
		vars = append(vars, doctor.Variable{Name: v.Name, Required: v.Required})
	}
	return vars
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
