/**
 * What stands sealed under the keys of one ring: counted by key, and brought under the newest one in pieces, between which exchanges
 * get their turn. A row that does not open keeps no other row under an old key.
 */
import { SluiceError } from "../core/errors.ts";
import type { Move, SealedRows } from "./folder.ts";
import type { Keyring } from "./keyring.ts";

/** Rows that come over at a time. */
const ROWS_AT_ONCE = 50;
/** Rows that are named in a result; the rest is counted. */
const NAMED_MAX = 20;

export interface SealedValues {
  /** How many need which of these versions, and how many open under none of them. */
  count(
    versions: ReadonlySet<number>,
  ): Promise<{ readonly counts: ReadonlyMap<number, number>; readonly unreadable: number }>;
  /** Keeps `tally` up to date, so that it is true of a pass that is cut off as well. */
  rewrap(tally: Tally, progress: () => void): Promise<void>;
}

export interface Tally {
  rows: number;
  /** Of them, those that were looked at. */
  seen: number;
  done: number;
  /** Did not open; they stay as they are. */
  failed: number;
  readonly failedNames: string[];
}

export function valuesOf(ring: Keyring, rows: SealedRows): SealedValues {
  return {
    async count(versions) {
      const counts = new Map<number, number>();
      let unreadable = 0;
      for (const [at, id] of (await rows.ids()).entries()) {
        if (at % ROWS_AT_ONCE === 0) await breath();
        const sealed = await rows.read(id);
        if (sealed === undefined) continue;
        const version = ring.versionOf(rows.placeOf(id), sealed);
        if (version === undefined || !versions.has(version)) unreadable += 1;
        else counts.set(version, (counts.get(version) ?? 0) + 1);
      }
      return { counts, unreadable };
    },
    async rewrap(tally, progress) {
      const newest = (await ring.list()).at(-1)?.version ?? 0;
      const ids = newest < 2 ? [] : await rows.ids();
      tally.rows = ids.length;
      while (tally.seen < ids.length) {
        const some = ids.slice(tally.seen, tally.seen + ROWS_AT_ONCE);
        const moves: Move[] = [];
        for (const id of some) {
          try {
            const move = await moveOf(ring, rows, id);
            if (move !== undefined) moves.push(move);
          } catch (thrown) {
            // One row that does not open must not keep the others under an old key. A root key that is away ends the pass.
            if (!(thrown instanceof SluiceError) || thrown.code === "key_unavailable") throw thrown;
            tally.failed += 1;
            if (tally.failedNames.length < NAMED_MAX) tally.failedNames.push(rows.nameOf(id));
          }
        }
        if (moves.length > 0) tally.done += await rows.replace(moves);
        tally.seen += some.length;
        progress();
        await breath();
      }
    },
  };
}

/** Undefined when there is nothing to move. */
async function moveOf(ring: Keyring, rows: SealedRows, id: string): Promise<Move | undefined> {
  const before = await rows.read(id);
  const after = before === undefined ? undefined : await ring.rewrap(rows.placeOf(id), before);
  return before === undefined || after === undefined ? undefined : { id, before, after };
}

const breath = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));
