// Verifies an unpacked evidence bundle with Go's transparency-log packages, which know nothing of Sluice: every file against the
// manifest, the manifest against the log's own entry about it, and every record against its proof.
//
//	GO111MODULE=off go run bundle.go receipt.go <bundle folder> <vkey>
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

type manifest struct {
	Origin  string
	Records int
	Files   []struct {
		Path   string
		Sha256 string
	}
}

type exported struct {
	Name  string
	Facts struct{ Manifest string }
}

func main() {
	if len(os.Args) != 3 {
		fmt.Println("usage: go run bundle.go receipt.go <bundle folder> <vkey>")
		os.Exit(2)
	}
	folder := os.Args[1]
	verifiers := note.VerifierList(must(note.NewVerifier(os.Args[2])))
	read := func(path string) []byte { return must(os.ReadFile(filepath.Join(folder, filepath.FromSlash(path)))) }
	digest := func(content []byte) string {
		sum := sha256.Sum256(content)
		return hex.EncodeToString(sum[:])
	}

	text := read("manifest.json")
	var listed manifest
	check(json.Unmarshal(text, &listed), "the manifest is JSON")

	entry := read("manifest.entry.json")
	var event exported
	check(json.Unmarshal(entry, &event), "the log's entry about the manifest is JSON")
	if event.Name != "evidence.exported" || event.Facts.Manifest != digest(text) {
		check(fmt.Errorf("it names %s", event.Facts.Manifest), "the log's entry names this manifest")
	}
	proof := string(read("manifest.tlog-proof"))
	check(receipt(proof, entry, indexOf(proof), verifiers, listed.Origin), "the log holds the entry about the manifest")

	records := 0
	for _, file := range listed.Files {
		content := read(file.Path)
		if digest(content) != file.Sha256 {
			check(fmt.Errorf("it is another"), "%s is the file that the manifest names", file.Path)
		}
		if !strings.HasPrefix(file.Path, "records/") || !strings.HasSuffix(file.Path, ".json") {
			continue
		}
		records++
		name := strings.TrimSuffix(file.Path, ".json")
		index := must(strconv.ParseInt(strings.TrimPrefix(name, "records/"), 10, 64))
		if err := receipt(string(read(name+".tlog-proof")), content, index, verifiers, listed.Origin); err != nil {
			check(err, "the log holds record %d", index)
		}
		if receipt(string(read(name+".tlog-proof")), append(content, ' '), index, verifiers, listed.Origin) == nil {
			check(fmt.Errorf("it was accepted"), "a changed record %d is noticed", index)
		}
	}
	if records != listed.Records {
		check(fmt.Errorf("%d are here", records), "the manifest counts its records")
	}
	check(nil, "all %d files are those of the manifest, and the log holds all %d records", len(listed.Files), records)
	fmt.Printf("%d checks of the bundle passed\n", passed)
}

// indexOf reads the index that a .tlog-proof says it is about.
func indexOf(proof string) int64 {
	for _, line := range strings.Split(proof, "\n") {
		if strings.HasPrefix(line, "index ") {
			return must(strconv.ParseInt(strings.TrimPrefix(line, "index "), 10, 64))
		}
	}
	return -1
}
