/**
 * The log is the list of those who were erased. Before anything is opened that could give a key away, what its entries beyond the
 * database's cursor say was destroyed is destroyed again, so that a database from a backup brings nobody back. What was placed under a
 * legal hold since comes back too: whom it named is not known any more, so that it covers everybody until it is released.
 */
import { SluiceError } from "../core/errors.ts";
import type { ErasureSettings } from "../core/rights.ts";
import type { KeyDestruction, SubjectId } from "../core/subjects.ts";
import type { ErasureStore } from "./erasure-store.ts";
import type { LoggedHolds } from "./holds.ts";
import type { LogReader } from "./records.ts";

export interface ReplayOptions {
  readonly store: ErasureStore;
  readonly holds: LoggedHolds;
  readonly log: Pick<LogReader, "published" | "minimum" | "entries">;
  readonly keys: Pick<KeyDestruction, "destroy">;
  readonly settings: () => Pick<ErasureSettings, "sinks">;
  readonly clock: () => number;
}

/** Events that are read again here. */
export const ERASED = "subject.erased";
export const SETTLED = "erasure.settled";

/** As the canonical JSON of an event has it. */
const HOLDS = '"name":"hold.';

/** So often it is remembered how far this has come. */
const PROGRESS_ENTRIES = 100_000;

/**
 * Returns how many erasures the database had not known. Rejects with evidence_unavailable, database_unavailable, and database_older for
 * one from before the first entry that the log still has: then nothing may be opened.
 */
export async function replayErasures(options: ReplayOptions): Promise<number> {
  const { store, log, keys, holds, clock } = options;
  const to = log.published;
  await checkAge(store, log);
  const from = Math.min(Math.max(await store.cursor(), log.minimum), to);
  let unknown = 0;
  for await (const { index, bytes } of log.entries(from, to)) {
    if (index > from && index % PROGRESS_ENTRIES === 0) await store.advance(index, clock());
    if (![ERASED, SETTLED, HOLDS].some((name) => bytes.includes(name))) continue;
    const event = eventFrom(bytes);
    if (event?.name === ERASED) {
      // Whoever has another name, or another log, reads it from its beginning: what this database has seen done is done in it.
      if ((await store.read(event.target))?.destroyedAt !== undefined) continue;
      await keys.destroy(event.ids);
      if (await restore(options, event, index)) unknown += 1;
    } else if (event?.name === SETTLED) {
      await restoreSinks(store, event);
    } else if (event?.name.startsWith("hold.") === true) {
      await holds.heard(event, clock());
    }
  }
  await store.advance(to, clock());
  return unknown;
}

/** Who was erased since, and stands in entries that retention has deleted, nobody can tell. */
async function checkAge(store: ErasureStore, log: ReplayOptions["log"]): Promise<void> {
  const toldAt = log.minimum === 0 || log.minimum >= log.published ? undefined : await store.toldAt();
  if (toldAt === undefined) return;
  for await (const { bytes } of log.entries(log.minimum, log.minimum + 1)) {
    const { time } = JSON.parse(bytes.toString("utf8")) as { readonly time?: string };
    if (time === undefined || !(toldAt < Date.parse(time))) continue;
    throw new SluiceError(
      "database_older",
      `the database is of ${new Date(toldAt).toISOString()}, and the log begins later: who was erased in between would come back. ` +
        "Put back a newer backup of it, or none (docs/erasure.md)",
    );
  }
}

/** Of an erasure that only the log knows. Its sinks cannot be called: who it was is not known any more. */
async function restore({ store, settings, clock }: ReplayOptions, event: LoggedEvent, index: number): Promise<boolean> {
  const { facts, target: id, time } = event;
  const recordedAt = Date.parse(time);
  const known = await store.read(id);
  if (known !== undefined) {
    // The crash came between the log and the database, or an older copy of it was put back.
    if (known.state === "opened") await store.step(id, "opened", "recorded", { evidence: index, recordedAt });
    return false;
  }
  return store.restore({
    erasure: {
      id,
      state: "recorded",
      ids: event.ids,
      reference: textOf(facts["reference"]) ?? "-",
      basis: textOf(facts["basis"]) ?? "-",
      requestedBy: event.actor,
      records: typeof facts["records"] === "number" ? facts["records"] : 0,
      datasets: textsOf(facts["datasets"]),
      gateways: [],
      createdAt: Date.parse(textOf(facts["received"]) ?? time),
      recordedAt,
      evidence: index,
      restored: true,
      hasCertificate: false,
    },
    sinks: settings().sinks.map(({ name, kind }) => ({
      sink: name,
      kind,
      state: "residual",
      attempts: 0,
      at: clock(),
      reason: "identifiers_lost",
    })),
    tags: [],
    tagsUntil: 0,
  });
}

/** What sinks had said before the older database was put back. */
async function restoreSinks(store: ErasureStore, { target: id, facts }: LoggedEvent): Promise<void> {
  const known = await store.read(id);
  if (known?.restored !== true || known.hasCertificate) return;
  for (const state of ["acknowledged", "residual", "expires"] as const) {
    for (const said of textsOf(facts[state])) {
      const [sink = "", at = ""] = said.split(" ");
      await store.restoreSink(id, sink, state, Date.parse(at));
    }
  }
}

export interface LoggedEvent {
  readonly name: string;
  readonly target: string;
  readonly actor: string;
  readonly time: string;
  readonly ids: readonly SubjectId[];
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Undefined for what only mentions such a name. */
function eventFrom(bytes: Buffer): LoggedEvent | undefined {
  const leaf = JSON.parse(bytes.toString("utf8")) as Readonly<Record<string, unknown>>;
  const [name, target, time] = [textOf(leaf["name"]), textOf(leaf["target"]), textOf(leaf["time"])];
  if (leaf["type"] !== "event" || name === undefined || target === undefined || time === undefined) return undefined;
  const facts = (leaf["facts"] ?? {}) as Readonly<Record<string, unknown>>;
  return { name, target, time, actor: textOf(leaf["actor"]) ?? "", ids: textsOf(facts["ids"]), facts };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
}
