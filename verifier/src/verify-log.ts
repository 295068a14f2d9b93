/**
 * The full check of a log ("fsck"): every entry is hashed, every tile at every level is recomputed from the level below,
 * the root is compared with the signed checkpoint, and every outcome is paired with its intent. It reads each file once,
 * keeps a few bundles and two bits for each entry in memory, and says everything it finds wrong.
 *
 * It checks the files that the checkpoint's size requires. It cannot see files that no checkpoint requires any more, and it
 * cannot know of a later checkpoint that is being withheld; `earlier` is how a log that was rolled back is noticed.
 */

import { parseCheckpoint } from "./checkpoint.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { equalBytes } from "./bytes.ts";
import { VerifierError } from "./errors.ts";
import { IntentPairs } from "./intents.ts";
import { parseLeaf } from "./leaf.ts";
import { readBundle, readFile, readTile } from "./log-files.ts";
import type { Found } from "./log-files.ts";
import { parseNote } from "./note.ts";
import type { Note } from "./note.ts";
import { proveConsistency } from "./prove.ts";
import { Pruned } from "./pruned.ts";
import type { Problem, ProblemCode } from "./report.ts";
import type { KeyVerdict } from "./signature.ts";
import type { Source } from "./source.ts";
import { TILE_WIDTH, bundleWidth } from "./tile.ts";
import { TileCheck } from "./tile-check.ts";
import { LogStamps } from "./timestamp/log-stamps.ts";
import type { StampTrust, StampsReport } from "./timestamp/log-stamps.ts";
import { HASH_BYTES, emptyRoot, leafHash, verifyConsistency } from "./tree.ts";
import type { QuorumVerdict } from "./quorum.ts";
import { judgeCheckpoint, withoutQuorum } from "./trust.ts";
import type { CheckpointVerdict, Trust } from "./trust.ts";

/** After so many problems the check stops: the rest is no news, and a hostile log must not fill the memory. */
export const PROBLEMS_MAX = 1_000;
/** Bundles asked for before they are needed, so that a distant source is not one round trip after another. */
const READ_AHEAD_BUNDLES = 8;

export interface VerifyLogOptions extends Trust {
  /** Signed checkpoints of the same log kept from before: the log must still contain what they say. */
  readonly earlier?: readonly (Uint8Array | string)[];
  /** Keys that the log has retired: they vouch for earlier checkpoints, and for nothing that is signed now. */
  readonly retired?: readonly string[];
  /** Also check the time-stamps that the log names, against these roots. */
  readonly timestamps?: StampTrust;
  /** Called after each bundle. */
  readonly progress?: (done: { readonly entries: number; readonly size: number }) => void;
}

export interface Report {
  /** No problem, and everything was checked. */
  readonly ok: boolean;
  /** Absent when there is no readable checkpoint. */
  readonly origin?: string;
  readonly size?: number;
  readonly root?: Uint8Array;
  /** One for each pinned key, then one for each log and each witness of the policy. */
  readonly signatures: readonly KeyVerdict[];
  /** Which witnesses have cosigned; present with a policy. */
  readonly quorum?: QuorumVerdict;
  /** What was read and found right or wrong; a file that could not be read is not counted. */
  readonly checked: { readonly entries: number; readonly tiles: number; readonly signatures: number };
  /** What authorities say about when; present with `timestamps`. */
  readonly timestamps?: StampsReport;
  /** The first entries, so many, were pruned and not there to be checked; their hashes were. */
  readonly pruned: number;
  readonly problems: readonly Problem[];
  /** False when the check stopped early: entries and their hashes both missing, or too many problems. */
  readonly complete: boolean;
  /** Intents without an outcome: exchanges in flight, or cut off by a crash. Not a problem of the log's integrity. */
  readonly orphans: readonly number[];
}

/** Rejects only for unusable `vkeys` (VerifierError); whatever the source holds ends up in the report. */
export async function verifyLog(source: Source, options: VerifyLogOptions): Promise<Report> {
  const problems: Problem[] = [];
  const head = await readHead(source, options, problems);
  if (head === undefined) {
    const checked = { entries: 0, tiles: 0, signatures: 0 };
    return { ok: false, signatures: [], checked, pruned: 0, problems, complete: false, orphans: [] };
  }
  const { checkpoint, verdict, newest } = head;
  problems.push(...verdict.problems);
  const walk = new Walk(source, checkpoint, problems, await readEarlier(checkpoint, options, problems));
  const complete = await walk.run(options.progress);
  if (newest !== undefined) problems.push(...(await compareHistories(source, checkpoint, newest)));
  const timestamps = options.timestamps && (await walk.stamps.check(source, checkpoint, options.timestamps));

  return {
    ok: complete && problems.length === 0,
    origin: checkpoint.origin,
    size: checkpoint.size,
    root: checkpoint.root,
    signatures: verdict.signatures,
    ...(verdict.quorum === undefined ? {} : { quorum: verdict.quorum }),
    ...(timestamps === undefined ? {} : { timestamps }),
    checked: {
      entries: walk.entries,
      tiles: walk.tiles,
      signatures: verdict.signatures.filter(({ status }) => status === "verified").length,
    },
    pruned: walk.pruned.entries,
    problems,
    complete,
    orphans: walk.orphans(),
  };
}

interface Head {
  readonly note: Note;
  readonly checkpoint: Checkpoint;
}

interface JudgedHead extends Head {
  readonly verdict: CheckpointVerdict;
  /** The log's own newest checkpoint, where another one is judged in its place. */
  readonly newest?: Checkpoint;
}

/**
 * The checkpoint that is judged. Under a policy that is the newest one that meets it: witnesses take a moment, so the log
 * also keeps the newest checkpoint that they have cosigned, as `checkpoint.cosigned`.
 */
async function readHead(
  source: Source,
  options: VerifyLogOptions,
  problems: Problem[],
): Promise<JudgedHead | undefined> {
  const newest = await readHeadAt(source, "checkpoint", options, problems);
  if (!newest?.verdict.problems.every(({ code }) => code === "quorum_missing")) return newest;
  if (newest.verdict.problems.length === 0) return newest;
  const cosigned = await readHeadAt(source, "checkpoint.cosigned", options, []);
  return cosigned?.verdict.problems.length === 0 ? { ...cosigned, newest: newest.checkpoint } : newest;
}

/** The log has signed both: where neither continues the other, they are proof of a fork, whatever witnesses say of one of them. */
async function compareHistories(source: Source, one: Checkpoint, other: Checkpoint): Promise<readonly Problem[]> {
  const [older, later] = one.size < other.size ? [one, other] : [other, one];
  const missing: Problem[] = [];
  const proof = await proveConsistency(older.size, later.size, async (level, index, width) => {
    const { content, problem } = await readTile(source, level, index, width);
    if (problem !== undefined) missing.push(problem);
    return content ?? new Uint8Array(width * HASH_BYTES);
  });
  if (missing.length > 0) return missing;
  if (verifyConsistency(older.size, later.size, older.root, later.root, proof)) return [];
  const message = "the log has signed two histories: this checkpoint and checkpoint.cosigned; keep both";
  return [{ code: "history_changed", path: "checkpoint", message }];
}

async function readHeadAt(
  source: Source,
  path: string,
  options: VerifyLogOptions,
  problems: Problem[],
): Promise<JudgedHead | undefined> {
  const { content, problem } = await readFile(source, path);
  if (problem !== undefined) problems.push(problem);
  else if (content === undefined)
    problems.push({ code: "checkpoint_missing", path, message: "the log has no checkpoint" });
  else {
    const head = parseHead(content, path, problems);
    return head && { ...head, verdict: await judgeCheckpoint(head.note, options, path) };
  }
  return undefined;
}

function parseHead(input: Uint8Array | string, path: string, problems: Problem[]): Head | undefined {
  try {
    const note = parseNote(input);
    return { note, checkpoint: parseCheckpoint(note.text) };
  } catch (error) {
    if (!(error instanceof VerifierError)) throw error;
    problems.push({ code: "checkpoint_malformed", path, message: error.message });
    return undefined;
  }
}

interface Milestone {
  readonly path: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** The earlier checkpoints that are to be found again, smallest first. */
async function readEarlier(current: Checkpoint, options: VerifyLogOptions, problems: Problem[]): Promise<Milestone[]> {
  const milestones: Milestone[] = [];
  for (const [position, input] of (options.earlier ?? []).entries()) {
    const path = `earlier/${String(position)}`;
    const head = parseHead(input, path, problems);
    if (head === undefined) continue;
    const { size, root, origin } = head.checkpoint;
    problems.push(...(await judgeEarlier(head.note, options, path)));
    if (origin !== current.origin) {
      problems.push({ code: "origin_mismatch", path, message: "the earlier checkpoint is of another log" });
    } else if (size > current.size) {
      const message = `the log had ${String(size)} entries and now has ${String(current.size)}`;
      problems.push({ code: "log_rolled_back", path, message });
    } else {
      milestones.push({ path, size, root });
    }
  }
  return milestones.toSorted((a, b) => a.size - b.size);
}

/** It was signed by the keys of then: those that sign now, or those that were retired. */
async function judgeEarlier(note: Note, options: VerifyLogOptions, path: string): Promise<readonly Problem[]> {
  const { retired = [] } = options;
  const { problems } = await judgeCheckpoint(note, withoutQuorum(options), path);
  if (problems.length === 0 || retired.length === 0) return problems;
  const { policy: _, ...trust } = options;
  // Not all of them have signed at one time.
  const before = await judgeCheckpoint(note, { ...trust, vkeys: retired, missing: "accept" }, path);
  return before.problems.length === 0 ? [] : problems;
}

interface BundleRead {
  readonly bundle: Found<Uint8Array[]>;
  /** The tile of level 0 that holds the bundle's leaf hashes. */
  readonly tile: Found<Uint8Array>;
}

/** One pass over the entries of a log. */
class Walk {
  readonly #source: Source;
  readonly #checkpoint: Checkpoint;
  readonly #problems: Problem[];
  readonly #milestones: Milestone[];
  readonly #tree: TileCheck;
  readonly #pairs = new IntentPairs();
  readonly pruned: Pruned;
  readonly stamps = new LogStamps((problem) => {
    this.#report(problem);
  });
  entries = 0;

  constructor(source: Source, checkpoint: Checkpoint, problems: Problem[], milestones: Milestone[]) {
    this.#source = source;
    this.#checkpoint = checkpoint;
    this.#problems = problems;
    this.#milestones = milestones;
    this.pruned = new Pruned(source);
    this.#tree = new TileCheck(source, checkpoint.size, (problem) => {
      this.#report(problem);
    });
  }

  get tiles(): number {
    return this.#tree.tiles;
  }

  orphans(): number[] {
    return this.#pairs.orphans();
  }

  /** Whether everything could be checked. */
  async run(progress: VerifyLogOptions["progress"]): Promise<boolean> {
    const { size, root } = this.#checkpoint;
    this.#meetMilestones(0, emptyRoot);
    const bundles = Math.ceil(size / TILE_WIDTH);
    const reads: Promise<BundleRead>[] = [];
    for (let next = 0, index = 0; index < bundles; index++) {
      for (; next < bundles && next < index + READ_AHEAD_BUNDLES; next++) reads.push(this.#read(next));
      if (!(await this.#checkBundle(index, await reads.shift()!))) return false;
      if (this.#problems.length >= PROBLEMS_MAX) return false;
      progress?.({ entries: Math.min((index + 1) * TILE_WIDTH, size), size });
    }
    await this.#tree.finish();
    const unrecorded = this.pruned.problem();
    if (unrecorded !== undefined) this.#report(unrecorded);
    if (!equalBytes(this.#tree.root(), root)) {
      const message = "the tiles do not add up to the root in the checkpoint";
      this.#report({ code: "root_mismatch", path: "checkpoint", message });
    }
    return this.#problems.length < PROBLEMS_MAX;
  }

  async #read(index: number): Promise<BundleRead> {
    const width = bundleWidth(index, this.#checkpoint.size);
    const [bundle, tile] = await Promise.all([
      readBundle(this.#source, index, width),
      readTile(this.#source, 0, index, width),
    ]);
    return { bundle, tile };
  }

  /** False when neither entries nor their hashes are to be had: nothing after this point can be checked. */
  async #checkBundle(index: number, { bundle, tile }: BundleRead): Promise<boolean> {
    const first = index * TILE_WIDTH;
    if (bundle.problem !== undefined) {
      const isMissing = bundle.problem.code === "bundle_missing";
      const isPruned = isMissing && (await this.pruned.excuses(first, first + TILE_WIDTH));
      if (!isPruned) this.#report(bundle.problem);
    }
    if (tile.problem !== undefined) this.#report(tile.problem);
    const computed = bundle.content && this.#checkEntries(first, bundle.path, bundle.content);
    if (computed !== undefined && tile.content !== undefined) {
      this.#compareEntries(first, bundle.path, computed, tile);
    }
    const hashes = tile.content ?? computed;
    if (hashes === undefined) return false;
    this.#meetMilestones(first + hashes.length / HASH_BYTES, (size) => this.#tree.rootAt(size, hashes));
    await this.#tree.settle(index, hashes, tile.content !== undefined);
    return true;
  }

  /** The leaf hashes, side by side. */
  #checkEntries(first: number, path: string, entries: readonly Uint8Array[]): Uint8Array {
    const hashes = new Uint8Array(entries.length * HASH_BYTES);
    for (const [position, entry] of entries.entries()) {
      hashes.set(leafHash(entry), position * HASH_BYTES);
      this.#checkLeaf(first + position, path, entry);
      this.entries += 1;
    }
    return hashes;
  }

  #checkLeaf(index: number, path: string, entry: Uint8Array): void {
    try {
      const leaf = parseLeaf(entry);
      this.pruned.see(leaf);
      this.stamps.see(index, leaf);
      const problem = this.#pairs.see(index, leaf);
      // The intent of this outcome may have been pruned, and is then neither here nor amiss.
      const isBefore = typeof leaf["intent"] === "number" && leaf["intent"] < this.pruned.entries;
      if (problem === "outcome_without_intent" && isBefore) return;
      if (problem !== undefined) this.#report({ code: problem, path, index, message: INTENT_MESSAGES[problem] });
    } catch (error) {
      if (!(error instanceof VerifierError)) throw error;
      const code: ProblemCode = error.code === "leaf_not_canonical" ? "leaf_not_canonical" : "leaf_malformed";
      this.#report({ code, path, index, message: error.message });
    }
  }

  #compareEntries(first: number, path: string, computed: Uint8Array, tile: Found<Uint8Array>): void {
    const stored = tile.content;
    if (stored === undefined || equalBytes(computed, stored)) return;
    for (let at = 0; at < computed.length; at += HASH_BYTES) {
      if (equalBytes(computed.subarray(at, at + HASH_BYTES), stored.subarray(at, at + HASH_BYTES))) continue;
      const index = first + at / HASH_BYTES;
      const message = `entry ${String(index)} does not have the hash that ${tile.path} holds for it`;
      this.#report({ code: "entry_mismatch", path, index, message });
    }
  }

  #meetMilestones(reached: number, rootAt: (size: number) => Uint8Array): void {
    for (let next = this.#milestones[0]; next !== undefined && next.size <= reached; next = this.#milestones[0]) {
      this.#milestones.shift();
      if (equalBytes(rootAt(next.size), next.root)) continue;
      const message = `the first ${String(next.size)} entries are not those that were signed then`;
      this.#report({ code: "history_changed", path: next.path, message });
    }
  }

  #report(problem: Problem): void {
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push(problem);
  }
}

const INTENT_MESSAGES = {
  outcome_without_intent: "the outcome does not name an earlier intent",
  outcome_repeated: "the intent of this outcome already has one",
} as const;
