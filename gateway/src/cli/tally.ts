/** What was found, counted: by type, and by place where a document has places. Names of places and types, never a value. */
import type { Found } from "@sluice/detector";

/** Places beyond these are counted together: a document may have a member for each of its users. */
const PLACES_MAX = 500;
const ELSEWHERE = "(elsewhere)";

export type Counts = Readonly<Record<string, number>>;

export interface Counted {
  readonly found: Counts;
  readonly places: Readonly<Record<string, Counts>>;
}

export class Tally implements Counted {
  readonly #found = new Map<string, number>();
  readonly #places = new Map<string, Map<string, number>>();

  /** Literals are no findings. */
  add({ type, finding, place }: Found): void {
    if (finding === undefined) return;
    count(this.#found, type);
    if (place === "") return;
    const name = this.#places.has(place) || this.#places.size < PLACES_MAX ? place : ELSEWHERE;
    let counts = this.#places.get(name);
    if (counts === undefined) {
      counts = new Map();
      this.#places.set(name, counts);
    }
    count(counts, type);
  }

  get found(): Counts {
    return asRecord(this.#found);
  }

  get places(): Readonly<Record<string, Counts>> {
    return Object.fromEntries([...this.#places].map(([place, counts]) => [place, asRecord(counts)]));
  }
}

/** `EMAIL 2, IBAN 1`, or `nothing`. */
export function inWords(counts: Counts): string {
  const parts = Object.entries(counts).map(([type, count]) => `${type} ${count}`);
  return parts.length === 0 ? "nothing" : parts.join(", ");
}

function count(counts: Map<string, number>, type: string): void {
  counts.set(type, (counts.get(type) ?? 0) + 1);
}

function asRecord(counts: ReadonlyMap<string, number>): Counts {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
