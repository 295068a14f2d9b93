/**
 * Finds words of a list in a text, whole and in any case, in one pass however long the list is (Aho and Corasick 1975,
 * https://dl.acm.org/doi/10.1145/360825.360855). Of words that overlap, the one that begins first stands, and the longest
 * of those.
 */

interface Node {
  readonly next: Map<number, Node>;
  fail: Node | undefined;
  /** UTF-16 units of the longest word that ends here, and of the next shorter one by `shorter`. */
  length: number;
  shorter: Node | undefined;
}

export interface Hit {
  readonly start: number;
  readonly end: number;
}

const newNode = (): Node => ({ next: new Map(), fail: undefined, length: 0, shorter: undefined });

export class DenyList {
  readonly #root = newNode();
  readonly #fold: boolean;

  /** `fold`: case does not matter. */
  constructor(words: readonly string[], fold: boolean) {
    this.#fold = fold;
    for (const word of words) this.#add(word);
    this.#link();
  }

  /** One text, in pieces that follow one another. `text` is always the whole. */
  search(): (text: string, from: number, to: number) => Hit[] {
    let node = this.#root;
    return (text, from, to) => {
      const hits: Hit[] = [];
      for (let at = from; at < to; at++) {
        const unit = this.#unit(text, at);
        while (node !== this.#root && !node.next.has(unit)) node = node.fail ?? this.#root;
        node = node.next.get(unit) ?? this.#root;
        for (let word: Node | undefined = node; word !== undefined; word = word.shorter) {
          const start = at + 1 - word.length;
          if (word.length > 0 && isWhole(text, start, at + 1)) hits.push({ start, end: at + 1 });
        }
      }
      return hits;
    };
  }

  #add(word: string): void {
    let node = this.#root;
    for (let at = 0; at < word.length; at++) {
      const unit = this.#unit(word, at);
      let next = node.next.get(unit);
      if (next === undefined) {
        next = newNode();
        node.next.set(unit, next);
      }
      node = next;
    }
    node.length = word.length;
  }

  #link(): void {
    const queue: Node[] = [...this.#root.next.values()];
    for (const node of queue) node.fail = this.#root;
    for (let at = 0; at < queue.length; at++) {
      const node = queue[at] as Node;
      for (const [unit, child] of node.next) {
        let fail = node.fail;
        while (fail !== undefined && !fail.next.has(unit)) fail = fail.fail;
        child.fail = fail?.next.get(unit) ?? this.#root;
        child.shorter = child.fail.length > 0 ? child.fail : child.fail.shorter;
        queue.push(child);
      }
    }
  }

  #unit(text: string, at: number): number {
    const unit = text.charCodeAt(at);
    if (!this.#fold) return unit;
    if (unit < 0x80) return unit >= 0x41 && unit <= 0x5a ? unit | 0x20 : unit;
    const lower = text.charAt(at).toLowerCase();
    // One unit for one, so that offsets stay.
    return lower.length === 1 ? lower.charCodeAt(0) : unit;
  }
}

/** Of overlapping hits those that begin first, the longest of each. */
export function leftmostLongest(hits: Hit[]): Hit[] {
  const standing: Hit[] = [];
  for (const hit of hits.sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (hit.start >= (standing.at(-1)?.end ?? 0)) standing.push(hit);
  }
  return standing;
}

const WORD = /[\p{L}\p{N}\p{M}_]/u;

function isWhole(text: string, start: number, end: number): boolean {
  return !WORD.test(text.charAt(start - 1)) && !WORD.test(text.charAt(end));
}
