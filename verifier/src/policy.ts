/**
 * Policy files: which logs are believed, which witnesses there are, and how many of them must have cosigned.
 * https://c2sp.org/tlog-policy. Reading is strict: whatever the specification does not allow is refused with a code and the
 * number of the line, so that a policy never means less than its author thinks. Whether a checkpoint meets one is quorum.ts.
 */

import { decodeUtf8, encodeUtf8, equalBytes, parseDecimal } from "./bytes.ts";
import { VerifierError } from "./errors.ts";
import type { VerifierErrorCode } from "./errors.ts";
import { KEY_TYPES, parseVkey } from "./vkey.ts";
import type { VerifierKey } from "./vkey.ts";

/** "It is strongly recommended that an implementation supports at least up to 32 logs, 32 witnesses, and 32 groups." */
export const POLICY_NAMES_MAX = 1_000;
export const POLICY_BYTES_MAX = 4_000_000;

export interface PolicyLog {
  /** Its name is the origin of the log. */
  readonly key: VerifierKey;
  readonly url?: string;
}

export interface PolicyWitness {
  /** Means something in this file alone; the key has a name of its own. */
  readonly name: string;
  readonly key: VerifierKey;
  /** The submission prefix of https://c2sp.org/tlog-witness, where the file gives one. */
  readonly url?: string;
}

export interface PolicyGroup {
  readonly name: string;
  /** So many members must have witnessed a checkpoint: 1 for `any`, all of them for `all`. */
  readonly threshold: number;
  /** Names of witnesses and of groups that stand before this one. */
  readonly members: readonly string[];
}

export interface Policy {
  /** Any of them; none means that another rule says which log is believed. */
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  /** A group stands after its members. */
  readonly groups: readonly PolicyGroup[];
  /** Name of a witness or a group. Absent (`quorum none`): no cosignature is needed. */
  readonly quorum?: string;
}

/** A log signs with Ed25519 or, as a cosigner of its own checkpoints, with ML-DSA-44. https://c2sp.org/tlog-checkpoint */
const LOG_TYPES: ReadonlySet<number> = new Set([KEY_TYPES.ed25519.type, KEY_TYPES.mlDsa44.type]);
const WITNESS_TYPES: ReadonlySet<number> = new Set([KEY_TYPES.cosignatureEd25519.type, KEY_TYPES.mlDsa44.type]);
const NONE = "none";

/** Throws a VerifierError with a code `policy_…` and the line it is about. */
export function parsePolicy(input: Uint8Array | string): Policy {
  const octets = typeof input === "string" ? encodeUtf8(input) : input;
  if (octets.length > POLICY_BYTES_MAX) throw malformed("policy_too_large", "a policy has at most 4,000,000 bytes", 1);
  const reader = new PolicyReader();
  let line = 1;
  for (let start = 0; start < octets.length; line++) {
    const end = octets.indexOf(0x0a, start);
    // "each line is terminated by ASCII newline": a file that was cut off in the middle of a line is noticed.
    if (end < 0) throw malformed("policy_unterminated", "the last line does not end with a newline", line);
    reader.read(octets.subarray(start, end), line);
    start = end + 1;
  }
  return reader.finish(Math.max(1, line - 1));
}

class PolicyReader {
  readonly #logs: PolicyLog[] = [];
  readonly #witnesses: PolicyWitness[] = [];
  readonly #groups: PolicyGroup[] = [];
  /** Of witnesses and groups: "Witnesses and groups share a single namespace." */
  readonly #names = new Set<string>();
  readonly #members = new Set<string>();
  #quorum: { readonly name: string | undefined } | undefined;

  read(octets: Uint8Array, line: number): void {
    const fail = (code: VerifierErrorCode, message: string): never => {
      throw malformed(code, message, line);
    };
    const [keyword, ...fields] = fieldsOf(octets, fail);
    // "Empty lines (whitespace only) and comment lines (lines starting with "#" …) are allowed and ignored."
    if (keyword === undefined || keyword.startsWith("#")) return;
    switch (keyword) {
      case "log":
        this.#readLog(fields, fail);
        break;
      case "witness":
        this.#readWitness(fields, fail);
        break;
      case "group":
        this.#readGroup(fields, fail);
        break;
      case "quorum":
        this.#readQuorum(fields, fail);
        break;
      default:
        fail("policy_keyword", "a line begins with log, witness, group or quorum");
    }
  }

  /** `line` is the last one. */
  finish(line: number): Policy {
    if (this.#quorum === undefined) throw malformed("policy_quorum_missing", "a policy has a quorum line", line);
    const { name } = this.#quorum;
    const policy = { logs: this.#logs, witnesses: this.#witnesses, groups: this.#groups };
    return name === undefined ? policy : { ...policy, quorum: name };
  }

  #readLog([vkey, url, ...rest]: readonly string[], fail: Fail): void {
    if (vkey === undefined || rest.length > 0) return fail("policy_fields", "write: log <vkey> [<url>]");
    const key = readKey(vkey, LOG_TYPES, "a log signs with type 0x01 or 0x06", fail);
    this.#checkKey(key, this.#logs, fail);
    this.#logs.push(url === undefined ? { key } : { key, url });
  }

  #readWitness([name, vkey, url, ...rest]: readonly string[], fail: Fail): void {
    if (name === undefined || vkey === undefined || rest.length > 0) {
      return fail("policy_fields", "write: witness <name> <vkey> [<url>]");
    }
    const key = readKey(vkey, WITNESS_TYPES, "a witness cosigns with type 0x04 or 0x06", fail);
    this.#checkKey(key, this.#witnesses, fail);
    this.#define(name, fail);
    this.#witnesses.push(url === undefined ? { name, key } : { name, key, url });
  }

  #readGroup([name, count, ...members]: readonly string[], fail: Fail): void {
    if (name === undefined || count === undefined || members.length === 0) {
      return fail("policy_fields", "write: group <name> all|any|<k> <name>...");
    }
    const threshold = count === "all" ? members.length : count === "any" ? 1 : parseDecimal(count);
    if (threshold === undefined || threshold < 1 || threshold > members.length) {
      return fail("policy_threshold", "the threshold is all, any, or a decimal from 1 to the number of members");
    }
    for (const member of members) {
      this.#mustBeDefined(member, fail);
      // "Each defined name can be listed as a group member at most once": in one group, of the whole file.
      if (this.#members.has(member)) fail("policy_member_repeated", "a name is a member of one group, once");
      this.#members.add(member);
    }
    // After its members: a group is no member of itself.
    this.#define(name, fail);
    this.#groups.push({ name, threshold, members });
  }

  #readQuorum([name, ...rest]: readonly string[], fail: Fail): void {
    if (name === undefined || rest.length > 0) return fail("policy_fields", "write: quorum <name>|none");
    if (this.#quorum !== undefined) fail("policy_quorum_repeated", "a policy has one quorum line");
    if (name !== NONE) this.#mustBeDefined(name, fail);
    this.#quorum = { name: name === NONE ? undefined : name };
  }

  #define(name: string, fail: Fail): void {
    if (name === NONE) fail("policy_name_taken", "none is the name of the empty quorum");
    if (this.#names.has(name)) fail("policy_name_taken", "the name is defined on a line before");
    if (this.#names.size >= POLICY_NAMES_MAX) fail("policy_too_large", "at most 1,000 witnesses and groups");
    this.#names.add(name);
  }

  #mustBeDefined(name: string, fail: Fail): void {
    if (!this.#names.has(name)) fail("policy_name_unknown", "no line before this one defines that name");
  }

  /** "Two vkeys are considered duplicate if they wrap the same underlying public key". */
  #checkKey(key: VerifierKey, known: readonly { readonly key: VerifierKey }[], fail: Fail): void {
    if (known.length >= POLICY_NAMES_MAX) fail("policy_too_large", "at most 1,000 logs and 1,000 witnesses");
    if (known.some((each) => equalBytes(each.key.publicKey, key.publicKey))) {
      fail("policy_key_repeated", "a line before this one has the same public key");
    }
  }
}

type Fail = (code: VerifierErrorCode, message: string) => never;

function readKey(vkey: string, types: ReadonlySet<number>, expected: string, fail: Fail): VerifierKey {
  try {
    const key = parseVkey(vkey);
    if (types.has(key.type)) return key;
  } catch (error) {
    if (!(error instanceof VerifierError)) throw error;
    if (error.code !== "vkey_type_unknown") return fail("policy_vkey", error.message);
  }
  return fail("policy_key_type", expected);
}

/** "The only allowed control characters are tab and newline", and 0x7F is none of "0x20-0x7E, and 0x80-0xFF". */
function fieldsOf(octets: Uint8Array, fail: Fail): string[] {
  const fields: string[] = [];
  let start = -1;
  for (let at = 0; at <= octets.length; at++) {
    const octet = octets[at] ?? 0x20;
    const isSpace = octet === 0x20 || octet === 0x09;
    if (!isSpace && (octet < 0x20 || octet === 0x7f)) {
      fail("policy_characters", "no control character but tab and newline may stand in a policy");
    }
    if (isSpace && start >= 0) {
      fields.push(textOf(octets.subarray(start, at)));
      start = -1;
    } else if (!isSpace && start < 0) {
      start = at;
    }
  }
  return fields;
}

/**
 * "Names must be handled as opaque octet strings". What is UTF-8 becomes its text; of anything else each high octet becomes a
 * lone surrogate, which no UTF-8 gives: different octets stay different names.
 */
function textOf(octets: Uint8Array): string {
  const text = decodeUtf8(octets);
  if (text !== undefined) return text;
  let opaque = "";
  for (const octet of octets) opaque += String.fromCharCode(octet < 0x80 ? octet : 0xdc00 + octet);
  return opaque;
}

function malformed(code: VerifierErrorCode, message: string, line: number): VerifierError {
  return new VerifierError(code, `line ${String(line)}: ${message}`, line);
}
