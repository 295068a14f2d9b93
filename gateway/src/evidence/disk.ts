/**
 * The few things the log asks of a disk, and the real one. Every byte of the log except the lock goes through this seam, so
 * that the fault tables of the tests can break each call. Promises nothing about durability beyond what its callers ask for:
 * data is durable after `datasync`, a name is durable after `syncDirectory`. Nothing here retries and nothing is cached.
 */

import * as fs from "node:fs";
import { dirname } from "node:path";

/** An open file. A write may be short; who needs it whole must look at the count. */
export interface DiskFile {
  /** Bytes read, 0 at the end of the file. */
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  /** Writes buffer[0, length) at `position`; gives the bytes written. */
  write(buffer: Uint8Array, length: number, position: number): Promise<number>;
  datasync(): Promise<void>;
  truncate(length: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/** `edit` and `fresh` read and write and make a file that does not exist; `fresh` empties one that does. */
export type OpenMode = "read" | "edit" | "fresh";

export interface Disk {
  open(path: string, mode: OpenMode, permissions: number): Promise<DiskFile>;
  /** The whole file, or undefined when there is none. */
  readFile(path: string): Promise<Buffer | undefined>;
  /** Replaces `to` in one step. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a folder with all it holds; no error when there is none. */
  remove(path: string): Promise<void>;
  /** With its parents; no error when it exists. */
  makeFolder(path: string, permissions: number): Promise<void>;
  /** Names in a folder, sorted; empty when there is no such folder. */
  list(path: string): Promise<string[]>;
  /** Makes creations, renames and removals in this folder durable. */
  syncFolder(path: string): Promise<void>;
}

/** Node's callbacks, not its promises: they cost a third, and a commit makes three of these calls. */
type Done<T> = (error: Error | null, value?: T) => void;

function call<T>(run: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    run((error, value) => {
      if (error === null || error === undefined) resolve(value as T);
      else reject(error);
    });
  });
}

class RealFile implements DiskFile {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    return call((done) => fs.read(this.#fd, buffer, offset, length, position, done));
  }

  write(buffer: Uint8Array, length: number, position: number): Promise<number> {
    return call((done) => fs.write(this.#fd, buffer, 0, length, position, done));
  }

  datasync(): Promise<void> {
    return call((done) => fs.fdatasync(this.#fd, done));
  }

  truncate(length: number): Promise<void> {
    return call((done) => fs.ftruncate(this.#fd, length, done));
  }

  async size(): Promise<number> {
    const stats = await call<fs.Stats>((done) => fs.fstat(this.#fd, done));
    return stats.size;
  }

  close(): Promise<void> {
    return call((done) => fs.close(this.#fd, done));
  }
}

const FLAGS: Readonly<Record<OpenMode, number>> = {
  read: fs.constants.O_RDONLY,
  edit: fs.constants.O_RDWR | fs.constants.O_CREAT,
  fresh: fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_TRUNC,
};

export const realDisk: Disk = {
  async open(path, mode, permissions) {
    return new RealFile(await call((done) => fs.open(path, FLAGS[mode], permissions, done)));
  },

  async readFile(path) {
    try {
      return await fs.promises.readFile(path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },

  rename: (from, to) => fs.promises.rename(from, to),

  remove: (path) => fs.promises.rm(path, { recursive: true, force: true }),

  async makeFolder(path, permissions) {
    await fs.promises.mkdir(path, { recursive: true, mode: permissions });
  },

  async list(path) {
    try {
      return (await fs.promises.readdir(path)).toSorted();
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },

  async syncFolder(path) {
    // Windows cannot open a folder for syncing; NTFS journals names by itself.
    if (process.platform === "win32") return;
    const folder = await fs.promises.open(path, fs.constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};

/** The system's name of a disk's error, for example ENOSPC; undefined for any other error, which is then a bug. */
export function systemCode(error: unknown): string | undefined {
  if (error instanceof ShortWrite) return error.code;
  // Node's own errors have a code too (ERR_…), but only those of the system have a number, and SQLite's theirs.
  const fromSystem = error instanceof Error && ("errno" in error || "errcode" in error) && "code" in error;
  return fromSystem && typeof error.code === "string" ? error.code : undefined;
}

export function isMissing(error: unknown): boolean {
  return systemCode(error) === "ENOENT";
}

/** Thrown when the disk took fewer bytes than it was given: on a regular file that is a full disk, a limit or a fault. */
export class ShortWrite extends Error {
  readonly code = "short write";
}

/** Writes all or throws. A short write is not continued: the caller treats it as the fault it announces. */
export async function writeWhole(file: DiskFile, bytes: Uint8Array, length: number, position: number): Promise<void> {
  const written = await file.write(bytes, length, position);
  if (written !== length) throw new ShortWrite(`the disk took ${String(written)} of ${String(length)} bytes`);
}

/** Reads up to `length` bytes at `position`; fewer only at the end of the file. */
export async function readWhole(file: DiskFile, buffer: Uint8Array, length: number, position: number): Promise<number> {
  let total = 0;
  while (total < length) {
    const count = await file.read(buffer, total, length - total, position + total);
    if (count === 0) break;
    total += count;
  }
  return total;
}

/** Opens a file that exists, for reading and syncing, and closes it whatever happens. */
export async function withFile<T>(disk: Disk, path: string, use: (file: DiskFile) => Promise<T>): Promise<T> {
  const file = await disk.open(path, "read", 0);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

export interface Replacement {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly permissions: number;
  /** Also make content and name durable before returning. */
  readonly durable: boolean;
}

/** Readers see the old file or the new one and never a part. `temporary` must be on the same file system as the path. */
export async function replaceFile(disk: Disk, temporary: string, file: Replacement): Promise<void> {
  try {
    await writeFile(disk, temporary, file);
    await renameInto(disk, temporary, file.path);
  } catch (error) {
    // On a full disk what is left of the attempt is in the way of the next one. If it cannot be removed, that is no news.
    await Promise.allSettled([disk.remove(temporary)]);
    throw error;
  }
  if (file.durable) await disk.syncFolder(dirname(file.path));
}

async function writeFile(disk: Disk, path: string, { bytes, permissions, durable }: Replacement): Promise<void> {
  const handle = await disk.open(path, "fresh", permissions);
  try {
    await writeWhole(handle, bytes, bytes.length, 0);
    if (durable) await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function renameInto(disk: Disk, from: string, to: string): Promise<void> {
  try {
    await disk.rename(from, to);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await disk.makeFolder(dirname(to), 0o755);
    await disk.rename(from, to);
  }
}
