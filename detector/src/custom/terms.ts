/**
 * Terms found as whole words, whatever their case: a trie over lower-case code units, walked from each word's start. Runs of
 * white space count as one space. Time is linear in the text times the longest term that begins there.
 */
import { isWord } from "../scanner/characters.ts";

interface Node {
  readonly next: Map<number, Node>;
  type: string | undefined;
}

const SPACE = 0x20;

export class Terms {
  readonly #root: Node = { next: new Map(), type: undefined };

  constructor(terms: readonly (readonly [term: string, type: string])[]) {
    for (const [term, type] of terms) {
      // A list may come in either normal form, and texts do.
      for (const form of new Set([term.normalize("NFC"), term.normalize("NFD")])) this.#add(form.trim(), type);
    }
  }

  /** Calls `found` for the longest term at each place of text[from, to); terms do not overlap. */
  find(text: string, from: number, to: number, found: (type: string, start: number, end: number) => void): void {
    if (this.#root.next.size === 0) return;
    for (let at = from; at < to; ) {
      const end = at > from && isWord(text, at - 1) && isWord(text, at) ? -1 : this.#longest(text, at, to, found);
      at = end < 0 ? at + 1 : end;
    }
  }

  #longest(text: string, start: number, to: number, found: (type: string, start: number, end: number) => void): number {
    let node: Node | undefined = this.#root;
    let end = -1;
    let type = "";
    for (let at = start; at < to; ) {
      const code = lower(text.charCodeAt(at));
      node = node.next.get(code);
      if (node === undefined) break;
      at += 1;
      if (code === SPACE) while (at < to && lower(text.charCodeAt(at)) === SPACE) at += 1;
      if (node.type !== undefined && !(at < text.length && isWord(text, at) && isWord(text, at - 1))) {
        end = at;
        type = node.type;
      }
    }
    if (end >= 0) found(type, start, end);
    return end;
  }

  #add(term: string, type: string): void {
    let node = this.#root;
    let last = 0;
    for (let at = 0; at < term.length; at++) {
      const code = lower(term.charCodeAt(at));
      if (code === SPACE && last === SPACE) continue;
      last = code;
      let next = node.next.get(code);
      if (next === undefined) {
        next = { next: new Map(), type: undefined };
        node.next.set(code, next);
      }
      node = next;
    }
    node.type ??= type;
  }
}

/** Lower case where that is one code unit for one; white space as a space. */
function lower(code: number): number {
  if (code < 0x80) {
    if (code >= 0x41 && code <= 0x5a) return code | 0x20;
    return code === 0x09 ? SPACE : code;
  }
  if (code === 0xa0 || code === 0x202f) return SPACE;
  const text = String.fromCharCode(code).toLowerCase();
  return text.length === 1 ? text.charCodeAt(0) : code;
}
