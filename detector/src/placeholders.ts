/**
 * Numbers values: one placeholder for one value (under the type's normalization) and one value for one placeholder, per type
 * by first appearance. A value that may never come back is kept as a number only: its text is not held in an Issued. The map
 * never detects, replaces or restores anything.
 *
 * Whether a value is restorable does not depend on the order of the walk: it is restorable when its type is and at least one
 * place that it was seen in is (a user's message, not the system prompt). What was seen in system text only never comes back
 * (the user who types the same value gets back what he typed, under the number the value already has).
 */
import { normalize } from "./normalize.ts";

export interface Issued {
  /** As it stands in the text, for example `[EMAIL_1]`. */
  readonly placeholder: string;
  readonly type: string;
  /** Counted from 1 within the type. */
  readonly number: number;
  /** First form seen in restorable text; empty while the value is not restorable. */
  readonly value: string;
  readonly restorable: boolean;
  /** Equality class of the value under its type. What finds the number again in a later request. */
  readonly key: string;
}

/** Type of text that looks like a placeholder and was none. It is compared by its exact characters. */
export const LITERAL = "LITERAL";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface PlaceholderMapOptions {
  /** Decides by type (default: all are restorable). */
  readonly restorable?: (type: string) => boolean;
  /** Numbers issued earlier in the same conversation, from `carry()`. */
  readonly initial?: readonly Issued[];
  /** Keyed one-way function for the keys of values that are never restored, needed with `carry()`. */
  readonly digest?: (type: string, key: string) => string;
}

export class PlaceholderMap {
  readonly #all: Mutable<Issued>[] = [];
  /** Made when there is too much to look through: most requests hold a handful of values. */
  #index: Index | undefined;
  readonly #restorable: (type: string) => boolean;
  readonly #digest: ((type: string, key: string) => string) | undefined;
  /** Some of `initial` are known by the digest of their key. */
  #digested = false;

  constructor(options: PlaceholderMapOptions = {}) {
    this.#restorable = options.restorable ?? (() => true);
    this.#digest = options.digest;
    for (const issued of options.initial ?? []) {
      // The rules may have changed since: a type that is no longer restorable loses its value here.
      const restorable = issued.restorable && this.#restorable(issued.type);
      this.#digested ||= !issued.restorable;
      this.#add({ ...issued, restorable, value: restorable ? issued.value : "" });
    }
  }

  /** The placeholder of a value; the same for every value of one equality class. `restorable`: this place may be restored. */
  issue(type: string, value: string, restorable = true): Issued {
    const key = type === LITERAL ? value : normalize(type, value);
    const mayRestore = restorable && this.#restorable(type);
    const known = this.#find(type, key);
    if (known !== undefined) {
      if (mayRestore && !known.restorable) {
        known.restorable = true;
        known.value = value;
        known.key = key;
      }
      return known;
    }
    const number = this.#nextNumber(type);
    const placeholder = `[${type}_${number}]`;
    const issued = { placeholder, type, number, value: mayRestore ? value : "", restorable: mayRestore, key };
    this.#add(issued);
    return issued;
  }

  /** All that was issued, in order of issue. The objects are live until the walk is over. */
  issued(): readonly Issued[] {
    return this.#all;
  }

  /** What a later request of the same conversation starts with: of values that are never restored, only a digest. */
  carry(): Issued[] {
    const digest = this.#digest;
    if (digest === undefined) throw new Error("carry() needs a digest");
    return this.#all.map((issued) => {
      if (issued.restorable || issued.key.startsWith(DIGESTED)) return { ...issued };
      return { ...issued, key: DIGESTED + digest(issued.type, issued.key) };
    });
  }

  /** By canonical placeholder, for example `[EMAIL_1]`. Looks through all of them. */
  lookup(placeholder: string): Issued | undefined {
    return this.#all.find((issued) => issued.placeholder === placeholder);
  }

  get size(): number {
    return this.#all.length;
  }

  #find(type: string, key: string): Mutable<Issued> | undefined {
    const index = this.#index;
    if (index === undefined) {
      for (const issued of this.#all) if (issued.key === key && issued.type === type) return issued;
      return undefined;
    }
    const known = index.byKey.get(`${type}\n${key}`);
    if (known !== undefined || !this.#digested || this.#digest === undefined) return known;
    const digested = index.byKey.get(`${type}\n${DIGESTED}${this.#digest(type, key)}`);
    if (digested !== undefined) index.byKey.set(`${type}\n${key}`, digested);
    return digested;
  }

  #nextNumber(type: string): number {
    if (this.#index !== undefined) return this.#index.next.get(type) ?? 1;
    let next = 1;
    for (const issued of this.#all) if (issued.type === type) next = Math.max(next, issued.number + 1);
    return next;
  }

  #add(issued: Mutable<Issued>): void {
    this.#all.push(issued);
    if (this.#index !== undefined) enter(this.#index, issued);
    else if (this.#digested || this.#all.length > UNINDEXED_MAX) {
      this.#index = { byKey: new Map(), next: new Map() };
      for (const one of this.#all) enter(this.#index, one);
    }
  }
}

/** Values that are looked through one by one. */
const UNINDEXED_MAX = 12;

interface Index {
  /** By type and key. */
  readonly byKey: Map<string, Mutable<Issued>>;
  /** type → number of the next value. */
  readonly next: Map<string, number>;
}

function enter(index: Index, issued: Mutable<Issued>): void {
  index.byKey.set(`${issued.type}\n${issued.key}`, issued);
  index.next.set(issued.type, Math.max(index.next.get(issued.type) ?? 1, issued.number + 1));
}

/** Begins a digested key. No normalized value begins so. */
const DIGESTED = "\u0000#";
