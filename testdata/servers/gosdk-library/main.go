// Command gosdk-library leaves everything to a package of its own.
package main

import (
	"log"
	"net/http"
	"os"

	"example.com/notes/internal/web"
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	if err := http.ListenAndServe("localhost:"+port, web.Routes()); err != nil {
		log.Fatal(err)
	}
}
