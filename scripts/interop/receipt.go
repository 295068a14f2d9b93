// What the programs of this folder share: counting what holds, opening checkpoints, and checking receipts.
package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var passed int

// check counts a statement that holds and ends the program at the first that does not.
func check(err error, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	if err != nil {
		fmt.Printf("FAIL %s: %v\n", what, err)
		os.Exit(1)
	}
	passed++
	fmt.Printf("ok   %s\n", what)
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Printf("FAIL %v\n", err)
		os.Exit(1)
	}
	return value
}

// open checks the note's signature and reads the three lines of a checkpoint.
func open(signed []byte, verifiers note.Verifiers, origin string) (tlog.Tree, error) {
	opened, err := note.Open(signed, verifiers)
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != origin {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// receipt checks a .tlog-proof (c2sp.org/tlog-proof@v1) of one entry.
func receipt(text string, entry []byte, index int64, verifiers note.Verifiers, origin string) error {
	head, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a tlog-proof")
	}
	lines = lines[1:]
	if strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if lines[0] != fmt.Sprintf("index %d", index) {
		return fmt.Errorf("says %q", lines[0])
	}
	var proof tlog.RecordProof
	for _, line := range lines[1:] {
		hash, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(hash) != tlog.HashSize {
			return fmt.Errorf("%q is no hash", line)
		}
		proof = append(proof, tlog.Hash(*(*[tlog.HashSize]byte)(hash)))
	}
	tree, err := open([]byte(checkpoint), verifiers, origin)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}
