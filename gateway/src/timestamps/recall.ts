/** What the log says of the stamps that were made before this process began: it is the only list of them that there is. */

import { STAMP_EVENT } from "@sluice/verifier";

/** Entries at the end of the log that are looked through. */
const RECALLED_MAX = 20_000;

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

/** The newest events of this room, in order. Rejects with what the log rejects with. */
export async function recall(log: ReadableLog): Promise<Recalled[]> {
  const found: Recalled[] = [];
  const { published } = log;
  for await (const { index, bytes } of log.entries(Math.max(log.minimum, published - RECALLED_MAX), published)) {
    // Most entries are other things, and parsing costs more than looking.
    if (!bytes.includes('"name":"timestamp.')) continue;
    const leaf = JSON.parse(bytes.toString("utf8")) as { type?: unknown; name?: unknown; facts?: unknown };
    const { type, name, facts } = leaf;
    if (type !== "event" || typeof name !== "string" || typeof facts !== "object" || facts === null) continue;
    if (([STAMP_EVENT, GAP_EVENT, BACK_EVENT] as string[]).includes(name)) {
      found.push({ index, name, facts: facts as Record<string, unknown> });
    }
  }
  return found;
}

export const GAP_EVENT = "timestamp.gap";
export const BACK_EVENT = "timestamp.back";
