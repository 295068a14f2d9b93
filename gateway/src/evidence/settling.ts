/**
 * Makes the public files durable behind everybody's back, some time after they were written, and then moves the bookmark on, so
 * that the next opening need not read what lies before it. By then the kernel has written most of them by itself, so it costs
 * next to nothing, and never anything per record. A disk that fails here fails no record: the bookmark stays where it is, and the
 * next opening reads more.
 */

import { TILE_WIDTH, tilePath } from "@sluice/verifier";
import { OPEN_INTENTS_MAX, writeBookmark } from "./bookmark.ts";
import type { Disk } from "./disk.ts";
import type { Journal, ReadFrom } from "./journal.ts";
import type { OpenIntents } from "./orphans.ts";
import type { PublicFolder } from "./public-folder.ts";
import type { Tiling } from "./tiling.ts";
import type { Edge } from "./tree.ts";

/** Files that are made durable between two looks at whether the log is closing. */
const FILES_PER_STEP = 64;
/** Longest time that closing a log waits for this, in milliseconds: reading more costs the next opening no longer than that. */
const CLOSING_MS_MAX = 2000;

export interface SettlingOptions {
  readonly disk: Disk;
  readonly dir: string;
  readonly logId: Uint8Array;
  readonly folder: PublicFolder;
  readonly journal: Journal;
  readonly tiling: Tiling;
  readonly intents: OpenIntents;
  /** Records that a published checkpoint covers. */
  readonly published: () => number;
  /** Records before this one have durable files. A multiple of a tile's width. */
  readonly settled: number;
  /** How old files are when they are made durable, in milliseconds. */
  readonly ageMs: number;
  /** Records before this one have durable files now. */
  readonly moved: (settled: number) => void;
}

/** A bookmark to be, whose files are not known to be durable yet. */
interface Candidate {
  readonly edge: Edge;
  readonly from: ReadFrom;
}

export class Settling {
  readonly #options: SettlingOptions;
  #settled: number;
  #candidate: Candidate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #deadline = Number.POSITIVE_INFINITY;
  #closing = false;
  /** After a failed sync the kernel calls pages clean that it could not write: nothing after it can be believed. */
  #failed = false;

  constructor(options: SettlingOptions) {
    this.#options = options;
    this.#settled = options.settled;
  }

  /** To be called after each checkpoint. */
  offer(): void {
    const { journal, tiling, ageMs } = this.#options;
    const edge = tiling.fullEdge();
    const from = journal.readFrom(edge.size);
    if (this.#candidate !== undefined || from === undefined || edge.size <= this.#settled || this.#failed) return;
    this.#candidate = { edge, from };
    if (this.#closing) return;
    this.#timer = setTimeout(() => void this.#enqueue(), ageMs).unref();
  }

  /** Makes the tiles and bundles of all records before `size` durable, which must be published. Rejects when the disk fails. */
  async settle(size: number): Promise<void> {
    await this.#running;
    const aligned = size - (size % TILE_WIDTH);
    await this.#options.folder.sync(filesOf(this.#settled, aligned));
    this.#settled = Math.max(this.#settled, aligned);
  }

  /** Leaves the bookmark where it is. After it nothing is written any more. */
  async stop(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    this.#deadline = Math.min(this.#deadline, performance.now());
    await this.#running;
  }

  /** Moves the bookmark as far as it goes in a moment. After it nothing is written any more. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    this.#deadline = performance.now() + CLOSING_MS_MAX;
    await this.#enqueue();
    // What has come since the last candidate was taken.
    this.offer();
    await this.#enqueue();
  }

  #enqueue(): Promise<void> {
    this.#running = this.#running.then(() => this.#moveOn());
    return this.#running;
  }

  /** Never rejects. */
  async #moveOn(): Promise<void> {
    const candidate = this.#candidate;
    if (candidate === undefined || this.#failed) return;
    const { folder, published, intents, disk, dir, logId } = this.#options;
    // A bookmark beyond what was signed last would be of no use; the next checkpoint is on its way.
    if (published() < candidate.edge.size) {
      if (!this.#closing) this.#timer = setTimeout(() => void this.#enqueue(), this.#options.ageMs).unref();
      return;
    }
    try {
      await folder.flush();
      if (!(await this.#sync(filesOf(this.#settled, candidate.edge.size)))) return;
      if (intents.count <= OPEN_INTENTS_MAX) {
        const { place, finished } = candidate.from;
        await writeBookmark(disk, dir, logId, { edge: candidate.edge, place, finished, open: intents.list() });
      }
      this.#settled = candidate.edge.size;
      this.#options.moved(this.#settled);
    } catch {
      this.#failed = true;
    } finally {
      this.#candidate = undefined;
    }
    // What has come meanwhile need not wait for the next checkpoint, which may be long in coming.
    if (!this.#closing) this.offer();
  }

  /** False when there was no time for all of them. */
  async #sync(paths: readonly string[]): Promise<boolean> {
    for (let at = 0; at < paths.length; at += FILES_PER_STEP) {
      if (performance.now() > this.#deadline) return false;
      await this.#options.folder.sync(paths.slice(at, at + FILES_PER_STEP));
    }
    return true;
  }
}

/** The full tiles and bundles that are finished between two sizes. */
export function filesOf(from: number, to: number): string[] {
  const paths: string[] = [];
  const add = (level: number | "entries", width: number): void => {
    for (let index = Math.floor(from / width); index < Math.floor(to / width); index++) {
      paths.push(tilePath(level, index, TILE_WIDTH));
    }
  };
  add("entries", TILE_WIDTH);
  for (let level = 0, width = TILE_WIDTH; width <= to; level++, width *= TILE_WIDTH) add(level, width);
  return paths;
}
