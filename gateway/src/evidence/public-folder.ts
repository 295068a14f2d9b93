/**
 * The folder that any static web server may serve: checkpoint, log.json, tiles and entry bundles. Nothing private is ever
 * written here. Files appear whole (written beside, then renamed) and their content never changes, except the checkpoints'
 * and log.json's. Tiles and bundles are not synced one by one: they are a projection of the journal, and opening the log
 * writes again whatever a power loss took.
 */

import { basename, dirname, join } from "node:path";
import { TILE_WIDTH, parseTilePath, tilePath } from "@sluice/verifier";
import { SluiceError } from "../core/errors.ts";
import { type Disk, replaceFile, withFile, isMissing } from "./disk.ts";
import { PACKED_SUFFIX, packFile, readPacked } from "./packed.ts";
import { type ServedFile, ServedFiles, assertKept } from "./served-files.ts";
import type { PublicFile } from "./tiling.ts";

/** Finished files that may wait to be written; beyond it the log takes no commits until some are. */
const PENDING_BYTES_MAX = 32 * 1024 * 1024;
/** Files found wrong at the opening that are kept in memory until they may be written. */
const WRONG_BYTES_MAX = 8 * 1024 * 1024;
const WRONG_LISTED_MAX = 1000;
const PERMISSIONS = 0o644;

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
  readonly #served: ServedFiles;
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
  #abandoned = false;
  #mode: "comparing" | "repairing" | "writing" = "comparing";
  /** What was found missing or wrong while comparing, and whether there was more of it than is kept in memory. */
  #wrong: PublicFile[] = [];
  #wrongBytes = 0;
  #wrongMore = false;
  readonly #wrongPaths: string[] = [];
  #wrongTotal = 0;

  constructor(options: PublicFolderOptions) {
    this.#options = options;
    this.#root = join(options.dir, "public");
    this.#temporary = join(options.dir, "temporary");
    this.#served = new ServedFiles({
      read: (path) => this.#read(path),
      list: (path) => options.disk.list(join(this.#root, path)),
    });
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

  /** What was found missing or wrong while comparing: the first thousand by name, and how many. */
  get wrong(): { readonly paths: readonly string[]; readonly total: number } {
    return { paths: this.#wrongPaths, total: this.#wrongTotal };
  }

  /** Forgets what was put while comparing: it was put by a reading that did not succeed. */
  forget(): void {
    this.#wrong = [];
    this.#wrongBytes = 0;
    this.#wrongMore = false;
    this.#wrongPaths.length = 0;
    this.#wrongTotal = 0;
  }

  /** Makes these files durable, and their names. They must have been written; packed ones are durable. */
  async sync(paths: Iterable<string>): Promise<void> {
    const { disk } = this.#options;
    const folders = new Set<string>();
    for (const path of paths) {
      const isPacked = await this.#datasync(path).catch(async (error: unknown) => {
        if (!isMissing(error) || (await disk.readFile(join(this.#root, path + PACKED_SUFFIX))) === undefined)
          throw error;
        return true;
      });
      if (isPacked) continue;
      for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) folders.add(folder);
    }
    // The deepest first: a name counts when the names above it do.
    for (const folder of [...folders].toSorted((a, b) => b.length - a.length)) {
      await this.#options.disk.syncFolder(join(this.#root, folder));
    }
    if (folders.size > 0) await this.#options.disk.syncFolder(this.#root);
  }

  /** Packs the full bundle of this number, which must be durable, unless it is packed or pruned already. */
  async packBundle(number: number): Promise<void> {
    const path = join(this.#root, tilePath("entries", number, TILE_WIDTH));
    await packFile(this.#options.disk, path, { temporary: join(this.#temporary, "packing"), permissions: PERMISSIONS });
  }

  /** Removes the entry bundles that end at this index or before. */
  async removeBundles(below: number, folder = "tile/entries"): Promise<void> {
    const { disk } = this.#options;
    for (const name of await disk.list(join(this.#root, folder))) {
      const path = `${folder}/${name}`;
      if (name.startsWith("x")) {
        await this.removeBundles(below, path);
        continue;
      }
      const bundle = parseTilePath(path.replace(/\.(?:p|gz)$/, ""));
      if (bundle === undefined || (bundle.index + 1) * TILE_WIDTH > below) continue;
      this.#partialFolders.delete(path);
      await disk.remove(join(this.#root, path));
    }
    await disk.syncFolder(join(this.#root, folder));
  }

  /** Resolves when nothing is being written; what waits stays unwritten. For a log that fails to open. */
  async abandon(): Promise<void> {
    this.#abandoned = true;
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
      if (this.#abandoned) throw new Error("what waited to be written was given up");
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

  /** Replaces one of the files that change, durably. */
  async replace(name: "checkpoint" | "checkpoint.cosigned" | "log.json", text: string): Promise<void> {
    await this.#replace(name, Buffer.from(text, "utf8"), true);
  }

  /** Writes a file that lies beside the log, durably. */
  async keep(path: string, bytes: Uint8Array): Promise<void> {
    assertKept(path);
    await this.#replace(path, bytes, true);
    await this.#options.disk.syncFolder(this.#root);
  }

  /** See ServedFiles. */
  read(path: string): Promise<ServedFile | undefined> {
    return this.#served.read(path);
  }

  /** See ServedFiles. */
  readBundle(index: number, size: number): Promise<readonly Buffer[]> {
    return this.#served.readBundle(index, size);
  }

  #read(path: string): Promise<Buffer | undefined> {
    const { disk } = this.#options;
    const whole = join(this.#root, path);
    return path.startsWith("tile/entries/") ? readPacked(disk, whole) : disk.readFile(whole);
  }

  /** As `#read`; what does not unpack is as good as missing. */
  async #found(path: string): Promise<Buffer | undefined> {
    try {
      return await this.#read(path);
    } catch (error) {
      if (error instanceof SluiceError && error.code === "evidence_corrupt") return undefined;
      throw error;
    }
  }

  /** False: it was there, plain, and is durable now. */
  async #datasync(path: string): Promise<boolean> {
    await withFile(this.#options.disk, join(this.#root, path), (file) => file.datasync());
    return false;
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
    if (this.#mode !== "writing" && (await this.#found(file.path))?.equals(file.bytes) === true) return;
    if (this.#mode === "comparing") {
      this.#noteWrong(file);
      return;
    }
    await this.#replace(file.path, file.bytes, false);
  }

  #noteWrong(file: PublicFile): void {
    this.#wrongTotal += 1;
    if (this.#wrongPaths.length < WRONG_LISTED_MAX) this.#wrongPaths.push(file.path);
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
