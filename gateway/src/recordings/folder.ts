/**
 * The folders of recordings: `<purpose>/<day>/<number>.rec`, and beside each file its key, sealed; where many gateways share one
 * folder, each writes below `@<its name>`, and all read all of them. Names hold the id of a purpose, a
 * retention where a policy has shortened it, a day and a number, and nothing else. Makes files and their names durable, finds them again, and destroys them: the key first,
 * overwritten and gone, since without it the rest is noise wherever a copy of it lies.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import * as fs from "node:fs/promises";
import { dirname, join } from "node:path";
import { SluiceError } from "../core/errors.ts";
import { hasCode, isMissing, syncFolder, writeDurably } from "./disk.ts";
import { Registry } from "./registry.ts";

const FILE = /^(\d{7})\.(rec|key)$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** A purpose, and a retention that a policy has shortened: `support`, `support.P7D`. */
const SHELF = /^([a-z][a-z0-9_-]{0,62})(?:\.(P[1-9]\d{0,4}D))?$/;
const OFFSET_SPAN = 2 ** 32;
/** `place` is a file's number and an offset, below 2^53. */
export const FILE_NUMBER_MAX = 2 ** 21 - 1;
/** Where gateways share a folder, numbers begin here: what each has written in a folder of its own before keeps its place. */
const SHARED_NUMBER_MIN = 2 ** 20;
const DAY_MS = 86_400_000;
const OF_GATEWAY = /^@([a-z0-9][a-z0-9.-]{0,62})$/;

/** Where a file is. */
export interface FileName {
  readonly number: number;
  /** With the retention of its recordings, where that is shorter: `support.P7D`. */
  readonly purpose: string;
  /** `2026-11-22`, UTC. */
  readonly day: string;
  /** Who writes it, in a folder that gateways share. Absent: this one, in a folder of its own. */
  readonly gateway?: string;
}

/** A folder that many gateways have. */
interface SharedFolder {
  readonly dir: string;
  /** Name of this one, which nobody else there has at a time. */
  readonly gateway: string;
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
  readonly #dir: string;
  readonly #shared: SharedFolder | undefined;
  readonly #registry: Registry | undefined;
  /** Of this gateway. What another one has destroyed may still be named. */
  readonly #files = new Map<number, FileName>();
  #next: number;

  private constructor(dir: string, shared: SharedFolder | undefined) {
    this.#dir = dir;
    this.#shared = shared;
    this.#registry = shared === undefined ? undefined : new Registry(join(shared.dir, ".files"), SHARED_NUMBER_MIN);
    this.#next = shared === undefined ? 0 : SHARED_NUMBER_MIN;
  }

  /** `dir`: of this gateway alone; with `shared`, what was written there before is read on. */
  static async open(dir: string, shared?: SharedFolder): Promise<Folder> {
    const folder = new Folder(dir, shared);
    // Made here it would lie on the disk of this gateway alone.
    if (shared !== undefined && !existsSync(shared.dir)) {
      const text = `${shared.dir}, where gateways share recordings (\`recording.dir\`), is not there: mount it, or make it once`;
      throw new SluiceError("recording_unavailable", text);
    }
    await fs.mkdir(folder.home, { recursive: true, mode: 0o700 });
    for (const name of await filesIn(dir)) folder.#add(name);
    if (shared === undefined || folder.#registry === undefined) return folder;
    const all = await filesOfAll(shared.dir);
    for (const name of all) if (name.gateway === shared.gateway) folder.#add(name);
    await folder.#registry.open(all, folder.files());
    return folder;
  }

  /** Where this gateway writes. */
  get home(): string {
    return this.#shared === undefined ? this.#dir : join(this.#shared.dir, `@${this.#shared.gateway}`);
  }

  /** No file that this gateway begins from now on has a lower number. */
  get next(): number {
    return this.#next;
  }

  /** This gateway's, in the order of their numbers. */
  files(): readonly FileName[] {
    return [...this.#files.values()].toSorted((a, b) => a.number - b.number);
  }

  /** Those that are there now, of all gateways, in the order of their numbers. */
  async all(): Promise<readonly FileName[]> {
    if (this.#shared === undefined) return this.files();
    const shared = await filesOfAll(this.#shared.dir);
    return [...(await filesIn(this.#dir)), ...shared].toSorted((a, b) => a.number - b.number);
  }

  /** Of any gateway. It may be destroyed meanwhile. */
  async find(number: number): Promise<FileName | undefined> {
    return this.#files.get(number) ?? (await this.#registry?.read(number));
  }

  /** This gateway writes it, and nobody else. */
  isOwn({ gateway }: FileName): boolean {
    return gateway === undefined || gateway === this.#shared?.gateway;
  }

  path(name: FileName, extension: "rec" | "key" = "rec"): string {
    return join(this.#dayDir(name), `${String(name.number).padStart(7, "0")}.${extension}`);
  }

  /** As it stands in reports: purpose, day and number, and before them the gateway where many share the folder. */
  label({ number, purpose, day, gateway }: FileName): string {
    const own = `${purpose}/${day}/${String(number).padStart(7, "0")}`;
    return gateway === undefined ? own : `${gateway}/${own}`;
  }

  /** A name that nothing has, and, in a folder that is shared, never had. */
  async claim(purpose: string, day: string): Promise<FileName> {
    const gateway = this.#shared?.gateway;
    const number =
      this.#registry === undefined || gateway === undefined
        ? this.#next
        : await this.#registry.claim({ purpose, day, gateway });
    if (number > FILE_NUMBER_MAX) throw new Error("the numbers of recording files are used up");
    const name = { number, purpose, day, ...(gateway === undefined ? undefined : { gateway }) };
    this.#add(name);
    return name;
  }

  /** An empty file with its sealed key, both durable. */
  async make(name: FileName, sealedKey: Uint8Array): Promise<fs.FileHandle> {
    const day = this.#dayDir(name);
    const purpose = dirname(day);
    await fs.mkdir(day, { recursive: true, mode: 0o700 });
    await writeDurably(this.path(name, "key"), sealedKey, "wx");
    const file = await fs.open(this.path(name), "wx+", 0o600);
    try {
      for (const each of [day, purpose, dirname(purpose)]) await syncFolder(each);
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
    await syncFolder(this.#dayDir(name));
  }

  /** Gives the bytes that the recordings took. What a crash left of an earlier attempt is no error. */
  async destroy(name: FileName): Promise<number> {
    const keyPath = this.path(name, "key");
    const day = this.#dayDir(name);
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
    if (name.gateway !== undefined) await this.#registry?.remove(name.number);
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

  #add(name: FileName): void {
    this.#files.set(name.number, name);
    this.#next = Math.max(this.#next, name.number + 1);
  }

  #dayDir({ purpose, day, gateway }: FileName): string {
    const root =
      gateway === undefined || this.#shared === undefined ? this.#dir : join(this.#shared.dir, `@${gateway}`);
    return join(root, purpose, day);
  }
}

async function filesOfAll(dir: string): Promise<FileName[]> {
  const files: FileName[] = [];
  for (const name of await namesIn(dir)) {
    const gateway = OF_GATEWAY.exec(name)?.[1];
    if (gateway !== undefined) files.push(...(await filesIn(join(dir, name))).map((file) => ({ ...file, gateway })));
  }
  return files;
}

async function filesIn(dir: string): Promise<FileName[]> {
  const files = new Map<number, FileName>();
  for (const purpose of await namesIn(dir)) {
    if (!SHELF.test(purpose)) continue;
    for (const day of await namesIn(join(dir, purpose))) {
      if (!DAY.test(day)) continue;
      for (const name of await namesIn(join(dir, purpose, day))) {
        const number = Number(FILE.exec(name)?.[1] ?? Number.NaN);
        if (!Number.isNaN(number)) files.set(number, { number, purpose, day });
      }
    }
  }
  return [...files.values()];
}

/** None where another gateway has removed it meanwhile. */
async function namesIn(dir: string): Promise<string[]> {
  try {
    return await fs.readdir(dir);
  } catch (error) {
    if (isMissing(error) || hasCode(error, "ENOTDIR")) return [];
    throw error;
  }
}
