//go:build linux

package main

const system = "Linux"
