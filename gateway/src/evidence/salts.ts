/**
 * The salts of the commitments, 32 bytes per record, beside the log and never in it. While a salt exists, whoever has it and
 * the committed bytes can show that they belong together; once it is overwritten nobody can, and the commitment in the leaf
 * is noise. Salts are written with the commit they belong to but made durable later (`sync`, at each checkpoint): a power
 * loss may take the last second's salts, which costs the ability to open, never the record. Known weakness: overwriting
 * destroys what the file system can be made to forget; copies in snapshots, backups and worn flash are beyond this file.
 */

import { join } from "node:path";
import { type Disk, type DiskFile, isMissing, readWhole, writeWhole } from "./disk.ts";

export const SALT_BYTES = 32;
const PERMISSIONS = 0o600;
/** What a destroyed salt, and the place of a record without commitment, look like. */
const NOTHING = Buffer.alloc(SALT_BYTES);

/** The open file of the segment that is being written. */
export interface SaltFile {
  /** `count` salts from `bytes`, for the records from `record` (counted within the segment) on. */
  write(bytes: Uint8Array, count: number, record: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export class Salts {
  readonly #disk: Disk;
  readonly #folder: string;

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
  }

  /** Opens or makes the file of the segment that begins at index `first`, and drops salts beyond its `records`. */
  async open(first: number, records: number): Promise<SaltFile> {
    const file = await this.#disk.open(this.#path(first), "edit", PERMISSIONS);
    try {
      if ((await file.size()) > records * SALT_BYTES) await file.truncate(records * SALT_BYTES);
      await this.#disk.syncFolder(this.#folder);
    } catch (error) {
      await file.close();
      throw error;
    }
    return {
      write: (bytes, count, record) => writeWhole(file, bytes, count * SALT_BYTES, record * SALT_BYTES),
      sync: () => file.datasync(),
      close: () => file.close(),
    };
  }

  /** The salt, or undefined when the record has no commitment or its salt was destroyed or lost. */
  async read(first: number, record: number): Promise<Buffer | undefined> {
    return this.#with(first, "read", async (file) => {
      const salt = Buffer.alloc(SALT_BYTES);
      const length = await readWhole(file, salt, SALT_BYTES, record * SALT_BYTES);
      return length === SALT_BYTES && !salt.equals(NOTHING) ? salt : undefined;
    });
  }

  /** Durable when it returns. */
  async destroy(first: number, record: number): Promise<void> {
    await this.#with(first, "edit", async (file) => {
      if ((await file.size()) <= record * SALT_BYTES) return;
      await writeWhole(file, NOTHING, SALT_BYTES, record * SALT_BYTES);
      await file.datasync();
    });
  }

  /** Overwrites the salts of a segment and removes their file. */
  async remove(first: number): Promise<void> {
    await this.#with(first, "edit", async (file) => {
      const length = await file.size();
      await writeWhole(file, Buffer.alloc(length), length, 0);
      await file.datasync();
    });
    await this.#disk.remove(this.#path(first));
    await this.#disk.syncFolder(this.#folder);
  }

  async #with<T>(first: number, mode: "read" | "edit", use: (file: DiskFile) => Promise<T>): Promise<T | undefined> {
    let file: DiskFile;
    try {
      file = await this.#disk.open(this.#path(first), mode, PERMISSIONS);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    try {
      return await use(file);
    } finally {
      await file.close();
    }
  }

  #path(first: number): string {
    return join(this.#folder, `${String(first).padStart(12, "0")}.bin`);
  }
}
