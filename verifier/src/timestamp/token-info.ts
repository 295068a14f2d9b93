/** TSTInfo (RFC 3161 section 2.4.2): what a time-stamping authority states. Read before it is verified, so believe nothing of it yet. */

import { VerifierError } from "../errors.ts";
import { hashOf, readAlgorithm } from "./algorithms.ts";
import type { HashName } from "./algorithms.ts";
import { readExtension } from "./certificate.ts";
import {
  Fields,
  TAG,
  explicitTag,
  implicitTag,
  readBoolean,
  readDer,
  readNumber,
  readOid,
  readPositive,
  readTime,
} from "./der.ts";
import type { Der } from "./der.ts";

export interface TokenInfo {
  readonly policy: string;
  readonly imprint: { readonly algorithm: HashName; readonly hash: Uint8Array };
  /** Magnitude, without leading zeroes. */
  readonly serial: Uint8Array;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Milliseconds, rounded up. */
  readonly accuracyMs?: number;
  readonly nonce?: Uint8Array;
  /** A GeneralName. */
  readonly authority?: Der;
}

/** Throws der_malformed, timestamp_malformed or timestamp_algorithm_unsupported. */
export function readTokenInfo(bytes: Uint8Array): TokenInfo {
  const fields = new Fields(readDer(bytes), "TSTInfo");
  if (readNumber(fields.take(TAG.integer)) !== 1) throw malformed("the time-stamp has version 1");
  const policy = readOid(fields.take(TAG.oid));
  const imprint = readImprint(fields.take(TAG.sequence));
  const serial = readPositive(fields.take(TAG.integer));
  const time = readTime(fields.take(TAG.generalizedTime));
  const accuracy = fields.optional(TAG.sequence);
  const ordering = fields.optional(TAG.boolean);
  const nonce = fields.optional(TAG.integer);
  const authority = fields.optional(explicitTag(0));
  const extensions = fields.optional(explicitTag(1));
  fields.end();
  // X.690 section 11.5: a default value is not written.
  if (ordering !== undefined && !readBoolean(ordering)) throw malformed("the time-stamp writes a default");
  if (extensions !== undefined) assertNothingCritical(extensions);
  return {
    policy,
    imprint,
    serial,
    time,
    ...(accuracy === undefined ? {} : { accuracyMs: readAccuracy(accuracy) }),
    ...(nonce === undefined ? {} : { nonce: readPositive(nonce) }),
    ...(authority === undefined ? {} : { authority: onlyPart(authority) }),
  };
}

function readImprint(der: Der): TokenInfo["imprint"] {
  const fields = new Fields(der, "MessageImprint");
  const algorithm = hashOf(readAlgorithm(fields.take(TAG.sequence)));
  const hash = fields.take(TAG.octetString).content;
  fields.end();
  return { algorithm, hash };
}

/** Seconds, millis [0] and micros [1], the last two from 1 to 999. */
function readAccuracy(der: Der): number {
  const fields = new Fields(der, "Accuracy");
  const seconds = fields.optional(TAG.integer);
  const [millis, micros] = [fields.optional(implicitTag(0)), fields.optional(implicitTag(1))];
  fields.end();
  const part = (field: Der | undefined): number => {
    if (field === undefined) return 0;
    const value = readNumber(field);
    if (field.content.length === 0 || value < 1 || value > 999) throw malformed("the accuracy is none");
    return value;
  };
  return (seconds === undefined ? 0 : readNumber(seconds) * 1000) + part(millis) + Math.ceil(part(micros) / 1000);
}

function assertNothingCritical(der: Der): void {
  for (const extension of new Fields(der, "Extensions", der.tag).rest(TAG.sequence)) {
    if (readExtension(extension).critical) throw malformed("the time-stamp has a critical extension");
  }
}

function onlyPart(der: Der): Der {
  const fields = new Fields(der, "tsa", der.tag);
  const part = fields.any();
  fields.end();
  return part;
}

function malformed(message: string): VerifierError {
  return new VerifierError("timestamp_malformed", message);
}
