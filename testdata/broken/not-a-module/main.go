// Command not-a-module stands in a folder without a go.mod.
package main

func main() {}
