//go:build trace

package main

import "log"

func trace(format string, args ...any) { log.Printf("trace: "+format, args...) }
