//go:build cgo

package main

/*
#include <time.h>

static long long seconds(void) { return (long long)time(NULL); }
*/
import "C"

// now returns the seconds since 1970, as the C library has them.
func now() int64 { return int64(C.seconds()) }
