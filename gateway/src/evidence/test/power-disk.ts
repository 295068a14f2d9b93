/**
 * A disk in memory that can lose its power. It promises what POSIX promises and no more: bytes survive after `datasync`,
 * names after `syncFolder`; of everything else any part may survive, sector by sector, and a name without its bytes.
 */

import { dirname } from "node:path";
import type { Disk, DiskFile } from "../disk.ts";

const SECTOR_BYTES = 512;

interface Write {
  readonly position: number;
  readonly bytes: Buffer;
}

interface Node {
  content: Buffer;
  durable: Buffer;
  /** Since the last datasync, in order; a number is a truncation to that length. */
  unsynced: (Write | number)[];
}

type Names = Map<string, Node>;

export class PowerDisk implements Disk {
  readonly #random: () => number;
  #names: Names = new Map();
  #durableNames: Names = new Map();
  /** Changes to the names in a folder since its last sync, in order. */
  #unsyncedNames = new Map<string, ((names: Names) => void)[]>();
  #generation = 0;
  /** Every content that was ever renamed to this path. */
  readonly replaced = new Map<string, string[]>();

  /** `random` gives numbers from 0 to 1, 1 excluded. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** The disk as one process has it: once that has ended, it reads and changes nothing any more. */
  forProcess(): Disk {
    const generation = this.#generation;
    const alive = <T>(call: () => Promise<T>): Promise<T> =>
      generation === this.#generation ? call() : Promise.reject(systemError("EIO"));
    return {
      open: (...args) => alive(() => this.open(...args)),
      readFile: (path) => alive(() => this.readFile(path)),
      rename: (from, to) => alive(() => this.rename(from, to)),
      remove: (path) => alive(() => this.remove(path)),
      makeFolder: () => alive(() => this.makeFolder()),
      list: (path) => alive(() => this.list(path)),
      syncFolder: (path) => alive(() => this.syncFolder(path)),
    };
  }

  /** The process ends and the machine goes on: open files fail, and what was written is there, durable or not. */
  kill(): void {
    this.#generation += 1;
  }

  /** From now on open files fail, and what is there is what survived. */
  losePower(): void {
    this.kill();
    for (const changes of this.#unsyncedNames.values()) {
      const kept = Math.floor(this.#random() * (changes.length + 1));
      for (const change of changes.slice(0, kept)) change(this.#durableNames);
    }
    this.#unsyncedNames.clear();
    for (const node of new Set(this.#durableNames.values())) {
      for (const change of node.unsynced) node.durable = this.#partly(node.durable, change);
      node.unsynced = [];
      node.content = Buffer.from(node.durable);
    }
    this.#names = new Map(this.#durableNames);
  }

  async open(...[path, mode]: Parameters<Disk["open"]>): Promise<DiskFile> {
    const generation = this.#generation;
    const live = async (): Promise<void> => {
      await this.#turn();
      if (generation !== this.#generation) throw systemError("EIO");
    };
    await live();
    const node = this.#names.get(path) ?? this.#create(path, mode);
    if (mode === "fresh") change(node, 0);
    return {
      read: async (buffer, offset, length, position) => {
        await live();
        return node.content.copy(buffer, offset, position, position + length);
      },
      write: async (buffer, length, position) => {
        const bytes = Buffer.from(buffer.subarray(0, length));
        await live();
        change(node, { position, bytes });
        return length;
      },
      datasync: async () => {
        await live();
        node.durable = Buffer.from(node.content);
        node.unsynced = [];
        await live();
      },
      truncate: async (length) => {
        await live();
        change(node, length);
      },
      size: () => Promise.resolve(node.content.length),
      close: () => Promise.resolve(),
    };
  }

  async readFile(path: string): Promise<Buffer | undefined> {
    await this.#turn();
    const node = this.#names.get(path);
    return node === undefined ? undefined : Buffer.from(node.content);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#alive();
    const node = this.#names.get(from);
    if (node === undefined) throw systemError("ENOENT");
    this.replaced.set(to, [...(this.replaced.get(to) ?? []), node.content.toString("utf8")]);
    this.#rename(dirname(to), (names) => {
      names.delete(from);
      names.set(to, node);
    });
  }

  async remove(path: string): Promise<void> {
    await this.#alive();
    for (const name of this.#names.keys()) {
      if (name === path || name.startsWith(`${path}/`)) this.#rename(dirname(name), (names) => names.delete(name));
    }
  }

  async makeFolder(): Promise<void> {
    await this.#turn();
  }

  async list(path: string): Promise<string[]> {
    await this.#turn();
    const below = [...this.#names.keys()].filter((name) => name.startsWith(`${path}/`));
    return [...new Set(below.map((name) => name.slice(path.length + 1).split("/")[0] ?? ""))].toSorted();
  }

  async syncFolder(path: string): Promise<void> {
    await this.#turn();
    for (const apply of this.#unsyncedNames.get(path) ?? []) apply(this.#durableNames);
    this.#unsyncedNames.delete(path);
  }

  #create(path: string, mode: string): Node {
    if (mode === "read") throw systemError("ENOENT");
    const node: Node = { content: Buffer.alloc(0), durable: Buffer.alloc(0), unsynced: [] };
    this.#rename(dirname(path), (names) => names.set(path, node));
    return node;
  }

  #rename(folder: string, apply: (names: Names) => void): void {
    apply(this.#names);
    this.#unsyncedNames.set(folder, [...(this.#unsyncedNames.get(folder) ?? []), apply]);
  }

  /** What is left of a change: all of it, nothing, or some of its sectors. */
  #partly(content: Buffer, made: Write | number): Buffer {
    const luck = this.#random();
    if (luck < 0.3) return content;
    if (typeof made === "number" || luck < 0.6) return applied(content, made);
    let left = content;
    for (let at = 0; at < made.bytes.length; at += SECTOR_BYTES) {
      if (this.#random() < 0.5) continue;
      left = applied(left, { position: made.position + at, bytes: made.bytes.subarray(at, at + SECTOR_BYTES) });
    }
    return left;
  }

  /** Calls end in the order of a disk under load, not in the order of the calls. */
  /** A process that ended meanwhile changes no name any more. */
  async #alive(): Promise<void> {
    const generation = this.#generation;
    await this.#turn();
    if (generation !== this.#generation) throw systemError("EIO");
  }

  async #turn(): Promise<void> {
    for (let turns = Math.floor(this.#random() * 3); turns > 0; turns--) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  }
}

function change(node: Node, made: Write | number): void {
  node.content = applied(node.content, made);
  node.unsynced.push(made);
}

function applied(content: Buffer, made: Write | number): Buffer {
  const length = typeof made === "number" ? made : Math.max(content.length, made.position + made.bytes.length);
  const result = Buffer.alloc(length);
  content.copy(result);
  if (typeof made !== "number") made.bytes.copy(result, made.position);
  return result;
}

function systemError(code: "EIO" | "ENOENT"): Error {
  return Object.assign(new Error(code), { code, errno: code === "EIO" ? -5 : -2 });
}
