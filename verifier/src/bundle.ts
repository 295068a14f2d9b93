/**
 * Entry bundles: `uint16 length || entry`, big-endian, up to 256 times. https://c2sp.org/tlog-tiles#log-entries
 * Reading refuses a cut-off entry, trailing bytes and an empty bundle. Entries are views into the bundle, not copies.
 */

import { VerifierError } from "./errors.ts";
import { TILE_WIDTH } from "./tile.ts";

/** What a uint16 length can say. */
export const ENTRY_BYTES_MAX = 65_535;
export const BUNDLE_BYTES_MAX = TILE_WIDTH * (ENTRY_BYTES_MAX + 2);

/** The 1 to 256 entries, in order. Throws bundle_malformed. */
export function parseBundle(bundle: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bundle.length) {
    if (entries.length === TILE_WIDTH)
      throw new VerifierError("bundle_malformed", "a bundle holds at most 256 entries");
    const high = bundle[at];
    const low = bundle[at + 1];
    if (high === undefined || low === undefined) {
      throw new VerifierError("bundle_malformed", "the bundle ends within a length");
    }
    const start = at + 2;
    at = start + ((high << 8) | low);
    if (at > bundle.length) throw new VerifierError("bundle_malformed", "the bundle ends within an entry");
    entries.push(bundle.subarray(start, at));
  }
  if (entries.length === 0) throw new VerifierError("bundle_malformed", "a bundle holds at least one entry");
  return entries;
}

/** Throws bundle_malformed for an entry over 65,535 bytes, for no entry and for more than 256. */
export function formatBundle(entries: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  if (entries.length === 0 || entries.length > TILE_WIDTH) {
    throw new VerifierError("bundle_malformed", "a bundle holds 1 to 256 entries");
  }
  let length = 0;
  for (const entry of entries) {
    if (entry.length > ENTRY_BYTES_MAX)
      throw new VerifierError("bundle_malformed", "an entry has at most 65,535 bytes");
    length += 2 + entry.length;
  }
  const bundle = new Uint8Array(length);
  let at = 0;
  for (const entry of entries) {
    bundle[at] = entry.length >>> 8;
    bundle[at + 1] = entry.length;
    bundle.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bundle;
}
