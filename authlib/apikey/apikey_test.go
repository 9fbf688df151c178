package apikey

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

func generate(t *testing.T, subject string, scopes ...string) (string, Key) {
	t.Helper()
	key, k, err := Generate(subject, scopes...)
	if err != nil {
		t.Fatal(err)
	}
	return key, k
}

func TestVerify(t *testing.T) {
	key, k := generate(t, "ci", "notes:read")
	k.Roles = []string{"robot"}
	ended, e := generate(t, "old")
	e.ExpiresAt = "2026-01-01T00:00:00Z"
	v, err := New(k, e)
	if err != nil {
		t.Fatal(err)
	}
	p, err := v.Verify(context.Background(), key)
	if err != nil || p.Subject != "ci" || p.Issuer != Issuer || !p.HasScope("notes:read") || !p.HasRole("robot") {
		t.Fatalf("Verify = %+v, %v", p, err)
	}
	p.Scopes[0] = "changed"
	if again, err := v.Verify(context.Background(), key); err != nil || !again.HasScope("notes:read") {
		t.Errorf("what one caller changed reached another: %+v, %v", again, err)
	}
	if _, err := v.Verify(context.Background(), ended); !errors.Is(err, authlib.ErrTokenExpired) {
		t.Errorf("an ended key: %v", err)
	}
	v.Now = func() time.Time { return time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC) }
	if _, err := v.Verify(context.Background(), ended); err != nil {
		t.Errorf("before its end: %v", err)
	}
	if key2, _ := generate(t, "ci"); key2 == key {
		t.Error("two keys are the same")
	}
}

func TestVerifyRefuses(t *testing.T) {
	key, k := generate(t, "ci")
	password := sha256.Sum256([]byte("hunter2"))
	short := sha256.Sum256([]byte(Prefix + "short"))
	v, err := New(k, Key{SHA256: hex.EncodeToString(password[:]), Subject: "x"}, Key{SHA256: hex.EncodeToString(short[:]), Subject: "y"})
	if err != nil {
		t.Fatal(err)
	}
	other, _ := generate(t, "ci")
	for what, bad := range map[string]string{
		"empty": "", "another": other, "prefix": Prefix, "hash": k.SHA256, "hash with prefix": Prefix + k.SHA256, "longer": key + "A",
		"shorter": key[:len(key)-1], "a password": "hunter2", "a short key": Prefix + "short", "huge": Prefix + strings.Repeat("A", 1000),
		"odd letters": key + "!", "another case": strings.ToUpper(key),
	} {
		p, err := v.Verify(context.Background(), bad)
		if p != nil || !errors.Is(err, authlib.ErrInvalidToken) {
			t.Errorf("%s: %v, %v", what, p, err)
		}
		if len(bad) > 8 && strings.Contains(fmt.Sprint(err), bad) {
			t.Errorf("%s: the error holds the key", what)
		}
	}
	if s := fmt.Sprintf("%v %+v %#v", v, v, v); strings.Contains(s, k.SHA256) || !strings.Contains(s, "3 keys") {
		t.Errorf("printed as %s", s)
	}
}

func TestNewRefuses(t *testing.T) {
	_, good := generate(t, "ci")
	if _, err := New(); err == nil {
		t.Error("no keys at all")
	}
	if _, err := New(good, good); err == nil || !strings.Contains(err.Error(), "key 2: its sha256 is there twice") {
		t.Errorf("the same key twice: %v", err)
	}
	for _, hash := range []string{"", "mcpk_x", good.SHA256[2:], good.SHA256 + "00"} {
		k := good
		k.SHA256 = hash
		if _, err := New(k); err == nil || !strings.Contains(err.Error(), "64 hexadecimal digits") {
			t.Errorf("New of hash %q = %v", hash, err)
		}
	}
	for want, change := range map[string]func(*Key){
		"subject is empty":    func(k *Key) { k.Subject = " " },
		"is no scope or role": func(k *Key) { k.Scopes = []string{"a b"} },
		"is no date":          func(k *Key) { k.ExpiresAt = "tomorrow" },
	} {
		k := good
		change(&k)
		if _, err := New(k); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New = %v, want %q", err, want)
		}
	}
}

func TestLoad(t *testing.T) {
	key, k := generate(t, "ci")
	file := filepath.Join(t.TempDir(), "keys.json")
	data, err := json.Marshal([]Key{k})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	v, err := LoadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(context.Background(), key); err != nil {
		t.Error(err)
	}
	for what, text := range map[string]string{
		"nothing": "", "no array": "{}", "no keys": "[]", "misspelt": `[{"sha256":"` + k.SHA256 + `","subject":"x","expires":"2026-01-01T00:00:00Z"}]`,
		"more after": string(data) + "[]",
	} {
		if _, err := Load(strings.NewReader(text)); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	if _, err := LoadFile(""); err == nil || !strings.Contains(err.Error(), "MCP_API_KEYS_FILE") {
		t.Errorf("no file: %v", err)
	}
	if _, err := LoadFile(file + "x"); err == nil || !strings.Contains(err.Error(), "MCP_API_KEYS_FILE") {
		t.Errorf("a file that is not there: %v", err)
	}
}
