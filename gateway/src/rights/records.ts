/**
 * Exchanges that hold data about somebody, as the log tells of them. The index gives their places; what they were is read from the
 * log's own entries, whole bundles at a time, so that nothing is kept twice and nothing can say otherwise than the log.
 */
import { SluiceError } from "../core/errors.ts";
import type { Posting, SubjectId, SubjectIndex } from "../core/subjects.ts";

/** What this room needs of the log. */
export interface LogReader {
  /** Records that others may read and prove. */
  readonly published: number;
  /** The first entry that is still there: those before it were pruned. */
  readonly minimum: number;
  entries(from: number, to?: number): AsyncIterable<{ readonly index: number; readonly bytes: Buffer }>;
  /** The `.tlog-proof` of a record; waits for a checkpoint that covers it. */
  proof(index: number): Promise<string>;
}

/** An exchange, as its intent's leaf has it. */
export interface SubjectRecord {
  readonly index: number;
  /** Of its recording. */
  readonly place: number;
  /** The person's ids that it holds data under. */
  readonly ids: readonly SubjectId[];
  /** RFC 3339. */
  readonly time: string;
  readonly purpose: string;
  readonly dpv: string;
  readonly basis: string;
  readonly condition?: string;
  readonly connection: string;
  readonly recipient: { readonly id: string; readonly country: string };
  readonly endpoint: string;
  readonly model?: string;
  /** ISO 8601: how long what was sent and answered is kept. */
  readonly retention: string;
  /** Pseudonym of who sent it. */
  readonly principal: string;
  readonly action: string;
}

const BUNDLE_ENTRIES = 256;
/** Bundles that are read at a time. */
const READING_MAX = 8;

/** In the order of the log. What the log has pruned is not among them. */
export async function recordsOf(
  log: LogReader,
  index: Pick<SubjectIndex, "postings">,
  ids: readonly SubjectId[],
): Promise<readonly SubjectRecord[]> {
  const byRecord = new Map<number, Posting[]>();
  for (const posting of await index.postings(ids)) {
    const { record } = posting;
    // What is not published yet is so within a second, and cannot be proven before.
    if (record < log.minimum || record >= log.published) continue;
    const others = byRecord.get(record);
    if (others === undefined) byRecord.set(record, [posting]);
    else others.push(posting);
  }
  const wanted = [...byRecord.keys()].sort((a, b) => a - b);
  const leaves = await leavesAt(log, wanted);
  return wanted.flatMap((record) => {
    const postings = byRecord.get(record) ?? [];
    const leaf = leaves.get(record);
    return leaf === undefined ? [] : [recordFrom(leaf, record, postings)];
  });
}

/** Intents by their index; `wanted` ascends. */
async function leavesAt(log: LogReader, wanted: readonly number[]): Promise<ReadonlyMap<number, Leaf>> {
  const bundles = new Map<number, number[]>();
  for (const record of wanted) {
    const bundle = Math.floor(record / BUNDLE_ENTRIES);
    const others = bundles.get(bundle);
    if (others === undefined) bundles.set(bundle, [record]);
    else others.push(record);
  }
  const leaves = new Map<number, Leaf>();
  await inTurns([...bundles.values()], READING_MAX, async (records) => {
    const some = new Set(records);
    for await (const { index, bytes } of log.entries(records[0] ?? 0, (records.at(-1) ?? 0) + 1)) {
      const leaf = some.has(index) ? intentFrom(bytes) : undefined;
      if (leaf !== undefined) leaves.set(index, leaf);
    }
  });
  return leaves;
}

/** Works on all of them, on so many at a time. */
export async function inTurns<T>(all: readonly T[], atATime: number, work: (each: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < all.length) {
      const each = all[next++] as T;
      await work(each);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, all.length) }, worker));
}

type Leaf = Readonly<Record<string, unknown>>;

/** Undefined for a leaf of another kind. The log wrote it, so what is there is of the form that docs/evidence-format.md says. */
export function intentFrom(bytes: Buffer): Leaf | undefined {
  const leaf = JSON.parse(bytes.toString("utf8")) as Leaf;
  return leaf["type"] === "intent" ? leaf : undefined;
}

function recordFrom(leaf: Leaf, index: number, postings: readonly Posting[]): SubjectRecord {
  const { condition, model } = leaf as { condition?: string; model?: string };
  const text = (name: string): string => {
    const value = leaf[name];
    return typeof value === "string" ? value : "";
  };
  return {
    index,
    place: postings[0]?.place ?? 0,
    ids: [...new Set(postings.map(({ subject }) => subject))],
    time: text("time"),
    purpose: text("purpose"),
    dpv: text("dpv"),
    basis: text("basis"),
    ...(condition === undefined ? {} : { condition }),
    connection: text("connection"),
    recipient: leaf["recipient"] as SubjectRecord["recipient"],
    endpoint: text("endpoint"),
    ...(model === undefined ? {} : { model }),
    retention: text("retention"),
    principal: text("principal"),
    action: text("action"),
  };
}

/** The exact text of one entry. */
export async function entryText(log: Pick<LogReader, "entries">, index: number): Promise<string> {
  for await (const { bytes } of log.entries(index, index + 1)) return bytes.toString("utf8");
  throw new SluiceError("evidence_unknown", "the evidence log has no record of this index");
}
