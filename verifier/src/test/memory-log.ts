/**
 * A log in memory, for tests and vectors: entries in, files out, built the plain way (from all leaf hashes, level by level)
 * and not the way the gateway builds it. Signs with node:crypto.
 */

import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { canonicalJson } from "../canonical-json.ts";
import { formatBundle } from "../bundle.ts";
import { formatCheckpoint } from "../checkpoint.ts";
import { cosignedMessage, cosignedText, formatTimestampedSignature } from "../cosignature.ts";
import { formatNote } from "../note.ts";
import type { NoteSignature } from "../note.ts";
import { formatProof } from "../proof.ts";
import { completeRoot, proveInclusion } from "../prove.ts";
import type { Source } from "../source.ts";
import { TILE_WIDTH, tilePath, tilesFor } from "../tile.ts";
import { KEY_TYPES, formatVkey, keyIdOf } from "../vkey.ts";
import { naiveRoot } from "./naive-tree.ts";

export interface SigningKey {
  readonly name: string;
  readonly type: number;
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

/** RFC 8410 PKCS#8 of an Ed25519 seed: the DER header and the 32 bytes. */
const ED25519_PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
/** RFC 9881 PKCS#8 of an ML-DSA-44 seed (OID 2.16.840.1.101.3.4.3.17, [0] 32 bytes). */
const ML_DSA_44_PKCS8 = Buffer.from("3034020100300b060960864801650304031104228020", "hex");

/** A key whose 32-byte seed is SHA-256(seedText). */
export function signingKey(name: string, type: "ed25519" | "mlDsa44", seedText: string): SigningKey {
  const seed = createHash("sha256").update(seedText).digest();
  const header = type === "ed25519" ? ED25519_PKCS8 : ML_DSA_44_PKCS8;
  const privateKey = createPrivateKey({ key: Buffer.concat([header, seed]), format: "der", type: "pkcs8" });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const { type: typeByte, publicKeyBytes } = KEY_TYPES[type];
  return { name, type: typeByte, publicKey: new Uint8Array(spki.subarray(-publicKeyBytes)), privateKey };
}

/** A witness's key for Ed25519 cosignatures. */
export function cosignatureKey(name: string, seedText: string): SigningKey {
  return { ...signingKey(name, "ed25519", seedText), type: KEY_TYPES.cosignatureEd25519.type };
}

export function vkeyOf(key: SigningKey): string {
  return formatVkey(key);
}

export interface Head {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly extensions?: readonly string[];
}

/** One signature line's parts over a checkpoint. */
export function signCheckpoint(head: Head, key: SigningKey, timestamp: number): NoteSignature {
  const about = { name: key.name, keyId: keyIdOf(key.name, key.type, key.publicKey) };
  if (key.type === KEY_TYPES.ed25519.type) {
    const signature = sign(null, Buffer.from(formatCheckpoint(head)), key.privateKey);
    return { ...about, signature: new Uint8Array(signature) };
  }
  const isEd25519 = key.type === KEY_TYPES.cosignatureEd25519.type;
  const message = isEd25519
    ? cosignedText(formatCheckpoint(head), timestamp)
    : cosignedMessage({ cosigner: key.name, timestamp, ...head });
  const signature = sign(null, message, key.privateKey);
  return { ...about, signature: formatTimestampedSignature({ timestamp, signature }) };
}

export function signedCheckpoint(head: Head, keys: readonly SigningKey[], timestamp = 1_800_000_000): string {
  const signatures = keys.map((key) => signCheckpoint(head, key, timestamp));
  return formatNote({ text: formatCheckpoint(head), signatures });
}

export interface MemoryLog {
  readonly files: Map<string, Uint8Array>;
  readonly entries: readonly Uint8Array[];
  readonly root: Uint8Array;
  readonly checkpoint: string;
  readonly source: Source;
  proof(index: number): Promise<string>;
}

export function memoryLog(entries: readonly Uint8Array[], origin: string, keys: readonly SigningKey[]): MemoryLog {
  const files = new Map<string, Uint8Array>();
  const size = entries.length;
  const leaves = entries.map((entry) => createHash("sha256").update("\0").update(entry).digest());
  for (let first = 0; first < size; first += TILE_WIDTH) {
    const some = entries.slice(first, first + TILE_WIDTH);
    files.set(tilePath("entries", first / TILE_WIDTH, some.length), formatBundle(some));
  }
  const levels: Uint8Array[] = [Buffer.concat(leaves)];
  for (const { level, index, width } of tilesFor(size)) {
    const hashes = (levels[level] ??= levelAbove(levels[level - 1] ?? new Uint8Array(0)));
    const start = index * TILE_WIDTH * 32;
    files.set(tilePath(level, index, width), new Uint8Array(hashes.subarray(start, start + width * 32)));
  }
  const root = naiveRoot(leaves);
  const checkpoint = signedCheckpoint({ origin, size, root }, keys);
  files.set("checkpoint", new Uint8Array(Buffer.from(checkpoint)));
  const readTile = (level: number, index: number, width: number): Uint8Array => {
    const tile = files.get(tilePath(level, index, width));
    if (tile === undefined) throw new Error("the log lacks a tile");
    return tile;
  };
  return {
    files,
    entries,
    root,
    checkpoint,
    source: { read: (path) => Promise.resolve(files.get(path)) },
    proof: async (index) =>
      formatProof({ index, hashes: await proveInclusion(index, size, readTile), note: checkpoint }),
  };
}

function levelAbove(below: Uint8Array): Uint8Array {
  const roots: Uint8Array[] = [];
  for (let i = 0; (i + 1) * TILE_WIDTH * 32 <= below.length; i++) {
    roots.push(completeRoot(below, i * TILE_WIDTH, TILE_WIDTH));
  }
  return Buffer.concat(roots);
}

/** Plausible leaves: a start, then intents each followed by its outcome, except the last intent. */
export function sampleEntries(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => {
    const time = new Date(Date.UTC(2026, 10, 21) + index).toISOString();
    const about = { v: 1, time };
    if (index === 0) return leafBytes({ ...about, type: "start", version: "0.1.0", orphans: [] });
    if (index % 2 === 1) {
      return leafBytes({ ...about, type: "intent", principal: "k".repeat(22), action: "infer", found: { EMAIL: 1 } });
    }
    return leafBytes({ ...about, type: "outcome", intent: index - 1, status: "completed", bytes: index * 7 });
  });
}

export function leafBytes(leaf: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(canonicalJson(leaf)));
}
