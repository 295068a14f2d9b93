/** What the log says of recordings: where the one of an exchange begins, and how it ended. */
import { SluiceError } from "../core/errors.ts";
import type { RecordingEnd, RecordingMark } from "../core/recording.ts";

/** The part of the log that this room reads. */
export interface IntentLog {
  /** Durable records. */
  readonly size: number;
  readonly published: number;
  /** Entries below it were pruned. */
  readonly minimum: number;
  entries(from: number, to?: number): AsyncIterable<{ readonly index: number; readonly bytes: Buffer }>;
}

/** Leaves that are looked through for an outcome. */
const LOOKED_THROUGH_MAX = 1_000_000;

export interface IntentLeaf {
  readonly recording?: RecordingMark;
}

/** Undefined when it is no intent. Rejects with evidence_unknown when it is not published (yet). */
export async function leafOf(log: IntentLog, index: number): Promise<IntentLeaf | undefined> {
  if (!Number.isSafeInteger(index) || index < 0 || index >= log.published)
    throw new SluiceError("evidence_unknown", `no entry with this id; ids are decimal numbers below ${log.published}`);
  for await (const { bytes } of log.entries(index, index + 1)) return intentOf(bytes);
  return undefined;
}

export function intentOf(bytes: Buffer): IntentLeaf | undefined {
  const leaf = JSON.parse(bytes.toString("utf8")) as { readonly type?: string } & IntentLeaf;
  return leaf.type === "intent" ? leaf : undefined;
}

/** Undefined while there is none. */
export async function outcomeAfter(
  log: IntentLog,
  intent: number,
): Promise<{ readonly index: number; readonly recording?: RecordingEnd } | undefined> {
  const to = Math.min(log.published, intent + LOOKED_THROUGH_MAX);
  const says = `"intent":${intent},`;
  for await (const { index, bytes } of log.entries(intent + 1, Math.max(intent + 1, to))) {
    if (!bytes.includes(says)) continue;
    const leaf = JSON.parse(bytes.toString("utf8")) as { type?: string; intent?: number; recording?: RecordingEnd };
    if (leaf.type !== "outcome" || leaf.intent !== intent) continue;
    return { index, ...(leaf.recording === undefined ? undefined : { recording: leaf.recording }) };
  }
  return undefined;
}
