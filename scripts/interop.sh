#!/usr/bin/env bash
# Writes a log with the gateway and has it verified by programs of other people: Go's transparency-log packages, Python's cryptography,
# openssl. Debian: apt-get install golang-go golang-golang-x-mod-dev python3-cryptography openssl
set -euo pipefail
cd "$(dirname "$0")/.."

for program in go python3 openssl; do
  command -v "$program" >/dev/null || { echo "interop: $program is missing; see the head of scripts/interop.sh" >&2; exit 1; }
done

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

node scripts/interop/write-log.ts "$folder"
public="$folder/log/public"

export GO111MODULE=off GOPATH="${GOPATH:-/usr/share/gocode}" GOFLAGS=
go run scripts/interop/verify.go scripts/interop/receipt.go "$public" "$folder/old-checkpoint" "$folder/proofs" "$folder/witness-vkeys"
node scripts/interop/write-bundle.ts "$folder"
python3 -m zipfile -e "$folder/bundle.zip" "$folder/bundle"
go run scripts/interop/bundle.go scripts/interop/receipt.go "$folder/bundle" "$(cat "$folder/bundle-vkey")"
python3 scripts/interop/verify.py "$public" "$folder"
openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey "$folder/key.der" -in "$folder/text" -sigfile "$folder/signature" >/dev/null
echo "ok   openssl: the same signature, by pkeyutl"
node scripts/interop/timestamps.ts
echo "interop: the log, and a bundle of it, verify with Go; the log with Python and OpenSSL too"
