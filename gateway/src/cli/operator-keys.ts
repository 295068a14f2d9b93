/** The key of the keyed operators, from a file that the user keeps, for `scrub` and for the way back. */
import { createHmac, randomBytes } from "node:crypto";
import type { OperatorKeys } from "@sluice/detector";
import { CliError, EXIT } from "./exit.ts";
import { readBytes } from "./input.ts";

const BYTES_MIN = 32;
/** Keys are rotated by taking another file. */
const EPOCH = "1";

export interface KeyFlags {
  /** File that holds the master key; absent: one for this run, which nobody keeps. */
  readonly key?: string;
  /** Under another purpose equal values get other pseudonyms, so that the documents cannot be joined. */
  readonly purpose: string;
}

export interface Keys {
  readonly keys: OperatorKeys;
  /** Of a normalized value. */
  readonly hash: (type: string, value: string) => string;
}

/** Throws a CliError (3) when the file cannot be read, (2) when it is too short. */
export async function keysOf({ key, purpose }: KeyFlags): Promise<Keys> {
  const { OperatorKeys } = await import("@sluice/detector");
  const master = key === undefined ? randomBytes(BYTES_MIN) : await readBytes(key);
  if (master.length < BYTES_MIN)
    throw new CliError(EXIT.usage, "key_short", `${key} holds ${master.length} bytes; a key has at least ${BYTES_MIN}`);
  const mac = (text: string): Buffer => createHmac("sha256", master).update(text).digest();
  // Says in a token which key opens it, and nothing else.
  const keyId = mac("sluice key id").subarray(0, 6).toString("base64url");
  return {
    keys: new OperatorKeys({ master: Uint8Array.from(master), keyId, purpose, epoch: EPOCH }),
    hash: (type, value) =>
      mac(`${purpose.length}:${purpose}${type.length}:${type}${value}`).toString("hex").slice(0, 16),
  };
}
