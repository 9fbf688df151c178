package main

import "errors"

// errNothingToUndo says that no migrate was recorded, or that it was undone already.
var errNothingToUndo = errors.New("there is nothing to undo")

// newRooms wires the rooms of this build.
func newRooms() rooms {
	return rooms{}
}
