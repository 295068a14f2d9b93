/**
 * `log.json`, beside the checkpoint: the log's origin and keys, for convenience. Nothing authenticates it. Keys read from
 * the place that is being checked prove only that the place agrees with itself; an auditor pins keys received otherwise.
 */

import { decodeUtf8 } from "./bytes.ts";
import { canonicalJson } from "./canonical-json.ts";
import { VerifierError } from "./errors.ts";
import { parseVkey } from "./vkey.ts";

const VKEYS_MAX = 100;
const LOG_INFO_BYTES_MAX = 1_000_000;

interface DatedKey {
  readonly vkey: string;
  readonly from: number;
  /** Absent while it signs. */
  readonly to?: number;
}

export interface LogInfo {
  readonly origin: string;
  /** Verifier keys, one for each signature the log makes. */
  readonly vkeys: readonly string[];
  /** All keys that the log has had, once it has changed them: `from` and `to` are the sizes of the first and last checkpoint of each. */
  readonly keys?: readonly DatedKey[];
  /** Entries below it were pruned, as the log says on record too. Absent for 0. */
  readonly minimumIndex?: number;
}

/** Throws log_info_malformed, vkey_malformed or vkey_type_unknown. Members that it does not know are ignored. */
export function parseLogInfo(input: Uint8Array | string): LogInfo {
  if (input.length > LOG_INFO_BYTES_MAX) throw malformed("log.json has at most 1,000,000 bytes");
  const value = readJson(decodeUtf8(input) ?? "");
  if (typeof value !== "object" || value === null || !("origin" in value && "vkeys" in value)) {
    throw malformed("log.json is an object with origin and vkeys");
  }
  const { origin, vkeys } = value;
  if (typeof origin !== "string" || origin === "") throw malformed("origin is a text");
  if (!Array.isArray(vkeys) || vkeys.length === 0 || vkeys.length > VKEYS_MAX)
    throw malformed("vkeys lists 1 to 100 keys");
  const keys = (vkeys as unknown[]).map((vkey) => {
    if (typeof vkey !== "string") throw malformed("a vkey is a text");
    parseVkey(vkey);
    return vkey;
  });
  const info: { origin: string; vkeys: string[]; keys?: DatedKey[]; minimumIndex?: number } = { origin, vkeys: keys };
  if ("keys" in value) info.keys = datedKeys(value.keys);
  if ("minimumIndex" in value) {
    if (!isSize(value.minimumIndex)) throw malformed("minimumIndex is a whole number");
    info.minimumIndex = value.minimumIndex;
  }
  return info;
}

function datedKeys(value: unknown): DatedKey[] {
  if (!Array.isArray(value) || value.length > VKEYS_MAX) throw malformed("keys lists at most 100 keys");
  return (value as unknown[]).map((each) => {
    const isKey = typeof each === "object" && each !== null && "vkey" in each && "from" in each;
    if (!isKey || typeof each.vkey !== "string" || !isSize(each.from)) throw malformed("a key has a vkey and a size");
    parseVkey(each.vkey);
    if (!("to" in each)) return { vkey: each.vkey, from: each.from };
    if (!isSize(each.to)) throw malformed("a key ends at a size");
    return { vkey: each.vkey, from: each.from, to: each.to };
  });
}

function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** Throws what parseLogInfo would. */
export function formatLogInfo(info: LogInfo): string {
  const text = `${canonicalJson({ ...info })}\n`;
  parseLogInfo(text);
  return text;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed("log.json is JSON");
  }
}

function malformed(message: string): VerifierError {
  return new VerifierError("log_info_malformed", message);
}
