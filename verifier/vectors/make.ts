/**
 * Writes the vectors beside it: `node verifier/vectors/make.ts`. Trees come from RFC 6962's own recursive definition over
 * node:crypto, signatures from node:crypto with keys whose 32-byte seed is SHA-256 of the text given here. ML-DSA-44
 * signatures are randomized, so the lines that bear one change with every run; everything else must not change.
 */

import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  cosignatureKey,
  memoryLog,
  sampleEntries,
  signedCheckpoint,
  signingKey,
  vkeyOf,
} from "../src/test/memory-log.ts";
import { naiveConsistency, naiveInclusion, naiveRoot } from "../src/test/naive-tree.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const leafHash = (entry: Uint8Array): Uint8Array => createHash("sha256").update("\0").update(entry).digest();

function write(name: string, about: string, content: Record<string, unknown>): void {
  writeFileSync(join(import.meta.dirname, name), `${JSON.stringify({ about, ...content }, undefined, 2)}\n`);
}

// ---- trees ----

// The entries of the Certificate Transparency reference implementation's Merkle tree tests.
const ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const short = ENTRIES.map((entry) => leafHash(Buffer.from(entry, "hex")));
const decimal = Array.from({ length: 700 }, (_, index) => leafHash(Buffer.from(String(index))));
const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte));

function inclusionCase(leaves: readonly Uint8Array[], index: number): Record<string, unknown> {
  const proof = naiveInclusion(index, leaves).map(hex);
  return { index, size: leaves.length, leaf: hex(leaves[index]!), root: hex(naiveRoot(leaves)), proof, valid: true };
}

function consistencyCase(leaves: readonly Uint8Array[], oldSize: number): Record<string, unknown> {
  const proof = naiveConsistency(oldSize, leaves).map(hex);
  const oldRoot = hex(naiveRoot(leaves.slice(0, oldSize)));
  return { oldSize, newSize: leaves.length, oldRoot, newRoot: hex(naiveRoot(leaves)), proof, valid: true };
}

const inclusion = [1, 2, 3, 5, 7, 8].flatMap((size) =>
  Array.from({ length: size }, (_, index) => inclusionCase(short.slice(0, size), index)),
);
for (const [size, index] of [
  [257, 256],
  [300, 0],
  [700, 511],
  [700, 512],
  [700, 699],
] as const) {
  inclusion.push(inclusionCase(decimal.slice(0, size), index));
}
const oneInclusion = inclusionCase(short.slice(0, 7), 3);
const proofOf = (vector: Record<string, unknown>): string[] => vector["proof"] as string[];
inclusion.push(
  { ...oneInclusion, index: 2, valid: false, why: "another index" },
  { ...oneInclusion, index: 7, valid: false, why: "index not below size" },
  { ...oneInclusion, size: 4, valid: false, why: "another size" },
  { ...oneInclusion, leaf: hex(flip(short[3]!)), valid: false, why: "a bit of the leaf" },
  { ...oneInclusion, root: hex(flip(naiveRoot(short.slice(0, 7)))), valid: false, why: "a bit of the root" },
  { ...oneInclusion, proof: proofOf(oneInclusion).slice(1), valid: false, why: "a hash too few" },
  { ...oneInclusion, proof: [...proofOf(oneInclusion), "00".repeat(32)], valid: false, why: "a hash too many" },
  { ...oneInclusion, proof: proofOf(oneInclusion).toReversed(), valid: false, why: "hashes in reverse" },
);

const consistency = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((newSize) =>
  Array.from({ length: newSize }, (_, before) => consistencyCase(short.slice(0, newSize), before + 1)),
);
for (const [oldSize, newSize] of [
  [255, 256],
  [256, 257],
  [300, 700],
  [512, 700],
  [699, 700],
] as const) {
  consistency.push(consistencyCase(decimal.slice(0, newSize), oldSize));
}
const oneConsistency = consistencyCase(short, 6);
consistency.push(
  { ...oneConsistency, oldSize: 5, valid: false, why: "another old size" },
  { ...oneConsistency, newSize: 9, valid: false, why: "another new size" },
  { ...oneConsistency, oldSize: 9, valid: false, why: "old size above new size" },
  { ...oneConsistency, oldRoot: hex(flip(naiveRoot(short.slice(0, 6)))), valid: false, why: "a bit of the old root" },
  { ...oneConsistency, newRoot: hex(flip(naiveRoot(short))), valid: false, why: "a bit of the new root" },
  { ...oneConsistency, proof: [], valid: false, why: "no proof" },
  { ...oneConsistency, proof: [...proofOf(oneConsistency), "00".repeat(32)], valid: false, why: "a hash too many" },
);

write("tree.json", "RFC 6962 hashes and proofs, hexadecimal. roots[n] is the root over the first n entries.", {
  entries: ENTRIES,
  leaves: short.map(hex),
  roots: [0, ...ENTRIES.keys().map((index) => index + 1)].map((size) => hex(naiveRoot(short.slice(0, size)))),
  decimalEntries: {
    about: "Entry i is the decimal text of i.",
    roots: [16, 70, 255, 256, 257, 512, 700].map((size) => ({ size, root: hex(naiveRoot(decimal.slice(0, size))) })),
  },
  inclusion,
  consistency,
});

// ---- tiles and bundles ----

write("tiles.json", "Names of tiles, and which tiles a size needs. Names in `invalid` must not be accepted.", {
  paths: [
    { level: 0, index: 0, width: 256, path: "tile/0/000" },
    { level: 0, index: 273, width: 112, path: "tile/0/273.p/112" },
    { level: 1, index: 1, width: 17, path: "tile/1/001.p/17" },
    { level: 2, index: 0, width: 1, path: "tile/2/000.p/1" },
    { level: 0, index: 999, width: 256, path: "tile/0/999" },
    { level: 0, index: 1000, width: 256, path: "tile/0/x001/000" },
    { level: 3, index: 1234067, width: 256, path: "tile/3/x001/x234/067" },
    { level: 63, index: 1234067, width: 255, path: "tile/63/x001/x234/067.p/255" },
    { level: "entries", index: 0, width: 256, path: "tile/entries/000" },
    { level: "entries", index: 1234067, width: 1, path: "tile/entries/x001/x234/067.p/1" },
    { level: 0, index: 9007199254740991, width: 256, path: "tile/0/x009/x007/x199/x254/x740/991" },
  ],
  invalid: [
    "",
    "tile",
    "tile/0",
    "tile/0/",
    "/tile/0/000",
    "tile/0/000/",
    "tile/00/000",
    "tile/64/000",
    "tile/-1/000",
    "tile/0/0",
    "tile/0/00",
    "tile/0/0000",
    "tile/0/x000/000",
    "tile/0/x001",
    "tile/0/001/000",
    "tile/0/x001/x234",
    "tile/0/X001/000",
    "tile/0/000.p",
    "tile/0/000.p/",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/01",
    "tile/0/000.p/1/",
    "tile/0/000.P/1",
    "tile/entry/000",
    "tile/entries/0",
    "tile/data/000",
    "tile/0/000\n",
    "tile/0/٠٠٠",
    "tile/0/../000",
    "tile/0/x009/x007/x199/x254/x740/992",
    "tile/0/x001/x000/x000/x000/x000/x000/000",
  ],
  sizes: [
    { size: 0, levels: [] },
    { size: 1, levels: [{ full: 0, partial: 1 }] },
    { size: 255, levels: [{ full: 0, partial: 255 }] },
    {
      size: 256,
      levels: [
        { full: 1, partial: 0 },
        { full: 0, partial: 1 },
      ],
    },
    {
      size: 257,
      levels: [
        { full: 1, partial: 1 },
        { full: 0, partial: 1 },
      ],
    },
    {
      size: 65536,
      levels: [
        { full: 256, partial: 0 },
        { full: 1, partial: 0 },
        { full: 0, partial: 1 },
      ],
    },
    {
      size: 70000,
      levels: [
        { full: 273, partial: 112 },
        { full: 1, partial: 17 },
        { full: 0, partial: 1 },
      ],
    },
  ],
});

write("bundles.json", "Entry bundles, hexadecimal. entries is null where the bundle must be refused.", {
  cases: [
    { bundle: "0000", entries: [""] },
    { bundle: "0003616263", entries: ["616263"] },
    { bundle: "000161000000026263", entries: ["61", "", "6263"] },
    { bundle: "0000".repeat(256), entries: Array.from({ length: 256 }, () => "") },
    { bundle: "", entries: null, why: "no entry" },
    { bundle: "00", entries: null, why: "ends within a length" },
    { bundle: "000361", entries: null, why: "ends within an entry" },
    { bundle: "00016100", entries: null, why: "a trailing byte" },
    { bundle: "0000".repeat(257), entries: null, why: "257 entries" },
  ],
});

// ---- keys and notes ----

const ORIGIN = "example.com/evidence";
const SEEDS = {
  ed25519: "sluice vectors ed25519",
  mlDsa44: "sluice vectors ml-dsa-44",
  witness: "sluice vectors witness",
};
const ed25519 = signingKey(ORIGIN, "ed25519", SEEDS.ed25519);
const mlDsa44 = signingKey(ORIGIN, "mlDsa44", SEEDS.mlDsa44);
const witness = signingKey("witness.example/w1", "mlDsa44", SEEDS.witness);
const [edVkey, mlVkey, witnessVkey] = [vkeyOf(ed25519), vkeyOf(mlDsa44), vkeyOf(witness)];
// From the documentation of golang.org/x/mod/sumdb/note.
const NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const NEUMANN_NOTE =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
  "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

const [, neumannId = "", neumannKey = ""] = NEUMANN.split("+");
write("vkeys.json", `Verifier keys. The seeds of ours are SHA-256 of ${JSON.stringify(SEEDS)}.`, {
  valid: [
    {
      vkey: NEUMANN,
      name: "PeterNeumann",
      keyId: "c74f20a3",
      type: 1,
      publicKey: hex(Buffer.from(neumannKey, "base64").subarray(1)),
    },
    ...[ed25519, mlDsa44, witness].map((key) => ({
      vkey: vkeyOf(key),
      name: key.name,
      keyId: hex(
        createHash("sha256")
          .update(`${key.name}\n`)
          .update(new Uint8Array([key.type]))
          .update(key.publicKey)
          .digest()
          .subarray(0, 4),
      ),
      type: key.type,
      publicKey: hex(key.publicKey),
    })),
  ],
  invalid: [
    { vkey: "", why: "nothing" },
    { vkey: "PeterNeumann", why: "no id" },
    { vkey: "PeterNeumann+c74f20a3", why: "no key" },
    { vkey: "PeterNeumann+c74f20a3+", why: "empty key" },
    { vkey: NEUMANN.slice(1), why: "another name" },
    { vkey: `+${neumannId}+${neumannKey}`, why: "empty name" },
    { vkey: `Peter Neumann+${neumannId}+${neumannKey}`, why: "a space in the name" },
    { vkey: NEUMANN.replace("c74f20a3", "C74F20A3"), why: "upper-case id" },
    { vkey: NEUMANN.replace("c74f20a3", "c74f20a4"), why: "another id" },
    { vkey: NEUMANN.replace("c74f20a3", "74f20a3"), why: "a short id" },
    { vkey: `${NEUMANN}\n`, why: "a trailing newline" },
    { vkey: NEUMANN.replace("ARpc", "AhPc"), why: "a type without meaning here" },
    { vkey: edVkey.slice(0, -4), why: "a short key" },
  ],
});

const root = naiveRoot(decimal);
const head = { origin: ORIGIN, size: 700, root };
const signedBoth = signedCheckpoint(head, [ed25519, mlDsa44]);
const signedEd = signedCheckpoint(head, [ed25519]);
const [body = "", edLine = ""] = [signedEd.split("\n\n")[0], signedEd.split("\n\n")[1]];
const mlLine = signedCheckpoint(head, [mlDsa44]).split("\n\n")[1] ?? "";
const text = `${body}\n`;
const otherText = signedCheckpoint({ ...head, size: 701 }, [ed25519, mlDsa44]);
const extended = signedCheckpoint({ ...head, extensions: ["note to the reader"] }, [ed25519, mlDsa44]);
const edBytes = Buffer.from(edLine.split(" ")[2] ?? "", "base64");
const foreign = `— elsewhere.example ${base64(Buffer.alloc(9, 7))}\n`;

write(
  "notes.json",
  "Signed notes: text is null where the note must be refused as malformed; accepted says what verification with the vkeys must come to (in a runtime with both algorithms). At least one pinned key verified and none failed.",
  {
    cases: [
      {
        note: NEUMANN_NOTE,
        vkeys: [NEUMANN],
        text: NEUMANN_NOTE.slice(0, NEUMANN_NOTE.lastIndexOf("\n\n") + 1),
        accepted: true,
        from: "golang.org/x/mod/sumdb/note",
      },
      {
        note: NEUMANN_NOTE.replace("problem is", "problem iS"),
        vkeys: [NEUMANN],
        text: NEUMANN_NOTE.replace("problem is", "problem iS").split("\n\n")[0] + "\n",
        accepted: false,
      },
      { note: signedEd, vkeys: [edVkey], text, accepted: true },
      { note: signedBoth, vkeys: [edVkey], text, accepted: true, why: "knows one of two" },
      { note: signedBoth, vkeys: [mlVkey], text, accepted: true, why: "knows the other" },
      { note: signedBoth, vkeys: [edVkey, mlVkey], text, accepted: true },
      { note: signedBoth, vkeys: [witnessVkey], text, accepted: false, why: "no pinned key has signed" },
      { note: signedBoth, vkeys: [], text, accepted: false, why: "no key is pinned" },
      {
        note: `${text}\n${foreign}${edLine}${foreign}`,
        vkeys: [edVkey],
        text,
        accepted: true,
        why: "unknown keys are ignored",
      },
      { note: `${text}\n${edLine}${edLine}`, vkeys: [edVkey], text, accepted: true, why: "twice the same signature" },
      {
        note: `${text}\n${edLine}— ${ORIGIN} ${base64(flip(edBytes.toReversed()).toReversed())}\n`,
        vkeys: [edVkey],
        text,
        accepted: false,
        why: "of two signatures of one key, one fails",
      },
      {
        note: `${text}\n${edLine}${otherText.split("\n")[5] ?? ""}\n`,
        vkeys: [edVkey, mlVkey],
        text,
        accepted: false,
        why: "the second key signed another checkpoint",
      },
      {
        note: `${text}\n${mlLine.replaceAll(ORIGIN, witness.name)}`,
        vkeys: [witnessVkey],
        text,
        accepted: false,
        why: "another name has another id",
      },
      {
        note: extended,
        vkeys: [mlVkey],
        text: extended.split("\n\n")[0] + "\n",
        accepted: true,
        why: "an ML-DSA-44 cosignature does not cover extension lines",
      },
      {
        note: extended.replace("reader", "writer"),
        vkeys: [edVkey],
        text: extended.replace("reader", "writer").split("\n\n")[0] + "\n",
        accepted: false,
      },
      {
        note: `a\n\n\n${foreign}`,
        vkeys: [edVkey],
        text: "a\n\n",
        accepted: false,
        why: "the last empty line separates",
      },
      ...[
        ["", "nothing"],
        [text, "no signature"],
        [`${text}\n`, "an empty signature block"],
        [signedEd.slice(0, -1), "no final newline"],
        [`${signedEd}\n`, "an empty line at the end"],
        [signedEd.replace("\n\n", "\n"), "no empty line"],
        [signedEd.replaceAll("\n", "\r\n"), "carriage returns"],
        [signedEd.replace("700", "7\t00"), "a control character"],
        [signedEd.replace("— ", "- "), "a hyphen for the em dash"],
        [signedEd.replace("— ", "—"), "no space after the em dash"],
        [signedEd.replace("— ", "—  "), "two spaces after the em dash"],
        [`${text}\n— ${ORIGIN}\n`, "no signature in the line"],
        [`${text}\n— ${ORIGIN} \n`, "an empty signature"],
        [`${text}\n— ${ORIGIN} AAAAAA==\n`, "a key id and nothing more"],
        [`${text}\n— exa+mple AAAAAAA=\n`, "a plus in the name"],
        [`${text}\n— exa\u00a0mple AAAAAAA=\n`, "a no-break space in the name"],
        [signedEd.replace(/=*\n$/, "\n"), "base64 without padding"],
        [`${text}\n— ${ORIGIN} AAAAAAB=\n`, "base64 with bits set before the padding"],
        [`${text}\n— ${ORIGIN} AAAA AAA=\n`, "white space in base64"],
        [`${text}\n${foreign.repeat(101)}`, "101 signatures"],
      ].map(([note, why]) => ({ note, vkeys: [edVkey], text: null, accepted: false, why })),
    ],
  },
);

write("checkpoints.json", "The text of checkpoints. size is null where the text must be refused.", {
  cases: [
    { text, origin: ORIGIN, size: 700, root: base64(root), extensions: [] },
    {
      text: `o\n0\n${base64(createHash("sha256").digest())}\n`,
      origin: "o",
      size: 0,
      root: base64(createHash("sha256").digest()),
      extensions: [],
    },
    {
      text: `${ORIGIN}\n9007199254740991\n${base64(root)}\nx\ny z\n`,
      origin: ORIGIN,
      size: 9007199254740991,
      root: base64(root),
      extensions: ["x", "y z"],
    },
    ...[
      ["", "nothing"],
      [`\n1\n${base64(root)}\n`, "empty origin"],
      [`o\n1\n${base64(root)}`, "no final newline"],
      [`o\n1\n`, "two lines"],
      [`o\n01\n${base64(root)}\n`, "a leading zero"],
      [`o\n00\n${base64(root)}\n`, "two zeroes"],
      [`o\n-1\n${base64(root)}\n`, "a sign"],
      [`o\n+1\n${base64(root)}\n`, "a plus sign"],
      [`o\n1.0\n${base64(root)}\n`, "a fraction"],
      [`o\n1e2\n${base64(root)}\n`, "an exponent"],
      [`o\n 1\n${base64(root)}\n`, "a space"],
      [`o\n٧\n${base64(root)}\n`, "a digit that is not ASCII"],
      [`o\n9007199254740992\n${base64(root)}\n`, "a size of 2^53"],
      [`o\n18446744073709551616\n${base64(root)}\n`, "a size of 2^64"],
      [`o\n1\n${base64(root.subarray(1))}\n`, "a short root"],
      [`o\n1\n${base64(root).slice(0, -1)}\n`, "a root without padding"],
      [`o\n1\n${base64(root).replaceAll("+", "-").replaceAll("/", "_").replace("=", "")}\n`, "base64url"],
      [`o\n1\n${base64(root)}\n\n`, "an empty extension line"],
      [`o\n1\n${base64(root)}\n\u0007\n`, "a control character"],
    ].map(([bad, why]) => ({ text: bad, size: null, why })),
  ],
});

write(
  "cosigned-messages.json",
  "The message an ML-DSA-44 cosignature signs, hexadecimal, written out field by field.",
  {
    cases: [
      { cosigner: ORIGIN, timestamp: 1_800_000_000, origin: ORIGIN, size: 700, root: hex(root) },
      { cosigner: witness.name, timestamp: 0, origin: ORIGIN, size: 0, root: hex(createHash("sha256").digest()) },
      { cosigner: "é", timestamp: 1, origin: "o".repeat(255), size: 9007199254740991, root: hex(root) },
    ].map((fields) => {
      const field = (value: string): string => {
        const bytes = Buffer.from(value);
        return bytes.length.toString(16).padStart(2, "0") + bytes.toString("hex");
      };
      const uint64 = (value: number): string => BigInt(value).toString(16).padStart(16, "0");
      const message = [
        Buffer.from("subtree/v1\n\0").toString("hex"),
        field(fields.cosigner),
        uint64(fields.timestamp),
        field(fields.origin),
        uint64(0),
        uint64(fields.size),
        fields.root,
      ].join("");
      return { ...fields, message };
    }),
  },
);

// ---- proofs ----

const log = memoryLog(sampleEntries(700), ORIGIN, [ed25519]);
const post = memoryLog(sampleEntries(3), ORIGIN, [ed25519, mlDsa44]);
const good = await log.proof(300);
const entry = log.entries[300]!;
const hashes = good.split("\n\n")[0]!.split("\n").slice(2);
const swap = (from: string, to: string): string => {
  if (!good.includes(from)) throw new Error(`the proof does not hold ${from}`);
  return good.replace(from, to);
};
const goodWitnessed = `${good}${signedCheckpoint({ origin: ORIGIN, size: 700, root: log.root }, [witness]).split("\n\n")[1] ?? ""}`;

write(
  "proofs.json",
  "Proof bundles with the entry they are for, as text. ok says what verification with the vkeys must come to; malformed marks those that must not even parse.",
  {
    cases: [
      { proof: good, entry: Buffer.from(entry).toString(), vkeys: [edVkey], ok: true },
      { proof: await log.proof(699), entry: Buffer.from(log.entries[699]!).toString(), vkeys: [edVkey], ok: true },
      {
        proof: await post.proof(1),
        entry: Buffer.from(post.entries[1]!).toString(),
        vkeys: [edVkey, mlVkey],
        ok: true,
      },
      {
        proof: await memoryLog(sampleEntries(1), ORIGIN, [ed25519]).proof(0),
        entry: Buffer.from(sampleEntries(1)[0]!).toString(),
        vkeys: [edVkey],
        ok: true,
        why: "a tree of one leaf has an empty proof",
      },
      {
        proof: goodWitnessed,
        entry: Buffer.from(entry).toString(),
        vkeys: [edVkey],
        ok: true,
        why: "an unknown cosigner is ignored",
      },
      { proof: goodWitnessed, entry: Buffer.from(entry).toString(), vkeys: [edVkey, witnessVkey], ok: true },
      {
        proof: goodWitnessed,
        entry: Buffer.from(entry).toString(),
        vkeys: [witnessVkey],
        ok: false,
        why: "only a witness is pinned, and no origin",
      },
      {
        proof: swap("\nindex ", "\nextra aGVsbG8=\nindex "),
        entry: Buffer.from(entry).toString(),
        vkeys: [edVkey],
        ok: true,
        why: "extra data is not authenticated",
      },
      {
        proof: good,
        entry: Buffer.from(log.entries[301]!).toString(),
        vkeys: [edVkey],
        ok: false,
        why: "another entry",
      },
      { proof: good, entry: Buffer.from(entry).toString(), vkeys: [witnessVkey], ok: false, why: "another key" },
      {
        proof: swap("index 300", "index 301"),
        entry: Buffer.from(entry).toString(),
        vkeys: [edVkey],
        ok: false,
        why: "another index",
      },
      {
        proof: swap("\n700\n", "\n701\n"),
        entry: Buffer.from(entry).toString(),
        vkeys: [edVkey],
        ok: false,
        why: "another size",
      },
      {
        proof: swap(`${hashes[0]!}\n`, ""),
        entry: Buffer.from(entry).toString(),
        vkeys: [edVkey],
        ok: false,
        why: "a hash too few",
      },
      {
        proof: swap(`${hashes[0]!}\n`, `${hashes[0]!}\n${hashes[0]!}\n`),
        entry: Buffer.from(entry).toString(),
        vkeys: [edVkey],
        ok: false,
        why: "a hash too many",
      },
      ...[
        [swap("index 300", "index 700"), "index not below size"],
        [swap("index 300", "index 0300"), "a leading zero"],
        [swap("index 300", "index  300"), "two spaces"],
        [swap("tlog-proof@v1", "tlog-proof@v2"), "another version"],
        [swap("\nindex ", "\nextra \nindex "), "an empty extra line"],
        [swap("\nindex ", "\nextra aGVsbG8\nindex "), "extra data without padding"],
        [swap("\nindex 300", ""), "no index"],
        [swap(hashes[0]!, hashes[0]!.slice(4)), "a short hash"],
        [swap("\n\n", "\n"), "no empty line"],
        [swap("\n\n", "\n\n\n"), "two empty lines"],
        [good.slice(0, -1), "no final newline"],
        [good.replaceAll("\n", "\r\n"), "carriage returns"],
      ].map(([proof, why]) => ({
        proof,
        entry: Buffer.from(entry).toString(),
        vkeys: [edVkey],
        ok: false,
        malformed: true,
        why,
      })),
    ],
  },
);

// ---- policies ----

const POLICY_LOG = signingKey("log.example/policy", "ed25519", "vectors policy log");
const cosigners = ["one", "two", "three"].map((name) => cosignatureKey(`${name}.example/w`, `vectors policy ${name}`));
const [w1 = "", w2 = "", w3 = ""] = cosigners.map(vkeyOf);
const named = `log ${vkeyOf(POLICY_LOG)}\nwitness one ${w1}\nwitness two ${w2} https://two.example/\nwitness three ${w3}\n`;
const nested = `${named}group pair all one two\ngroup top 1 pair three\nquorum top\n`;
const majority = `${named}group most 2 one two three\nquorum most\n`;
const policyHead = { origin: POLICY_LOG.name, size: 8, root: naiveRoot(short) };
const judged = (policy: string, signers: readonly number[], problems: readonly string[]): Record<string, unknown> => ({
  policy,
  note: signedCheckpoint(policyHead, [POLICY_LOG, ...signers.map((at) => cosigners[at]!)]),
  problems,
});

write(
  "policies.json",
  "C2SP tlog-policy: files that are refused, with code and line; files with the witnesses that have cosigned and whether the quorum is met; " +
    "notes judged under a policy, with the codes of the problems. Signatures are Ed25519: 0x01 of the log, 0x04 of the witnesses.",
  {
    refused: [
      { policy: "", code: "policy_quorum_missing", line: 1 },
      { policy: "quorum none", code: "policy_unterminated", line: 1 },
      { policy: "quorum none\r\n", code: "policy_characters", line: 1 },
      { policy: "quorum none\nquorum none\n", code: "policy_quorum_repeated", line: 2 },
      { policy: "quorum nobody\n", code: "policy_name_unknown", line: 1 },
      { policy: `witness none ${w1}\n`, code: "policy_name_taken", line: 1 },
      { policy: `witness a ${w1}\nwitness b ${w1}\n`, code: "policy_key_repeated", line: 2 },
      { policy: `log ${w1}\n`, code: "policy_key_type", line: 1 },
      { policy: `witness a ${vkeyOf(POLICY_LOG)}\n`, code: "policy_key_type", line: 1 },
      { policy: `${named}group g any one\ngroup h any one\n`, code: "policy_member_repeated", line: 6 },
      { policy: `${named}group g 4 one two three\n`, code: "policy_threshold", line: 5 },
      { policy: `${named}group g 01 one\n`, code: "policy_threshold", line: 5 },
      { policy: `${named}quorum one two\n`, code: "policy_fields", line: 5 },
    ],
    quorums: [
      { policy: "quorum none\n", cosigned: [], met: true },
      { policy: `# a comment\n\n\t${named.trimEnd()} \nquorum one\n`, cosigned: ["one"], met: true },
      { policy: `${named}quorum one\n`, cosigned: ["two", "three"], met: false },
      { policy: majority, cosigned: ["one", "three"], met: true },
      { policy: majority, cosigned: ["two"], met: false },
      { policy: nested, cosigned: ["one", "two"], met: true },
      { policy: nested, cosigned: ["three"], met: true },
      { policy: nested, cosigned: ["one"], met: false },
    ],
    notes: [
      judged(majority, [0, 2], []),
      judged(majority, [1], ["quorum_missing"]),
      judged(majority, [1, 1, 1], ["quorum_missing"]),
      judged(nested, [2], []),
      judged(nested, [], ["quorum_missing"]),
    ],
  },
);
