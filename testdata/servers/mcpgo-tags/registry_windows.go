package main

// registryKey is where the notes are found on this system alone.
const registryKey = `Software\Notes`
