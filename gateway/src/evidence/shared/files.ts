/**
 * Where the public files of a shared log lie: a folder that all gateways have mounted, or storage of another kind. One gateway
 * writes at a time, but one that was cut off may write a little longer, so nothing here relies on being alone: the content of
 * every file but `checkpoint` and `log.json` is fixed by its name, and files appear whole or not at all.
 */

import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { SluiceError } from "../../core/errors.ts";
import { type Disk, isMissing, realDisk, replaceFile, systemCode } from "../disk.ts";
import type { FileSource } from "../served-files.ts";

/** Paths are those of https://c2sp.org/tlog-tiles. Rejects with evidence_unavailable. Any number of callers; nobody retries here. */
export interface SharedFiles extends FileSource {
  /** Durable when it resolves. Replaces what is there. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Removes what is below a folder. */
  remove(folder: string): Promise<void>;
  /** Removes one file, durably; no error when there is none. */
  removeFile(path: string): Promise<void>;
  /** Removes what a crash left half-written. */
  tidy(): Promise<void>;
}

const PERMISSIONS = 0o644;
const TEMPORARY = ".temporary";

/** A folder that is there already: one that is not mounted is not replaced by an empty one. */
export class FolderFiles implements SharedFiles {
  readonly #dir: string;
  readonly #disk: Disk;
  /** Folders that are known to be there, durably. */
  readonly #made = new Set<string>();

  constructor(dir: string, disk: Disk = realDisk) {
    this.#dir = dir;
    this.#disk = disk;
  }

  read(path: string): Promise<Buffer | undefined> {
    return asFiles(() => this.#disk.readFile(join(this.#dir, path)));
  }

  list(path: string): Promise<readonly string[]> {
    return asFiles(() => this.#disk.list(join(this.#dir, path)));
  }

  write(path: string, bytes: Uint8Array): Promise<void> {
    return asFiles(async () => {
      const to = join(this.#dir, path);
      // Its name is durable only when those of the folders above it are.
      await this.#makeFolders(dirname(path));
      const temporary = join(this.#dir, TEMPORARY, randomUUID());
      await replaceFile(this.#disk, temporary, { path: to, bytes, permissions: PERMISSIONS, durable: true });
    });
  }

  remove(folder: string): Promise<void> {
    return asFiles(() => this.#disk.remove(join(this.#dir, folder)));
  }

  removeFile(path: string): Promise<void> {
    return asFiles(async () => {
      await this.#disk.remove(join(this.#dir, path));
      await this.#disk.syncFolder(join(this.#dir, dirname(path))).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
    });
  }

  tidy(): Promise<void> {
    return asFiles(async () => {
      const folder = join(this.#dir, TEMPORARY);
      // A holder that was cut off may be writing one of them; it fails then, as it has to.
      for (const name of await this.#disk.list(folder)) await this.#disk.remove(join(folder, name));
    });
  }

  async #makeFolders(folder: string): Promise<void> {
    if (!this.#made.has(TEMPORARY)) {
      await this.#disk.makeFolder(join(this.#dir, TEMPORARY), 0o700);
      this.#made.add(TEMPORARY);
    }
    if (this.#made.has(folder)) return;
    await this.#disk.makeFolder(join(this.#dir, folder), 0o755);
    for (let above = folder; above !== "." && !this.#made.has(above); above = dirname(above)) {
      await this.#disk.syncFolder(join(this.#dir, dirname(above)));
      // Folders of partial tiles come and go.
      if (!above.endsWith(".p")) this.#made.add(above);
    }
  }
}

async function asFiles<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw new SluiceError("evidence_unavailable", `the evidence log cannot use its shared folder (${code})`, {
      cause: error,
    });
  }
}
