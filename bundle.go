// Package mcpmigrate carries what the tool takes with it: the sources of authlib,
// which a migration copies into the user's module, and their licence.
package mcpmigrate

import "embed"

// Bundle holds authlib's sources below "authlib" and the licence as "LICENSE".
//
//go:embed authlib LICENSE
var Bundle embed.FS
