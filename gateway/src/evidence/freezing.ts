/**
 * Ends a log and goes on in another one. The last entry of the old log names the new one; the first entry of the new log holds the
 * old one's last checkpoint, so that nobody can put another end, or another beginning, between the two. The old log's files move
 * to a folder of their own, where any web server goes on serving them, and nothing is ever added to them. Each step finds out
 * whether it was done before a crash: the ceremony is repeated until it succeeds.
 */

import { join } from "node:path";
import { parseCheckpoint, parseNote } from "@sluice/verifier";
import { SluiceError } from "../core/errors.ts";
import { type Disk, isMissing, realDisk, replaceFile } from "./disk.ts";
import { eventLeaf } from "./leaf.ts";
import { type EvidenceLog, asDisk, openEvidence } from "./log.ts";
import { type CeremonyOptions, INTERVAL_MS } from "./rotation.ts";
import { FROZEN_FILE, type Frozen, readFrozen } from "./frozen.ts";

export interface FreezeOptions extends CeremonyOptions {
  /** Origin of the log that goes on. */
  readonly next: string;
  /** Folder for the files of the old one, on the same file system. */
  readonly to: string;
}

export interface Continued {
  /** The last checkpoint of the old log. */
  readonly size: number;
  /** Base64. */
  readonly root: string;
  /** Keys of the new log, for auditors to pin. */
  readonly vkeys: readonly string[];
}

/** All that is the log's own; other rooms have files in the same folder. The memory of what was signed goes last. */
const FILES = ["bookmark", "segments", "salts", "public", "keys", "minimum", "signed"];

/** Throws what openEvidence throws; config_invalid when `next` or `to` will not do. */
export async function freezeLog(options: FreezeOptions): Promise<Continued> {
  return asDisk(() => freeze(options, options.disk ?? realDisk));
}

async function freeze(options: FreezeOptions, disk: Disk): Promise<Continued> {
  const { dir, origin, next, to, clock } = options;
  const frozen = (await readFrozen(disk, dir)) ?? (await begin(options, disk));
  if (frozen.next !== next || frozen.to !== to || frozen.origin !== origin) {
    const begun = `${frozen.origin} is being frozen: go on with --next ${frozen.next} and --to ${frozen.to}`;
    throw new SluiceError("config_invalid", begun);
  }
  let { stage } = frozen;
  if (stage === "begun") {
    await withLog(options, origin, (log) => seal(log, options));
    stage = "sealed";
    await mark(disk, dir, { ...frozen, stage });
  }
  if (stage === "sealed") {
    for (const name of FILES) await move(disk, join(dir, name), join(to, name));
    await disk.syncFolder(to);
    await disk.syncFolder(dir);
    // Before the new log puts files of the same names in their place.
    await mark(disk, dir, { ...frozen, stage: "moved" });
  }
  const checkpoint = await disk.readFile(join(to, "public/checkpoint"));
  if (checkpoint === undefined) throw new SluiceError("evidence_corrupt", `${to} lacks the log that was moved there`);
  const { size, root } = parseCheckpoint(parseNote(checkpoint).text);
  const facts = { origin, root: Buffer.from(root).toString("base64"), size };
  const vkeys = await withLog(options, next, async (log) => {
    if (log.size === 0) await log.append(eventLeaf({ time: clock(), event: { name: "log.continued", facts } }));
    return log.vkeys;
  });
  // From here on the new log may be opened, and the old one never.
  await mark(disk, to, { ...frozen, stage: "moved" });
  await disk.remove(join(dir, FROZEN_FILE));
  await disk.syncFolder(to);
  await disk.syncFolder(dir);
  return { size, root: facts.root, vkeys };
}

/** From here on nobody else opens the log. */
async function begin({ dir, origin, next, to }: FreezeOptions, disk: Disk): Promise<Frozen> {
  if (next === origin) throw new SluiceError("config_invalid", "the new log needs another origin than the old one");
  if ((await disk.list(to)).length > 0)
    throw new SluiceError("config_invalid", `${to} is not empty: name a new folder`);
  await disk.makeFolder(to, 0o755);
  const frozen: Frozen = { origin, next, to, stage: "begun" };
  await mark(disk, to, frozen);
  try {
    // Also shows that files can be moved from one to the other at all.
    await disk.rename(join(to, FROZEN_FILE), join(dir, FROZEN_FILE));
  } catch (error) {
    await disk.remove(join(to, FROZEN_FILE));
    throw error;
  }
  await disk.syncFolder(dir);
  return frozen;
}

/** The last entry, unless an attempt before this one wrote it. */
async function seal(log: EvidenceLog, { next, clock }: FreezeOptions): Promise<void> {
  let last = "";
  const from = Math.max(log.minimum, log.published - 1);
  for await (const { bytes } of log.entries(Math.min(from, log.published))) last = bytes.toString("utf8");
  const isSealed = last !== "" && (JSON.parse(last) as { name?: unknown }).name === "log.frozen";
  if (!isSealed) await log.append(eventLeaf({ time: clock(), event: { name: "log.frozen", facts: { next } } }));
}

async function withLog<T>(options: FreezeOptions, origin: string, work: (log: EvidenceLog) => Promise<T>): Promise<T> {
  const { dir, clock, disk } = options;
  const own = { dir, origin, clock, checkpointIntervalMs: INTERVAL_MS, freezing: true, ...(disk && { disk }) };
  const log = await openEvidence(own);
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

async function mark(disk: Disk, dir: string, frozen: Frozen): Promise<void> {
  const path = join(dir, FROZEN_FILE);
  const bytes = Buffer.from(`${JSON.stringify(frozen)}\n`);
  await replaceFile(disk, `${path}.new`, { path, bytes, permissions: 0o600, durable: true });
}

/** Nothing when it was moved before, or never was. */
async function move(disk: Disk, from: string, to: string): Promise<void> {
  try {
    await disk.rename(from, to);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
