/**
 * The time-stamps of a log: `ts/<size>.<n>.tsr` over the checkpoint `ts/<size>.checkpoint`, each named by an event of the log
 * itself. So the log lists its stamps, one that was taken away is missed, and every later stamp is also a stamp over the earlier
 * ones (RFC 4998's renewal): it is of a tree that holds their hashes. docs/timestamps.md
 */

import { decodeBase64, encodeUtf8, equalBytes } from "../bytes.ts";
import { parseCheckpoint } from "../checkpoint.ts";
import { VerifierError } from "../errors.ts";
import type { Leaf } from "../leaf.ts";
import { readFile, readTile } from "../log-files.ts";
import { parseNote } from "../note.ts";
import { proveConsistency } from "../prove.ts";
import type { Problem, ProblemCode } from "../report.ts";
import { sha256 } from "../sha256.ts";
import type { Source } from "../source.ts";
import { HASH_BYTES, verifyConsistency } from "../tree.ts";
import type { Certificate } from "./certificate.ts";
import { verifyTimestamp } from "./verify.ts";
import type { Timestamp } from "./verify.ts";

/** Name of the event that names a stamp. */
export const STAMP_EVENT = "timestamp.made";
/** Stamps that are asked for together come in any order; so far back may a later one's time lie. */
export const ORDER_SLACK_MS = 60_000;
const STAMPS_MAX = 1_000_000;

/** n: the first four bytes of the file's SHA-256 as a number, so that two gateways never take one name. */
export function stampPath(size: number, hash: Uint8Array): string {
  const [a = 0, b = 0, c = 0, d = 0] = hash;
  return `ts/${String(size)}.${String(((a * 256 + b) * 256 + c) * 256 + d)}.tsr`;
}

export function stampedCheckpointPath(size: number): string {
  return `ts/${String(size)}.checkpoint`;
}

/** What authorities are asked to stamp: SHA-256 of the checkpoint's text, its signatures left out, so that later ones change nothing. */
export function checkpointImprint(text: string): { readonly algorithm: "SHA-256"; readonly hash: Uint8Array } {
  return { algorithm: "SHA-256", hash: sha256(encodeUtf8(text)) };
}

export interface StampTrust {
  /** From `parseCertificates`. */
  readonly roots: readonly Certificate[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** In dotted decimal. Absent: any. */
  readonly policies?: readonly string[];
}

export interface StampsReport {
  /** Stamps that verified. */
  readonly verified: number;
  /** Names on the certificates of who made them. */
  readonly authorities: readonly string[];
  /** Times of the first and the last of them, in milliseconds since 1970. Absent when there is none, like `size`. */
  readonly from?: number;
  readonly to?: number;
  /** Entries that the last one covers. */
  readonly size?: number;
}

interface Named {
  readonly index: number;
  readonly size: number;
  readonly hash: Uint8Array;
}

interface Verified extends Named {
  readonly stamp: Timestamp;
  readonly path: string;
}

/** Collects the stamps that a log names while its entries are read, then checks them. */
export class LogStamps {
  readonly #named: Named[] = [];
  readonly #report: (problem: Problem) => void;

  constructor(report: (problem: Problem) => void) {
    this.#report = report;
  }

  see(index: number, leaf: Leaf): void {
    if (leaf.type !== "event" || leaf["name"] !== STAMP_EVENT || this.#named.length >= STAMPS_MAX) return;
    const named = readFacts(index, leaf["facts"]);
    if (named !== undefined) this.#named.push(named);
    else this.#problem("leaf_malformed", "ts", "an event that names a time-stamp does not say which", index);
  }

  /** `tree` is of the log as it was found to be. Never rejects for anything the source holds. */
  async check(
    source: Source,
    tree: { readonly origin: string; readonly size: number; readonly root: Uint8Array },
    trust: StampTrust,
  ): Promise<StampsReport> {
    const verified: Verified[] = [];
    let stamped: { readonly size: number; readonly text: string | undefined } | undefined;
    for (const named of this.#named) {
      const { size } = named;
      const path = stampPath(size, named.hash);
      // Stamps of one checkpoint by several authorities follow one another.
      if (stamped?.size !== size) stamped = { size, text: await this.#readCheckpoint(source, tree, size) };
      const { text } = stamped;
      const stamp = text === undefined ? undefined : await this.#readStamp(source, path, named, text, trust);
      if (stamp !== undefined) verified.push({ ...named, stamp, path });
    }
    this.#checkOrder(verified);
    this.#checkRenewal(verified, trust.now);
    if (this.#named.length === 0) this.#problem("timestamps_missing", "ts", "the log names no time-stamp");
    return summary(verified);
  }

  async #readCheckpoint(
    source: Source,
    tree: { readonly origin: string; readonly size: number; readonly root: Uint8Array },
    size: number,
  ): Promise<string | undefined> {
    const path = stampedCheckpointPath(size);
    const { content, problem } = await readFile(source, path);
    if (problem !== undefined) this.#report(problem);
    if (content === undefined) {
      if (problem === undefined)
        this.#problem("checkpoint_missing", path, "the checkpoint that was stamped is not there");
      return undefined;
    }
    try {
      const { text } = parseNote(content);
      const checkpoint = parseCheckpoint(text);
      if (checkpoint.origin !== tree.origin)
        this.#problem("origin_mismatch", path, "what was stamped is of another log");
      else if (checkpoint.size !== size || !(await isOf(source, checkpoint, tree))) {
        this.#problem("history_changed", path, `the first ${String(size)} entries are not those that were stamped`);
      } else return text;
    } catch (error) {
      if (!(error instanceof VerifierError)) throw error;
      this.#problem("checkpoint_malformed", path, error.message);
    }
    return undefined;
  }

  async #readStamp(
    source: Source,
    path: string,
    named: Named,
    text: string,
    trust: StampTrust,
  ): Promise<Timestamp | undefined> {
    const { content, problem } = await readFile(source, path);
    if (problem !== undefined) this.#report(problem);
    else if (content === undefined) {
      this.#problem("timestamp_missing", path, "the log names this time-stamp, and it is not there", named.index);
    } else if (!equalBytes(sha256(content), named.hash)) {
      this.#problem("timestamp_changed", path, "the time-stamp is not the one that the log names", named.index);
    } else {
      try {
        return await verifyTimestamp(content, { ...trust, imprint: checkpointImprint(text) });
      } catch (error) {
        if (!(error instanceof VerifierError)) throw error;
        this.#problem("timestamp_failed", path, `${error.code}: ${error.message}`, named.index);
      }
    }
    return undefined;
  }

  /** A longer log was not stamped before a shorter one. */
  #checkOrder(stamps: readonly Verified[]): void {
    let latest: Verified | undefined;
    for (const each of stamps.toSorted((a, b) => a.size - b.size || a.stamp.time - b.stamp.time)) {
      const [time, since] = [latestOf(each.stamp), latest === undefined ? 0 : earliestOf(latest.stamp)];
      if (latest !== undefined && latest.size < each.size && time + ORDER_SLACK_MS < since) {
        this.#problem(
          "timestamp_order",
          each.path,
          `it is of a time before that of ${latest.path}, of a shorter log`,
          each.index,
        );
      }
      if (latest === undefined || since < earliestOf(each.stamp)) latest = each;
    }
  }

  /**
   * What expired stamps are worth: RFC 4998 section 5.2, a new stamp over the old one before "the timestamp … is to become
   * invalid". Here that is any later stamp whose tree holds the old one's hash, which is itself valid or was renewed.
   */
  #checkRenewal(stamps: readonly Verified[], now: number): void {
    const sound: Verified[] = [];
    for (const each of stamps.toSorted((a, b) => b.size - a.size)) {
      const until = each.stamp.validUntil;
      const isRenewed = sound.some(({ size, stamp }) => size > each.index && stamp.time <= until);
      if (until >= now || isRenewed) {
        // The earliest one with the least that it covers serves all that come: older ones are shorter still.
        sound.push(each);
        if (sound.length > SOUND_MAX) sound.shift();
      } else {
        this.#problem(
          "timestamp_not_renewed",
          each.path,
          "its certificate has expired, and no later stamp was made over it in time",
        );
      }
    }
  }

  #problem(code: ProblemCode, path: string, message: string, index?: number): void {
    this.#report(index === undefined ? { code, path, message } : { code, path, message, index });
  }
}

/** Stamps that are looked through for one over an older one: those that follow it most closely come first to hand. */
const SOUND_MAX = 64;

function readFacts(index: number, facts: unknown): Named | undefined {
  if (typeof facts !== "object" || facts === null || !("size" in facts && "sha256" in facts)) return undefined;
  const { size, sha256: digest } = facts;
  const hash = typeof digest === "string" ? decodeBase64(digest) : undefined;
  // A stamp is of a tree that was there before the event that names it.
  const isSize = typeof size === "number" && Number.isSafeInteger(size) && size > 0 && size <= index;
  return isSize && hash?.length === HASH_BYTES ? { index, size, hash } : undefined;
}

async function isOf(
  source: Source,
  { size, root }: { readonly size: number; readonly root: Uint8Array },
  tree: { readonly size: number; readonly root: Uint8Array },
): Promise<boolean> {
  if (size > tree.size) return false;
  const proof = await proveConsistency(size, tree.size, async (level, index, width) => {
    const { content } = await readTile(source, level, index, width);
    // A tile that cannot be had was reported when the tree was checked; here it proves nothing.
    return content ?? new Uint8Array(width * HASH_BYTES);
  });
  return verifyConsistency(size, tree.size, root, tree.root, proof);
}

const latestOf = ({ time, accuracyMs = 0 }: Timestamp): number => time + accuracyMs;
const earliestOf = ({ time, accuracyMs = 0 }: Timestamp): number => time - accuracyMs;

function summary(stamps: readonly Verified[]): StampsReport {
  const authorities = [...new Set(stamps.map(({ stamp }) => stamp.authority))].toSorted();
  if (stamps.length === 0) return { verified: 0, authorities };
  let [from, to, size] = [Number.POSITIVE_INFINITY, 0, 0];
  for (const { stamp, size: covered } of stamps) {
    from = Math.min(from, stamp.time);
    to = Math.max(to, stamp.time);
    size = Math.max(size, covered);
  }
  return { verified: stamps.length, authorities, from, to, size };
}
