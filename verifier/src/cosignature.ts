/**
 * The ML-DSA-44 cosignature: the message that is signed and the structure that goes into the signature line.
 * https://c2sp.org/tlog-cosignature. The log signs its own checkpoints with it too, as the specification recommends.
 * The message leaves a checkpoint's extension lines out.
 */

import { concatBytes, encodeUtf8 } from "./bytes.ts";
import { VerifierError } from "./errors.ts";
import { HASH_BYTES } from "./tree.ts";

export const ML_DSA_44_SIGNATURE_BYTES = 2420;
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

export interface TimestampedSignature {
  readonly timestamp: number;
  /** 2,420 bytes. */
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** The `timestamped_signature` that follows the key id in the signature line. Throws cosignature_malformed. */
export function formatTimestampedSignature(value: {
  timestamp: number;
  signature: Uint8Array;
}): Uint8Array<ArrayBuffer> {
  if (value.signature.length !== ML_DSA_44_SIGNATURE_BYTES) throw malformed("an ML-DSA-44 signature has 2,420 bytes");
  return concatBytes(uint64(value.timestamp), value.signature);
}

/** Throws cosignature_malformed for a wrong length and for a timestamp beyond 2^53 - 1. */
export function parseTimestampedSignature(bytes: Uint8Array): TimestampedSignature {
  if (bytes.length !== TIMESTAMP_BYTES + ML_DSA_44_SIGNATURE_BYTES) {
    throw malformed("a cosignature has 8 bytes of time and 2,420 bytes of signature");
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
