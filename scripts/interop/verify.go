// Verifies a Sluice evidence log with Go's transparency-log packages (golang.org/x/mod/sumdb/note and tlog), which know
// nothing of Sluice: the signature of the checkpoint, every entry's inclusion, consistency with an older checkpoint, the
// receipts, the cosignature of a witness, and that one flipped bit is noticed.
//
//	GO111MODULE=off go run verify.go receipt.go <public folder> <old checkpoint> <proofs folder> <witness vkeys>
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

// tiles reads hash tiles from a folder laid out as C2SP tlog-tiles says, with one bit of each flipped when asked.
type tiles struct {
	folder string
	flip   bool
}

func (t tiles) Height() int { return tileHeight }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(wanted))
	for i, tile := range wanted {
		// Go's path is tile/8/<L>/<N>; the C2SP one leaves the height out, which is always 8.
		path := "tile/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
		bytes, err := os.ReadFile(filepath.Join(t.folder, path))
		if err != nil {
			return nil, err
		}
		if t.flip {
			bytes[0] ^= 1
		}
		data[i] = bytes
	}
	return data, nil
}

// entries reads all entries of a log of this size from its bundles: uint16 length, big endian, then the entry.
func entries(folder string, size int64) ([][]byte, error) {
	var all [][]byte
	for n := int64(0); n*256 < size; n++ {
		tile := tlog.Tile{H: tileHeight, L: 0, N: n, W: 256}
		if left := size - n*256; left < 256 {
			tile.W = int(left)
		}
		path := "tile/entries/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/0/", tileHeight))
		data, err := os.ReadFile(filepath.Join(folder, path))
		if err != nil {
			return nil, err
		}
		for len(data) > 0 {
			if len(data) < 2 {
				return nil, errors.New(path + " ends in the middle of a length")
			}
			length := int(data[0])<<8 | int(data[1])
			if len(data) < 2+length {
				return nil, errors.New(path + " ends in the middle of an entry")
			}
			all = append(all, data[2:2+length])
			data = data[2+length:]
		}
	}
	if int64(len(all)) != size {
		return nil, fmt.Errorf("bundles hold %d entries, checkpoint says %d", len(all), size)
	}
	return all, nil
}

// cosigner verifies the Ed25519 cosignatures of a witness, a type of key that the packages do not have: they ask any
// note.Verifier. Written from the sentences of c2sp.org/tlog-cosignature.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string { return c.name }

func (c cosigner) KeyHash() uint32 { return c.hash }

func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", time)), text...)
	return time != 0 && ed25519.Verify(c.key, message, signature[8:])
}

// newCosigner reads a vkey of type 0x04; false for other types.
func newCosigner(vkey string) (cosigner, bool) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return cosigner{}, false
	}
	material, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(material) != 1+ed25519.PublicKeySize || material[0] != 0x04 {
		return cosigner{}, false
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), material...))
	if fmt.Sprintf("%x", sum[:4]) != parts[1] {
		return cosigner{}, false
	}
	return cosigner{parts[0], binary.BigEndian.Uint32(sum[:4]), material[1:]}, true
}

func main() {
	if len(os.Args) != 5 {
		fmt.Println("usage: go run verify.go receipt.go <public folder> <old checkpoint> <proofs folder> <witness vkeys>")
		os.Exit(2)
	}
	folder, oldFile, proofs, vkeysFile := os.Args[1], os.Args[2], os.Args[3], os.Args[4]

	var described struct {
		Origin string
		Vkeys  []string
	}
	check(json.Unmarshal(must(os.ReadFile(filepath.Join(folder, "log.json"))), &described), "log.json is read")
	var known []note.Verifier
	for _, vkey := range described.Vkeys {
		// The packages know Ed25519 only; other kinds of key are for other verifiers.
		if verifier, err := note.NewVerifier(vkey); err == nil {
			known = append(known, verifier)
		}
	}
	if len(known) != 1 {
		check(fmt.Errorf("%d", len(known)), "log.json has one Ed25519 key")
	}
	verifiers := note.VerifierList(known...)

	signed := must(os.ReadFile(filepath.Join(folder, "checkpoint")))
	tree, err := open(signed, verifiers, described.Origin)
	check(err, "checkpoint of %s is signed, size %d", described.Origin, tree.N)

	reader := tlog.TileHashReader(tree, tiles{folder, false})
	all, err := entries(folder, tree.N)
	check(err, "bundles hold %d entries", len(all))
	for i, entry := range all {
		proof, err := tlog.ProveRecord(tree.N, int64(i), reader)
		if err == nil {
			err = tlog.CheckRecord(proof, tree.N, tree.Hash, int64(i), tlog.RecordHash(entry))
		}
		if err != nil {
			check(err, "entry %d is included", i)
		}
	}
	check(nil, "every entry is included")

	if _, err := tlog.ProveRecord(tree.N, 0, tlog.TileHashReader(tree, tiles{folder, true})); err == nil {
		check(errors.New("it was accepted"), "a flipped bit in a tile")
	}
	check(nil, "a flipped bit in a tile is refused")

	old, err := open(must(os.ReadFile(oldFile)), verifiers, described.Origin)
	check(err, "older checkpoint is signed, size %d", old.N)
	consistency, err := tlog.ProveTree(tree.N, old.N, reader)
	if err == nil {
		err = tlog.CheckTree(consistency, tree.N, tree.Hash, old.N, old.Hash)
	}
	check(err, "the tree of size %d is a prefix of the tree of size %d", old.N, tree.N)

	files := must(filepath.Glob(filepath.Join(proofs, "*.tlog-proof")))
	if len(files) == 0 {
		check(errors.New("none found"), "receipts")
	}
	for _, file := range files {
		index := must(strconv.ParseInt(strings.TrimSuffix(filepath.Base(file), ".tlog-proof"), 10, 64))
		text := string(must(os.ReadFile(file)))
		check(receipt(text, all[index], index, verifiers, described.Origin), "receipt of entry %d", index)
		forged := append([]byte(nil), all[index]...)
		forged[0] ^= 1
		if receipt(text, forged, index, verifiers, described.Origin) == nil {
			check(errors.New("it was accepted"), "a flipped bit in entry %d", index)
		}
	}
	check(nil, "a flipped bit in an entry is refused by its receipt")

	var witnesses []note.Verifier
	for _, vkey := range strings.Fields(string(must(os.ReadFile(vkeysFile)))) {
		if witness, known := newCosigner(vkey); known {
			witnesses = append(witnesses, witness)
		}
	}
	if len(witnesses) != 1 {
		check(fmt.Errorf("%d", len(witnesses)), "the witness has one Ed25519 key")
	}
	for _, name := range []string{"checkpoint", "checkpoint.cosigned"} {
		cosigned := must(os.ReadFile(filepath.Join(folder, name)))
		both := note.VerifierList(append([]note.Verifier{known[0]}, witnesses...)...)
		opened, err := note.Open(cosigned, both)
		if err == nil && len(opened.Sigs) != 2 {
			err = fmt.Errorf("%d signatures verify", len(opened.Sigs))
		}
		check(err, "%s is signed by the log and cosigned by %s", name, witnesses[0].Name())
		if _, err := open(cosigned, note.VerifierList(witnesses...), described.Origin); err != nil {
			check(err, "the cosignature of %s verifies by itself", name)
		}
		other := append([]byte(nil), cosigned...)
		other[len(described.Origin)+1] ^= 1
		if _, err := note.Open(other, note.VerifierList(witnesses...)); err == nil {
			check(errors.New("it was accepted"), "a changed cosigned checkpoint")
		}
	}
	check(nil, "a changed checkpoint is not cosigned")

	forged := append([]byte(nil), signed...)
	forged[len(described.Origin)+1] ^= 1
	if _, err := open(forged, verifiers, described.Origin); err == nil {
		check(errors.New("it was accepted"), "a changed checkpoint")
	}
	check(nil, "a changed checkpoint is refused")
	fmt.Printf("go: %d checks passed\n", passed)
}
