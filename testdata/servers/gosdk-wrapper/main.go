// Command gosdk-wrapper puts a type of its own around the SDK's server: tools are
// added and the server is run through it.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"time"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()
	s, err := New("Notes")
	if err != nil {
		log.Fatal(err)
	}
	s.AddTool("get_time", true, func(context.Context, json.RawMessage) (string, error) {
		return time.Now().UTC().Format(time.RFC3339), nil
	})
	s.AddTool("delete_note", false, func(_ context.Context, args json.RawMessage) (string, error) {
		var in struct{ Text string }
		if err := json.Unmarshal(args, &in); err != nil {
			return "", err
		}
		return "deleted " + in.Text, nil
	})
	log.Fatal(s.ListenAndServe(*addr))
}
