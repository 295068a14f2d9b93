/** What the log says of the stamps that were made: it is the only list of them that there is. */

import { STAMP_EVENT } from "@sluice/verifier";

export const GAP_EVENT = "timestamp.gap";
export const BACK_EVENT = "timestamp.back";

const OURS: ReadonlySet<string> = new Set([STAMP_EVENT, GAP_EVENT, BACK_EVENT]);

/** Entries at the end of the log that are looked through. */
const RECALLED_MAX = 20_000;
/** More entries than this are news, whatever they say: authorities and gateways of one log are few. */
const FEW = 64;

export interface Recalled {
  readonly index: number;
  readonly name: string;
  /** As a leaf has it. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** The part of the evidence log that is needed here. */
export interface ReadableLog {
  readonly published: number;
  readonly minimum: number;
  entries(from: number, to?: number): AsyncIterable<{ readonly index: number; readonly bytes: Buffer }>;
}

/** The newest events of this room, and those of ceremonies with the log's keys, in order. Rejects with what the log rejects with. */
export async function recall(log: ReadableLog): Promise<Recalled[]> {
  const found: Recalled[] = [];
  const { published } = log;
  for await (const { index, bytes } of log.entries(Math.max(log.minimum, published - RECALLED_MAX), published)) {
    const event = eventIn(index, bytes);
    if (event !== undefined) found.push(event);
  }
  return found;
}

/**
 * Whether entries from index `from` up to `to` are about anything but stamps, which would otherwise call for stamps of their
 * own for ever: also those of other gateways of the log. Rejects with what the log rejects with.
 */
export async function hasNews(log: ReadableLog, from: number, to: number): Promise<boolean> {
  if (to - from > FEW || from < log.minimum) return true;
  for await (const { index, bytes } of log.entries(from, to)) {
    if (!OURS.has(eventIn(index, bytes)?.name ?? "")) return true;
  }
  return false;
}

function eventIn(index: number, bytes: Buffer): Recalled | undefined {
  // Most entries are other things, and parsing costs more than looking.
  if (!bytes.includes('"name":"timestamp.') && !bytes.includes('"name":"log.')) return undefined;
  const leaf = JSON.parse(bytes.toString("utf8")) as { type?: unknown; name?: unknown; facts?: unknown };
  const { type, name, facts } = leaf;
  if (type !== "event" || typeof name !== "string") return undefined;
  const read = typeof facts === "object" && facts !== null ? (facts as Record<string, unknown>) : {};
  return OURS.has(name) || name.startsWith("log.") ? { index, name, facts: read } : undefined;
}
