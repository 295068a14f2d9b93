/**
 * Cosignatures, Ed25519 and ML-DSA-44: the messages that are signed and the structure that goes into the signature line.
 * https://c2sp.org/tlog-cosignature. The log signs its own checkpoints with the ML-DSA-44 one too, as the specification
 * recommends. That message leaves a checkpoint's extension lines out, and names the cosigner; the Ed25519 one does neither.
 */

import { concatBytes, encodeUtf8 } from "./bytes.ts";
import { VerifierError } from "./errors.ts";
import { HASH_BYTES } from "./tree.ts";

export const ML_DSA_44_SIGNATURE_BYTES = 2420;
export const ED25519_SIGNATURE_BYTES = 64;
const TIMESTAMP_BYTES = 8;

/** `uint8 label[12] = "subtree/v1\n\0"` */
const LABEL = encodeUtf8("subtree/v1\n\0");

export interface CosignedCheckpoint {
  /** The name of the signing key, 1 to 255 bytes of UTF-8. */
  readonly cosigner: string;
  /** Seconds since 1970, or 0 for no statement about time. */
  readonly timestamp: number;
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** The `cosigned_message` for a checkpoint (start 0, end = size). Throws cosignature_malformed. */
export function cosignedMessage(signed: CosignedCheckpoint): Uint8Array<ArrayBuffer> {
  if (signed.root.length !== HASH_BYTES) throw malformed("the root has 32 bytes");
  return concatBytes(
    LABEL,
    shortString(signed.cosigner),
    uint64(signed.timestamp),
    shortString(signed.origin),
    uint64(0),
    uint64(signed.size),
    signed.root,
  );
}

/**
 * The message of an Ed25519 cosignature: "two newline (U+000A) terminated lines … followed by the whole note body". `text`
 * is that body with its final newline. Throws cosignature_malformed.
 */
export function cosignedText(text: string, timestamp: number): Uint8Array<ArrayBuffer> {
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) throw malformed("a time is a non-negative safe integer");
  return encodeUtf8(`cosignature/v1\ntime ${String(timestamp)}\n${text}`);
}

export interface TimestampedSignature {
  readonly timestamp: number;
  /** 64 bytes of Ed25519, or 2,420 of ML-DSA-44. */
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** The `timestamped_signature` that follows the key id in the signature line. Throws cosignature_malformed. */
export function formatTimestampedSignature(value: {
  timestamp: number;
  signature: Uint8Array;
}): Uint8Array<ArrayBuffer> {
  const { length } = value.signature;
  if (length !== ML_DSA_44_SIGNATURE_BYTES && length !== ED25519_SIGNATURE_BYTES) {
    throw malformed("a signature has 64 bytes of Ed25519 or 2,420 of ML-DSA-44");
  }
  return concatBytes(uint64(value.timestamp), value.signature);
}

/**
 * `signatureBytes`: ML_DSA_44_SIGNATURE_BYTES or ED25519_SIGNATURE_BYTES, as the key's type says. Throws
 * cosignature_malformed for another length and for a timestamp beyond 2^53 - 1.
 */
export function parseTimestampedSignature(
  bytes: Uint8Array,
  signatureBytes: number = ML_DSA_44_SIGNATURE_BYTES,
): TimestampedSignature {
  if (bytes.length !== TIMESTAMP_BYTES + signatureBytes) {
    throw malformed(`a cosignature has 8 bytes of time and ${String(signatureBytes)} bytes of signature`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, TIMESTAMP_BYTES);
  const timestamp = Number(view.getBigUint64(0));
  if (!Number.isSafeInteger(timestamp)) throw malformed("the timestamp is out of range");
  return { timestamp, signature: bytes.slice(TIMESTAMP_BYTES) };
}

/** `opaque<1..2^8-1>` */
function shortString(text: string): Uint8Array {
  const bytes = encodeUtf8(text);
  if (bytes.length === 0 || bytes.length > 255) throw malformed("cosigner name and origin have 1 to 255 bytes");
  return concatBytes(new Uint8Array([bytes.length]), bytes);
}

function uint64(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw malformed("times and sizes are non-negative safe integers");
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

function malformed(message: string): VerifierError {
  return new VerifierError("cosignature_malformed", message);
}
