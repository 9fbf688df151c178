package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// A place is a server to migrate, and how its users sign in.
type place struct {
	server string
	way    prepareWay
	hurry  bool // a client calls from ten sides at once as well
}

// places are one server for each SDK, both of them with sessions.
var places = []place{
	{"mcpgo-packages", devWay, true}, {"gosdk-packages", devWay, true},
	{"mcpgo-packages", oidcWay, false}, {"gosdk-packages", oidcWay, false},
}

// How many of them at once: building keeps a machine busy, clients mostly wait.
const (
	atOnce  = 2
	meeting = 4
)

// matrix lets every client meet every server, and is an error if one of them is
// surprised.
func matrix(ctx context.Context, folder string) error {
	houses := make([]*house, len(places))
	defer func() {
		for _, h := range houses {
			if h != nil {
				h.close()
			}
		}
	}()
	err := each(atOnce, len(places), func(i int) (err error) {
		houses[i], err = open(ctx, places[i].server, folder, places[i].way)
		return err
	})
	if err != nil {
		return err
	}
	rows := make([]row, len(houses)*len(clients))
	err = each(meeting, len(rows), func(i int) error {
		h, c := houses[i/len(clients)], clients[i%len(clients)]
		rows[i] = row{house: h.String(), client: c, outcomes: c.meet(ctx, h, folder)}
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Println(table(rows))
	return errors.Join(report(rows, houses), afterwards(ctx, houses, folder))
}

// report is an error that names every surprise.
func report(rows []row, houses []*house) error {
	var errs []error
	for i, r := range rows {
		if all := r.surprises(); all != nil {
			errs = append(errs, fmt.Errorf("%s, %s:\n%s\noutput of the server:\n%s",
				r.house, r.client.name, strings.Join(all, "\n"), houses[i/len(clients)].output()))
		}
	}
	return errors.Join(errs...)
}

// afterwards looks at what the clients have left behind, and lets one meet a server
// for each SDK that is in a hurry.
func afterwards(ctx context.Context, houses []*house, folder string) error {
	return each(len(houses), len(houses), func(i int) error {
		if err := houses[i].way.check(ctx, houses[i].url); err != nil {
			return fmt.Errorf("%s: %w", houses[i], err)
		}
		if !places[i].hurry {
			return nil
		}
		return load(ctx, houses[i], folder)
	})
}

// load calls a tool from ten sides at once while tokens end.
func load(ctx context.Context, h *house, folder string) error {
	r, err := script(ctx, folder, "load.mjs", h.short, h.server.ReadOnly)
	if err != nil {
		return fmt.Errorf("%s: load.mjs: %w\noutput of the server:\n%s", h, err, h.output())
	}
	fmt.Printf("%s, tokens of %s: %s", h, shortLife, r.Stdout)
	return nil
}

// each does n things, some of them at once, and returns all errors.
func each(atOnce, n int, do func(i int) error) error {
	errs := make([]error, n)
	slots := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i := range n {
		wg.Add(1)
		slots <- struct{}{}
		go func() {
			defer wg.Done()
			errs[i] = do(i)
			<-slots
		}()
	}
	wg.Wait()
	return errors.Join(errs...)
}
