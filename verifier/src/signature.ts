/**
 * Verifying the signatures of a note with pinned keys, through WebCrypto. The rules are those of the specification: unknown
 * keys are ignored, a known key that fails spoils the whole note, and a note without one verified signature is worth
 * nothing. A runtime that lacks an algorithm gives `unsupported`, which never counts as verified.
 */

import { encodeUtf8 } from "./bytes.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { ED25519_SIGNATURE_BYTES, cosignedMessage, cosignedText, parseTimestampedSignature } from "./cosignature.ts";
import { VerifierError } from "./errors.ts";
import type { Note, NoteSignature } from "./note.ts";
import { KEY_TYPES } from "./vkey.ts";
import type { VerifierKey } from "./vkey.ts";

/** `missing`: the key is pinned and the note bears no signature of it. */
export type SignatureStatus = "verified" | "failed" | "unsupported" | "missing";

export interface KeyVerdict {
  readonly name: string;
  readonly keyId: string;
  readonly type: number;
  readonly status: SignatureStatus;
  /** Seconds since 1970 as the signer states it; only for a verified cosignature (0x04, 0x06) that states a time. */
  readonly timestamp?: number;
}

export interface NoteVerdict {
  /** At least one pinned key verified, and none failed. */
  readonly accepted: boolean;
  /** One for each pinned key, in the order given. */
  readonly keys: readonly KeyVerdict[];
}

/** What to hand to the signature algorithm. */
interface Signed {
  readonly message: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
  readonly timestamp?: number;
}

/** One row a signature type: the only place where types differ. */
interface Scheme {
  readonly algorithm: string;
  readonly keyFormat: string;
  /** Throws VerifierError when note or signature do not have the shape the type requires. */
  readonly signed: (text: string, signature: NoteSignature) => Signed;
}

const SCHEMES: ReadonlyMap<number, Scheme> = new Map([
  [
    KEY_TYPES.ed25519.type,
    {
      algorithm: "Ed25519",
      keyFormat: "raw",
      signed: (text, signature) => ({ message: encodeUtf8(text), signature: signature.signature }),
    },
  ],
  [
    KEY_TYPES.cosignatureEd25519.type,
    {
      algorithm: "Ed25519",
      keyFormat: "raw",
      signed: (text, { signature: bytes }) => {
        // A cosignature is about a checkpoint; over any other text it says nothing.
        parseCheckpoint(text);
        const { timestamp, signature } = parseTimestampedSignature(bytes, ED25519_SIGNATURE_BYTES);
        return { message: cosignedText(text, timestamp), signature, timestamp };
      },
    },
  ],
  [
    KEY_TYPES.mlDsa44.type,
    {
      algorithm: "ML-DSA-44",
      // "raw" is not defined for it: https://wicg.github.io/webcrypto-modern-algos/#ml-dsa
      keyFormat: "raw-public",
      signed: (text, { name, signature: bytes }) => {
        const { origin, size, root } = parseCheckpoint(text);
        const { timestamp, signature } = parseTimestampedSignature(bytes);
        return { message: cosignedMessage({ cosigner: name, timestamp, origin, size, root }), signature, timestamp };
      },
    },
  ],
]);

/** Verifies every signature by every pinned key. Never throws for anything the note contains. */
export async function verifyNote(note: Note, keys: readonly VerifierKey[]): Promise<NoteVerdict> {
  const verdicts = await Promise.all(keys.map((key) => verifyKey(note, key)));
  const accepted =
    verdicts.some((verdict) => verdict.status === "verified") &&
    !verdicts.some((verdict) => verdict.status === "failed");
  return { accepted, keys: verdicts };
}

async function verifyKey(note: Note, key: VerifierKey): Promise<KeyVerdict> {
  const about = { name: key.name, keyId: key.keyId, type: key.type };
  // "The tuple of key name and key ID uniquely identifies the key"; a key may have signed more than once, and every
  // signature of a known key must verify.
  const own = note.signatures.filter((signature) => signature.name === key.name && signature.keyId === key.keyId);
  if (own.length === 0) return { ...about, status: "missing" };

  const results = await Promise.all(own.map((signature) => verifyOne(note.text, signature, key)));
  const bad = results.find(({ status }) => status !== "verified");
  if (bad !== undefined) return { ...about, status: bad.status };
  const timestamp = Math.max(...results.map((result) => result.timestamp ?? 0));
  return timestamp > 0 ? { ...about, status: "verified", timestamp } : { ...about, status: "verified" };
}

async function verifyOne(
  text: string,
  signature: NoteSignature,
  key: VerifierKey,
): Promise<{ status: SignatureStatus; timestamp?: number }> {
  const scheme = SCHEMES.get(key.type);
  if (scheme === undefined) return { status: "unsupported" };
  const signed = trySigned(scheme, text, signature);
  if (signed === undefined) return { status: "failed" };
  const imported = await importKey(scheme, key);
  if (typeof imported === "string") return { status: imported };
  const good = await crypto.subtle.verify({ name: scheme.algorithm }, imported, signed.signature, signed.message);
  if (!good) return { status: "failed" };
  return signed.timestamp === undefined ? { status: "verified" } : { status: "verified", timestamp: signed.timestamp };
}

function trySigned(scheme: Scheme, text: string, signature: NoteSignature): Signed | undefined {
  try {
    return scheme.signed(text, signature);
  } catch (error) {
    if (error instanceof VerifierError) return undefined;
    throw error;
  }
}

/** The TypeScript library does not know the format "raw-public" yet. */
interface KeyImporter {
  importKey(
    format: string,
    key: Uint8Array<ArrayBuffer>,
    algorithm: { name: string },
    extractable: boolean,
    usages: readonly "verify"[],
  ): Promise<CryptoKey>;
}

async function importKey(scheme: Scheme, key: VerifierKey): Promise<CryptoKey | "failed" | "unsupported"> {
  // Absent outside secure contexts in browsers, whatever its type says.
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle as KeyImporter | undefined;
  if (subtle === undefined) return "unsupported";
  try {
    return await subtle.importKey(scheme.keyFormat, key.publicKey, { name: scheme.algorithm }, false, ["verify"]);
  } catch (error) {
    // A runtime that has never heard of the algorithm says NotSupportedError, of the format TypeError. Anything else is
    // about the key itself.
    const name = error instanceof Error || error instanceof DOMException ? error.name : "";
    return name === "NotSupportedError" || name === "TypeError" ? "unsupported" : "failed";
  }
}
