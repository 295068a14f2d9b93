/**
 * Walks the entries of a log and hands out those that a selection asks for, with their outcomes. Reads bundle after bundle and
 * keeps none; an entry that cannot be meant is passed over by its text alone, because reading JSON is what a long log costs.
 * It decides by the leaf and never by that text.
 */
import { bundleWidth, type Leaf, parseBundle, readUnpacked, type Source, TILE_WIDTH, tilePath } from "@sluice/verifier";
import { SluiceError } from "../core/errors.ts";

/** What is looked for. All that is given must hold; nothing given is everything. */
export interface Selection {
  /** Pseudonyms of principals, as leaves have them; who acted for one counts too. */
  readonly principals?: ReadonlySet<string>;
  /** Pseudonyms of credentials. */
  readonly credentials?: ReadonlySet<string>;
  /** Pseudonyms of sessions. */
  readonly sessions?: ReadonlySet<string>;
  readonly connections?: ReadonlySet<string>;
  /** Milliseconds since the epoch: from this on, and before that. */
  readonly from?: number;
  readonly to?: number;
  /** Indexes of intents. */
  readonly records?: ReadonlySet<number>;
}

export interface Found {
  readonly index: number;
  readonly leaf: Leaf;
  /** As it was hashed. */
  readonly entry: Uint8Array;
}

export interface ScanOptions {
  readonly source: Source;
  /** Entries of the log, all of them published. */
  readonly size: number;
  /** Of the first entry that is still there. */
  readonly minimum?: number;
  readonly selection: Selection;
  /** Also events whose actor is meant. */
  readonly events?: boolean;
  readonly progress?: (done: number, of: number) => void;
}

/** Intents and denials that are meant, the outcome of each such intent, and events by `events`; in the order of the log. */
export async function* scan(options: ScanOptions): AsyncGenerator<Found> {
  const { source, size, minimum = 0, selection, progress } = options;
  const wanted = matcherOf(selection, options.events === true);
  /** Intents that were handed out and have no outcome yet. */
  const open = new Set<number>();
  for (let bundle = Math.floor(minimum / TILE_WIDTH); bundle * TILE_WIDTH < size; bundle++) {
    const first = bundle * TILE_WIDTH;
    progress?.(first, size);
    if (open.size === 0 && !wanted.mayLieFrom(first)) continue;
    const bytes = await readUnpacked(source, tilePath("entries", bundle, bundleWidth(bundle, size)));
    if (bytes === undefined) {
      throw new SluiceError(
        "evidence_corrupt",
        `the log lacks the entries from ${first} on; \`sluice fsck\` says more`,
      );
    }
    if (open.size === 0 && !wanted.mayHold(bytes)) continue;
    let index = first - 1;
    for (const entry of parseBundle(bytes)) {
      index += 1;
      if (index < minimum) continue;
      const text = Buffer.from(entry.buffer, entry.byteOffset, entry.length).toString("utf8");
      const ends = open.size > 0 ? intentOf(text) : undefined;
      const isOutcome = ends !== undefined && open.has(ends);
      if (!isOutcome && !wanted.mayBe(text, index)) continue;
      const leaf = JSON.parse(text) as Leaf;
      if (isOutcome && leaf.type === "outcome" && leaf["intent"] === ends) open.delete(ends);
      else if (!wanted.is(leaf, index)) continue;
      if (leaf.type === "intent") open.add(index);
      yield { index, leaf, entry };
    }
  }
  progress?.(size, size);
}

interface Matcher {
  /** False only when no entry of the bundle that begins at this index can be meant, whatever it holds. */
  mayLieFrom(first: number): boolean;
  /** False only when no entry of the bundle can be meant. */
  mayHold(bytes: Uint8Array): boolean;
  /** False only when the entry cannot be meant. */
  mayBe(text: string, index: number): boolean;
  is(leaf: Leaf, index: number): boolean;
}

function matcherOf(selection: Selection, events: boolean): Matcher {
  const { principals, credentials, sessions, connections, from, to, records } = selection;
  /** Of what the text must hold at least one each; pseudonyms are never escaped in JSON. */
  const needles = [principals, credentials, sessions].filter((set) => set !== undefined).map((set) => [...set]);
  const fromText = from === undefined ? undefined : new Date(from).toISOString();
  const toText = to === undefined ? undefined : new Date(to).toISOString();
  const inTime = (time: string): boolean =>
    (fromText === undefined || time >= fromText) && (toText === undefined || time < toText);
  return {
    mayLieFrom: (first) => records === undefined || anyWithin(records, first, first + TILE_WIDTH),
    mayHold(bytes) {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      return needles.every((some) => some.some((needle) => buffer.includes(needle, 0, "latin1")));
    },
    mayBe(text, index) {
      if (records !== undefined && !records.has(index)) return false;
      const time = timeOf(text);
      return (
        (time === undefined || inTime(time)) && needles.every((some) => some.some((needle) => text.includes(needle)))
      );
    },
    is(leaf, index) {
      const { type, time } = leaf;
      if (typeof time !== "string" || !inTime(time)) return false;
      if (records !== undefined && !records.has(index)) return false;
      if (type === "event") return events && principals !== undefined && has(principals, leaf["actor"]);
      if (type !== "intent" && type !== "denial") return false;
      const actors = Array.isArray(leaf["actors"]) ? (leaf["actors"] as unknown[]) : [];
      return (
        (principals === undefined || [leaf["principal"], ...actors].some((who) => has(principals, who))) &&
        (credentials === undefined || has(credentials, leaf["credential"])) &&
        (sessions === undefined || has(sessions, leaf["session"])) &&
        (connections === undefined || has(connections, leaf["connection"]))
      );
    },
  };
}

function has(set: ReadonlySet<string>, value: unknown): boolean {
  return typeof value === "string" && set.has(value);
}

function anyWithin(records: ReadonlySet<number>, from: number, to: number): boolean {
  for (let index = from; index < to; index++) if (records.has(index)) return true;
  return false;
}

const TIME = '"time":"';
const TIME_CHARS = "2026-11-22T03:27:30.464Z".length;

/** The leaf's own time: of the members that stand behind it in canonical order none holds text of this form. */
function timeOf(text: string): string | undefined {
  const at = text.lastIndexOf(TIME);
  return at < 0 ? undefined : text.slice(at + TIME.length, at + TIME.length + TIME_CHARS);
}

const INTENT = '"intent":';

function intentOf(text: string): number | undefined {
  const at = text.indexOf(INTENT);
  if (at < 0) return undefined;
  const digits = /^\d{1,15}/.exec(text.slice(at + INTENT.length, at + INTENT.length + 16))?.[0];
  return digits === undefined ? undefined : Number(digits);
}
