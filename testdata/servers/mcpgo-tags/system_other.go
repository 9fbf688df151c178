//go:build !linux

package main

const system = "another system"
