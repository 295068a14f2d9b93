/**
 * The folder that any static web server may serve: checkpoint, log.json, tiles and entry bundles. Nothing private is ever
 * written here. Files appear whole (written beside, then renamed) and their content never changes, except the checkpoint's
 * and log.json's. Tiles and bundles are not synced one by one: they are a projection of the journal, and opening the log
 * writes again whatever a power loss took.
 */

import { basename, dirname, join } from "node:path";
import { HASH_BYTES, TILE_WIDTH, parseTilePath, tilePath } from "@sluice/verifier";
import { type Disk, replaceFile } from "./disk.ts";
import type { PublicFile } from "./tiling.ts";

/** Finished files that may wait to be written; beyond it the log takes no commits until some are. */
const PENDING_BYTES_MAX = 32 * 1024 * 1024;
/** Files found wrong at the opening that are kept in memory until they may be written. */
const WRONG_BYTES_MAX = 8 * 1024 * 1024;
const PERMISSIONS = 0o644;
const LENGTH_BYTES = 2;

/** A file as a static web server would answer it. */
export interface ServedFile {
  readonly body: Buffer;
  readonly contentType: string;
  /** May be cached for ever. */
  readonly immutable: boolean;
}

const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ["checkpoint", "text/plain; charset=utf-8"],
  ["log.json", "application/json"],
]);

export interface PublicFolderOptions {
  readonly disk: Disk;
  /** The log's folder: the public one is `public` in it, and `temporary` beside it, never served. */
  readonly dir: string;
  /** Writing stopped at a fault; what was not written waits for `flush`. */
  readonly failed: (error: unknown) => void;
}

export class PublicFolder {
  readonly #options: PublicFolderOptions;
  readonly #root: string;
  readonly #temporary: string;
  readonly #pending: PublicFile[] = [];
  #pendingBytes = 0;
  #puts = 0;
  #putsWritten = 0;
  #temporaries = 0;
  /** Resolves with the fault that stopped it, or undefined. */
  #writing: Promise<{ readonly fault: unknown } | undefined> | undefined;
  #wake: (() => void)[] = [];
  /** Folders of partial tiles, `tile/0/000.p`, that hold files of this run or an earlier one. */
  readonly #partialFolders = new Set<string>();
  #mode: "comparing" | "repairing" | "writing" = "comparing";
  /** What was found missing or wrong while comparing, and whether there was more of it than is kept in memory. */
  #wrong: PublicFile[] = [];
  #wrongBytes = 0;
  #wrongMore = false;

  constructor(options: PublicFolderOptions) {
    this.#options = options;
    this.#root = join(options.dir, "public");
    this.#temporary = join(options.dir, "temporary");
  }

  /** Makes the folders and clears what a crash left half-written. */
  async open(): Promise<void> {
    const { disk } = this.#options;
    await disk.makeFolder(this.#root, 0o755);
    await disk.remove(this.#temporary);
    await disk.makeFolder(this.#temporary, 0o700);
    await this.#findPartialFolders("tile");
  }

  /**
   * Ends the comparing, during which files that are put are only compared with what is there: nothing may be overwritten
   * before the records have proved to be those that were signed. Writes what was missing or wrong. False when that was more
   * than was kept: then put all files again and call it once more.
   */
  async repair(): Promise<boolean> {
    const complete = this.#mode === "repairing" || !this.#wrongMore;
    const wrong = this.#wrong;
    this.#wrong = [];
    this.#mode = "writing";
    for (const file of wrong) await this.#write(file);
    if (!complete) this.#mode = "repairing";
    return complete;
  }

  /** Resolves when nothing is being written; what waits stays unwritten. For a log that fails to open. */
  async abandon(): Promise<void> {
    this.#pending.length = 0;
    await this.#writing;
  }

  /** Takes a finished tile or bundle; it is written behind the caller's back, in order. */
  put(file: PublicFile): void {
    this.#pending.push(file);
    this.#puts += 1;
    this.#pendingBytes += file.bytes.length;
    this.#writing ??= this.#writePending();
  }

  /** Undefined when there is room, else a promise of it. */
  room(): Promise<void> | undefined {
    if (this.#pendingBytes <= PENDING_BYTES_MAX) return undefined;
    return new Promise((resolve) => {
      this.#wake.push(resolve);
    });
  }

  /** Resolves when all that has been put so far is written; rejects with the disk's error. Starts again after a fault. */
  async flush(): Promise<void> {
    const target = this.#puts;
    while (this.#putsWritten < target) {
      const stopped = await (this.#writing ??= this.#writePending());
      if (stopped !== undefined) throw stopped.fault;
    }
  }

  /** Writes the partial tiles that a checkpoint about to be published needs. */
  async writePartials(files: readonly PublicFile[]): Promise<void> {
    for (const file of files) {
      await this.#write(file);
      this.#partialFolders.add(dirname(file.path));
    }
  }

  /**
   * Removes partial tiles whose full tile exists. Call it when a checkpoint that needs `partials` is published: "Logs MUST
   * serve partial tiles corresponding to tree sizes for which a checkpoint was produced, but MAY delete any partial tile
   * once the corresponding full tile is … available." Until then narrower partial tiles stay.
   */
  async removeOutgrown(partials: readonly PublicFile[]): Promise<void> {
    const current = new Set(partials.map((file) => dirname(file.path)));
    for (const folder of this.#partialFolders) {
      if (current.has(folder)) continue;
      await this.#options.disk.remove(join(this.#root, folder));
      this.#partialFolders.delete(folder);
    }
  }

  /** Replaces `checkpoint` or `log.json`, durably. */
  async replace(name: "checkpoint" | "log.json", text: string): Promise<void> {
    await this.#replace(name, Buffer.from(text, "utf8"), true);
  }

  /**
   * What a static web server would answer, or undefined for "not found": also for every path that is not spelled exactly as
   * the specification spells it. A partial tile that is gone is cut from the full one, or from a wider partial one.
   */
  async read(path: string): Promise<ServedFile | undefined> {
    const contentType = CONTENT_TYPES.get(path);
    if (contentType !== undefined) {
      const body = await this.#read(path);
      return body === undefined ? undefined : { body, contentType, immutable: false };
    }
    const tile = parseTilePath(path);
    if (tile === undefined) return undefined;
    const body = (await this.#read(path)) ?? (tile.width < TILE_WIDTH ? await this.#readPrefix(tile) : undefined);
    return body === undefined ? undefined : { body, contentType: "application/octet-stream", immutable: true };
  }

  /** The entries of the bundle that holds `index`, in a log of which `size` records are published. */
  async readBundle(index: number, size: number): Promise<readonly Buffer[]> {
    const number = Math.floor(index / TILE_WIDTH);
    const width = Math.min(TILE_WIDTH, size - number * TILE_WIDTH);
    const path = tilePath("entries", number, width);
    const bytes = (await this.read(path))?.body;
    if (bytes === undefined) throw new Error(`${path} is published and missing`);
    const entries: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const start = at + LENGTH_BYTES;
      at = start + bytes.readUInt16BE(at);
      entries.push(bytes.subarray(start, at));
    }
    return entries;
  }

  async #readPrefix(tile: NonNullable<ReturnType<typeof parseTilePath>>): Promise<Buffer | undefined> {
    const path = tilePath(tile.level, tile.index, tile.width);
    const widths = (await this.#options.disk.list(join(this.#root, dirname(path)))).map(Number);
    const wider = widths.filter((width) => width > tile.width).toSorted((a, b) => a - b)[0] ?? TILE_WIDTH;
    const whole = await this.#read(tilePath(tile.level, tile.index, wider));
    if (whole === undefined) return undefined;
    if (tile.level !== "entries") return whole.subarray(0, tile.width * HASH_BYTES);
    let end = 0;
    for (let entry = 0; entry < tile.width; entry++) end += LENGTH_BYTES + whole.readUInt16BE(end);
    return whole.subarray(0, end);
  }

  #read(path: string): Promise<Buffer | undefined> {
    return this.#options.disk.readFile(join(this.#root, path));
  }

  /** Never rejects: a fault is reported once and leaves the rest pending. */
  async #writePending(): Promise<{ readonly fault: unknown } | undefined> {
    // Never in the caller's turn: it is in the middle of its own work.
    await Promise.resolve();
    try {
      for (let file = this.#pending[0]; file !== undefined; file = this.#pending[0]) {
        await this.#write(file);
        this.#pending.shift();
        this.#putsWritten += 1;
        this.#pendingBytes -= file.bytes.length;
        if (this.#pendingBytes <= PENDING_BYTES_MAX) this.#wakeAll();
      }
      return undefined;
    } catch (fault) {
      this.#options.failed(fault);
      this.#wakeAll();
      return { fault };
    } finally {
      this.#writing = undefined;
    }
  }

  #wakeAll(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }

  async #write(file: PublicFile): Promise<void> {
    if (this.#mode !== "writing" && (await this.#read(file.path))?.equals(file.bytes) === true) return;
    if (this.#mode === "comparing") this.#noteWrong(file);
    else await this.#replace(file.path, file.bytes, false);
  }

  #noteWrong(file: PublicFile): void {
    if (this.#wrongBytes > WRONG_BYTES_MAX) {
      this.#wrongMore = true;
    } else {
      this.#wrong.push(file);
      this.#wrongBytes += file.bytes.length;
    }
  }

  async #replace(path: string, bytes: Uint8Array, durable: boolean): Promise<void> {
    this.#temporaries += 1;
    const temporary = join(this.#temporary, String(this.#temporaries));
    await replaceFile(this.#options.disk, temporary, {
      path: join(this.#root, path),
      bytes,
      permissions: PERMISSIONS,
      durable,
    });
  }

  async #findPartialFolders(folder: string): Promise<void> {
    for (const name of await this.#options.disk.list(join(this.#root, folder))) {
      const path = join(folder, name);
      if (name.endsWith(".p")) this.#partialFolders.add(path);
      // Folders of tiles are "entries", a level, or one group of digits with an x before it.
      else if (basename(folder) === "tile" || name.startsWith("x")) await this.#findPartialFolders(path);
    }
  }
}
