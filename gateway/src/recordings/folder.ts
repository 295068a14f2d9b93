/**
 * The folder of recordings: `<purpose>/<day>/<number>.rec`, and beside each file its key, sealed. Names hold the id of a purpose, a
 * retention where a policy has shortened it, a day and a number, and nothing else. Makes files and their names durable, finds them again, and destroys them: the key first,
 * overwritten and gone, since without it the rest is noise wherever a copy of it lies.
 */
import { randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import { join } from "node:path";

const FILE = /^(\d{7})\.(rec|key)$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** A purpose, and a retention that a policy has shortened: `support`, `support.P7D`. */
const SHELF = /^([a-z][a-z0-9_-]{0,62})(?:\.(P[1-9]\d{0,4}D))?$/;
const OFFSET_SPAN = 2 ** 32;
/** `place` is a file's number and an offset, below 2^53. */
export const FILE_NUMBER_MAX = 2 ** 21 - 1;
const DAY_MS = 86_400_000;

/** Where a file is. */
export interface FileName {
  readonly number: number;
  /** With the retention of its recordings, where that is shorter: `support.P7D`. */
  readonly purpose: string;
  /** `2026-11-22`, UTC. */
  readonly day: string;
}

export function placeOf(number: number, offset: number): number {
  return number * OFFSET_SPAN + offset;
}

/** Undefined when it is no place. */
export function atPlace(place: number): { readonly number: number; readonly offset: number } | undefined {
  if (!Number.isSafeInteger(place) || place < 0) return undefined;
  return { number: Math.floor(place / OFFSET_SPAN), offset: place % OFFSET_SPAN };
}

export function shelfOf({
  purpose,
  retention,
}: {
  readonly purpose: string;
  readonly retention?: string | undefined;
}): string {
  return retention === undefined ? purpose : `${purpose}.${retention}`;
}

/** Of what has a name that `shelfOf` gave. */
export function shelfFrom(name: string): { readonly purpose: string; readonly retention?: string } {
  const [, purpose = name, retention] = SHELF.exec(name) ?? [];
  return retention === undefined ? { purpose } : { purpose, retention };
}

export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Milliseconds since the epoch at which a day is over. */
export function endOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) + DAY_MS;
}

export class Folder {
  readonly dir: string;
  readonly #files = new Map<number, FileName>();
  #next = 0;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async open(dir: string): Promise<Folder> {
    const folder = new Folder(dir);
    await fs.mkdir(dir, { recursive: true, mode: 0o700 });
    for (const purpose of await fs.readdir(dir)) {
      if (!SHELF.test(purpose)) continue;
      for (const day of await fs.readdir(join(dir, purpose))) {
        if (!DAY.test(day)) continue;
        for (const name of await fs.readdir(join(dir, purpose, day))) {
          const number = FILE.exec(name)?.[1];
          if (number === undefined) continue;
          folder.#files.set(Number(number), { number: Number(number), purpose, day });
          folder.#next = Math.max(folder.#next, Number(number) + 1);
        }
      }
    }
    return folder;
  }

  get next(): number {
    return this.#next;
  }

  /** In the order of their numbers. */
  files(): readonly FileName[] {
    return [...this.#files.values()].toSorted((a, b) => a.number - b.number);
  }

  find(number: number): FileName | undefined {
    return this.#files.get(number);
  }

  path({ number, purpose, day }: FileName, extension: "rec" | "key" = "rec"): string {
    return join(this.dir, purpose, day, `${String(number).padStart(7, "0")}.${extension}`);
  }

  /** As it stands in reports: purpose, day and number. */
  label({ number, purpose, day }: FileName): string {
    return `${purpose}/${day}/${String(number).padStart(7, "0")}`;
  }

  /** A name that nothing has, and never had. */
  claim(purpose: string, day: string): FileName {
    if (this.#next > FILE_NUMBER_MAX) throw new Error("the numbers of recording files are used up");
    const name = { number: this.#next, purpose, day };
    this.#next += 1;
    this.#files.set(name.number, name);
    return name;
  }

  /** An empty file with its sealed key, both durable. */
  async make(name: FileName, sealedKey: Uint8Array): Promise<fs.FileHandle> {
    const purpose = join(this.dir, name.purpose);
    const day = join(purpose, name.day);
    await fs.mkdir(day, { recursive: true, mode: 0o700 });
    await writeDurably(this.path(name, "key"), sealedKey, "wx");
    const file = await fs.open(this.path(name), "wx+", 0o600);
    try {
      for (const each of [day, purpose, this.dir]) await syncFolder(each);
    } catch (error) {
      await file.close();
      throw error;
    }
    return file;
  }

  /** Undefined when it is gone. */
  async sealedKey(name: FileName): Promise<Buffer | undefined> {
    try {
      return await fs.readFile(this.path(name, "key"));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Puts another sealing of the same key in place, in one step. */
  async replaceKey(name: FileName, sealedKey: Uint8Array): Promise<void> {
    const path = this.path(name, "key");
    const temporary = `${path}.new`;
    await writeDurably(temporary, sealedKey, "w");
    await fs.rename(temporary, path);
    await syncFolder(join(this.dir, name.purpose, name.day));
  }

  /** Gives the bytes that the recordings took. What a crash left of an earlier attempt is no error. */
  async destroy(name: FileName): Promise<number> {
    const keyPath = this.path(name, "key");
    const day = join(this.dir, name.purpose, name.day);
    try {
      const { size } = await fs.stat(keyPath);
      // A disk that writes elsewhere keeps the old bytes for a while; the key that they are sealed under goes too, with its epoch.
      await writeDurably(keyPath, randomBytes(size), "r+");
      await fs.unlink(keyPath);
      await syncFolder(day);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    let bytes = 0;
    try {
      bytes = (await fs.stat(this.path(name))).size;
      await fs.unlink(this.path(name));
      await syncFolder(day);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    this.#files.delete(name.number);
    try {
      await fs.rmdir(day);
    } catch (error) {
      if (!hasCode(error, "ENOTEMPTY") && !isMissing(error)) throw error;
    }
    return bytes;
  }

  forget({ number }: FileName): void {
    this.#files.delete(number);
  }
}

async function writeDurably(path: string, bytes: Uint8Array, flags: "wx" | "w" | "r+"): Promise<void> {
  const file = await fs.open(path, flags, 0o600);
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder for syncing; NTFS journals names by itself.
  if (process.platform === "win32") return;
  const folder = await fs.open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export function isMissing(error: unknown): boolean {
  return hasCode(error, "ENOENT");
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
