/**
 * Which gateway has which file, in a folder that many share: `.files/<number>` says `gateway/purpose/day`. Whoever makes that name first
 * has the number (open with O_EXCL), so that two gateways never have the same one, and a place leads to one file whoever asks.
 */
import * as fs from "node:fs/promises";
import { join } from "node:path";
import { hasCode, isMissing, syncFolder, writeDurably } from "./disk.ts";
import type { FileName } from "./folder.ts";

type SharedName = FileName & { readonly gateway: string };

/** As folder.ts names them. What is not of this form leads nowhere, least of all out of the folder. */
const ENTRY = /^([a-z0-9][a-z0-9.-]{0,62})\/([a-z][a-z0-9_-]{0,62}(?:\.P[1-9]\d{0,4}D)?)\/(\d{4}-\d{2}-\d{2})$/;
const NUMBER = /^\d{7}$/;
/** A name is never changed: what was read once need not be read again. */
const KNOWN_MAX = 10_000;

export class Registry {
  readonly #dir: string;
  /** No number below it is free. */
  #floor: number;
  readonly #known = new Map<number, SharedName>();

  constructor(dir: string, lowest: number) {
    this.#dir = dir;
    this.#floor = lowest;
  }

  /** `all`: every file that is there; `own`: this gateway's, which are named again where a restore has left that out. */
  async open(all: readonly FileName[], own: readonly FileName[]): Promise<void> {
    await fs.mkdir(this.#dir, { recursive: true, mode: 0o700 });
    for (const { number } of all) this.#floor = Math.max(this.#floor, number + 1);
    const named = new Set(await this.#numbers());
    for (const { gateway, ...name } of own) {
      if (gateway !== undefined && !named.has(name.number)) await this.#enter({ ...name, gateway });
    }
  }

  /** A number that nothing has and never had. */
  async claim(name: Omit<SharedName, "number">): Promise<number> {
    for (const number of await this.#numbers()) this.#floor = Math.max(this.#floor, number + 1);
    for (;;) {
      const number = this.#floor++;
      if (await this.#enter({ ...name, number })) return number;
    }
  }

  /** Undefined where nothing has this number (any more). */
  async read(number: number): Promise<FileName | undefined> {
    const known = this.#known.get(number);
    if (known !== undefined) return known;
    try {
      const [, gateway, purpose, day] = ENTRY.exec(await fs.readFile(this.#path(number), "utf8")) ?? [];
      if (gateway === undefined || purpose === undefined || day === undefined) return undefined;
      const name = { number, purpose, day, gateway };
      if (this.#known.size >= KNOWN_MAX) this.#known.clear();
      this.#known.set(number, name);
      return name;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** The newest one stays, so that its number is not given again. */
  async remove(number: number): Promise<void> {
    this.#known.delete(number);
    if (!(await this.#numbers()).some((other) => other > number)) return;
    try {
      await fs.unlink(this.#path(number));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  /** False when it is another's. */
  async #enter({ number, purpose, day, gateway }: SharedName): Promise<boolean> {
    try {
      await writeDurably(this.#path(number), Buffer.from(`${gateway}/${purpose}/${day}`), "wx");
      await syncFolder(this.#dir);
      return true;
    } catch (error) {
      if (hasCode(error, "EEXIST")) return false;
      throw error;
    }
  }

  async #numbers(): Promise<number[]> {
    return (await fs.readdir(this.#dir)).filter((name) => NUMBER.test(name)).map(Number);
  }

  #path(number: number): string {
    return join(this.#dir, String(number).padStart(7, "0"));
  }
}
