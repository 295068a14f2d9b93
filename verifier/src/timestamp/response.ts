/** TimeStampResp (RFC 3161 section 2.4.2): whether an authority granted the stamp, and the token if it did. */

import { VerifierError } from "../errors.ts";
import { Fields, TAG, readDer, readNumber } from "./der.ts";
import type { Der } from "./der.ts";

/** In the order of their numbers. */
const STATUSES = ["granted", "grantedWithMods", "rejection", "waiting", "revocationWarning", "revocationNotification"];

export interface TimestampResponse {
  /** granted, grantedWithMods, rejection, waiting, revocationWarning or revocationNotification. */
  readonly status: string;
  /** Always there when the stamp was granted, with or without modifications, and only then. */
  readonly token?: Der;
}

/** Throws der_malformed or timestamp_malformed. What the authority says in words is not read: it is for nobody here. */
export function readResponse(bytes: Uint8Array): TimestampResponse {
  const fields = new Fields(readDer(bytes), "TimeStampResp");
  const info = new Fields(fields.take(TAG.sequence), "PKIStatusInfo");
  const status = STATUSES[readNumber(info.take(TAG.integer))];
  info.optional(TAG.sequence);
  info.optional(TAG.bitString);
  info.end();
  const token = fields.optional(TAG.sequence);
  fields.end();
  if (status === undefined) throw malformed("the answer has a status that does not exist");
  const isGranted = status === "granted" || status === "grantedWithMods";
  if (isGranted !== (token !== undefined)) throw malformed("an answer has a token if, and only if, it grants one");
  return token === undefined ? { status } : { status, token };
}

function malformed(message: string): VerifierError {
  return new VerifierError("timestamp_malformed", message);
}
