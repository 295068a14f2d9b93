/**
 * What was replaced by what, for operators whose results look like values: surrogates and format-preserving encryption. It
 * keeps equal values equal and different values different, and puts the values back into a text. Whoever has it can undo the
 * replacement. It never detects anything, and holds no more than was put in.
 *
 * On the way back it promises what the restorer of placeholders promises: however the text is cut, the pieces together are
 * `restore(whole)`; the longest match wins; a value that was put in is never read again; none is put into a URL.
 */
import { escapeJson } from "../json-tokens.ts";
import type { RestoreStream } from "../restore.ts";
import { UrlGuard } from "../url-guard.ts";
import { continuesWord } from "../variants.ts";

export interface Replacement {
  readonly type: string;
  /** Equality class of the value under its type. */
  readonly key: string;
  /** First form seen; empty while it is not restorable. */
  readonly value: string;
  /** What stands in the text instead. */
  readonly written: string;
  readonly restorable: boolean;
}

export interface ReplacementsOptions {
  /** Decides by type (default: all are restorable). */
  readonly restorable?: (type: string) => boolean;
  /** From `entries()` of an earlier text of the same conversation. */
  readonly initial?: readonly Replacement[];
}

interface Node {
  readonly next: Map<number, Node>;
  entry: Replacement | undefined;
}

export class Replacements {
  readonly #restorable: (type: string) => boolean;
  readonly #byKey = new Map<string, Replacement>();
  readonly #byWritten = new Map<string, Replacement>();
  readonly #root: Node = { next: new Map(), entry: undefined };

  constructor(options: ReplacementsOptions = {}) {
    this.#restorable = options.restorable ?? (() => true);
    for (const { type, key, value, written, restorable } of options.initial ?? [])
      this.add(type, key, value, written, restorable);
  }

  /** The replacement of a value, in whatever form it was written first. */
  find(type: string, key: string): Replacement | undefined {
    return this.#byKey.get(`${type}\n${key}`);
  }

  /** Nothing else was replaced by `written`. */
  isFree(type: string, key: string, written: string): boolean {
    const owner = this.#byWritten.get(written);
    return owner === undefined || (owner.type === type && owner.key === key);
  }

  /** `text` is what a value of this type was replaced by. */
  wrote(type: string, text: string): boolean {
    return this.#byWritten.get(text)?.type === type;
  }

  /**
   * Remembers a replacement; one value may be written in several ways. Returns false, and remembers nothing, when `written`
   * stands for another value already.
   */
  add(type: string, key: string, value: string, written: string, restorable: boolean): boolean {
    if (written === "" || !this.isFree(type, key, written)) return false;
    const mayRestore = restorable && this.#restorable(type);
    const known = this.#byWritten.get(written);
    // Seen in system text first: from now on it may come back.
    if (known !== undefined && (known.restorable || !mayRestore)) return true;
    const entry: Replacement = { type, key, value: mayRestore ? value : "", written, restorable: mayRestore };
    const first = this.find(type, key);
    if (first === undefined || first.written === written) this.#byKey.set(`${type}\n${key}`, entry);
    this.#byWritten.set(written, entry);
    let node = this.#root;
    for (let at = 0; at < written.length; at++) {
      const unit = written.charCodeAt(at);
      let next = node.next.get(unit);
      if (next === undefined) node.next.set(unit, (next = { next: new Map(), entry: undefined }));
      node = next;
    }
    node.entry = entry;
    return true;
  }

  entries(): readonly Replacement[] {
    return [...this.#byWritten.values()];
  }

  get size(): number {
    return this.#byWritten.size;
  }

  restore(text: string): string {
    const stream = this.stream();
    return stream.push(text) + stream.end();
  }

  /**
   * For one text. It holds back at most the longest replacement and one character. "json": the text is the inside of JSON
   * strings, so values are escaped; what the writer escaped without need is not found. `restored` is told of each type put back.
   */
  stream(encoding: "text" | "json" = "text", restored?: (type: string) => void): RestoreStream {
    return new Back(this.#root, encoding === "json" ? escapeJson : (value) => value, restored);
  }
}

class Back implements RestoreStream {
  readonly #root: Node;
  readonly #put: (value: string) => string;
  readonly #restored: ((type: string) => void) | undefined;
  readonly #guard = new UrlGuard();
  #held = "";
  /** The last unit of the text before `#held`, 0 at the beginning. */
  #before = 0;

  constructor(root: Node, put: (value: string) => string, restored: ((type: string) => void) | undefined) {
    this.#root = root;
    this.#put = put;
    this.#restored = restored;
  }

  get held(): number {
    return this.#held.length;
  }

  push(text: string): string {
    return this.#scan(this.#held + text, false);
  }

  end(): string {
    return this.#scan(this.#held, true);
  }

  #scan(text: string, final: boolean): string {
    let out = "";
    let copied = 0;
    let at = 0;
    while (at < text.length) {
      const before = at > 0 ? text.charCodeAt(at - 1) : this.#before;
      const found = this.#match(text, at, before, final);
      if (found === "cut") break;
      if (found === undefined || this.#guard.inside) {
        this.#guard.advance(text.charCodeAt(at));
        at++;
        continue;
      }
      out += text.slice(copied, at) + this.#put(found.value);
      this.#restored?.(found.type);
      this.#guard.restored(found.value);
      at += found.written.length;
      copied = at;
    }
    out += text.slice(copied, at);
    if (at > 0) this.#before = text.charCodeAt(at - 1);
    this.#held = text.slice(at);
    return out;
  }

  /** The longest replacement at `at` that is a word of its own; `cut` when more text could make it another one. */
  #match(text: string, at: number, before: number, final: boolean): Replacement | "cut" | undefined {
    if (continuesWord(before) && continuesWord(text.charCodeAt(at))) return undefined;
    let found: Replacement | undefined;
    let node = this.#root;
    for (let end = at; ; end++) {
      const { entry } = node;
      if (entry !== undefined) {
        if (end === text.length && !final) return "cut";
        const joined =
          continuesWord(text.charCodeAt(end - 1)) && end < text.length && continuesWord(text.charCodeAt(end));
        if (!joined) found = entry;
      }
      if (end === text.length)
        return final || node.next.size === 0 ? restorableOnly(found) : end > at ? "cut" : undefined;
      const next = node.next.get(text.charCodeAt(end));
      if (next === undefined) return restorableOnly(found);
      node = next;
    }
  }
}

function restorableOnly(found: Replacement | undefined): Replacement | undefined {
  return found?.restorable === true ? found : undefined;
}
