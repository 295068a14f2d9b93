/** TimeStampReq (RFC 3161 section 2.4.1): what is asked of an authority. It learns a hash and nothing else. */

import { VerifierError } from "../errors.ts";
import { HASH_OIDS } from "./algorithms.ts";
import type { HashName } from "./algorithms.ts";
import { TAG } from "./der.ts";
import { writeDer, writeInteger, writeOid, writeSequence } from "./der-writer.ts";

/** RFC 3161 section 2.4.1: "a large random number with a high probability that the client generates it only once (e.g., a 64 bit integer)" */
const NONCE_BYTES_MIN = 8;

export interface TimestampRequest {
  readonly imprint: { readonly algorithm: HashName; readonly hash: Uint8Array };
  /** 8 random bytes or more; read as a number. */
  readonly nonce: Uint8Array;
  /** The policy to stamp under, in dotted decimal. Absent: the authority's own choice. */
  readonly policy?: string;
}

/** Asks for the signer's certificate to be in the token. Throws timestamp_malformed for a nonce that is too short. */
export function formatTimestampRequest({ imprint, nonce, policy }: TimestampRequest): Uint8Array<ArrayBuffer> {
  if (nonce.length < NONCE_BYTES_MIN) throw new VerifierError("timestamp_malformed", "a nonce has 8 bytes or more");
  const algorithm = writeSequence(writeOid(HASH_OIDS[imprint.algorithm]), writeDer(TAG.null));
  return writeSequence(
    writeInteger(1),
    writeSequence(algorithm, writeDer(TAG.octetString, imprint.hash)),
    ...(policy === undefined ? [] : [writeOid(policy)]),
    writeInteger(nonce),
    writeDer(TAG.boolean, Uint8Array.of(0xff)),
  );
}
