/**
 * What the log says was destroyed is destroyed again: a restore may have brought old keys back. How far the log was read stands in the
 * database, so that a restored database is followed by the reading of all that happened since. The log is the list of the dead; it
 * is never restored over.
 */
import type { EpochKeys } from "../core/epoch-keys.ts";
import { SluiceError } from "../core/errors.ts";
import type { SubjectRows } from "./rows.ts";

/** Of the evidence log's. */
export interface LogToReplay {
  readonly published: number;
  /** Entries below it were pruned. */
  readonly minimum: number;
  entries(from: number, to?: number): AsyncIterable<{ readonly bytes: Buffer }>;
}

export interface ReplayOptions {
  readonly log: LogToReplay;
  readonly rows: SubjectRows;
  readonly epochKeys: Pick<EpochKeys, "versions" | "forget">;
  readonly gateway: string;
  /** What was deleted leaves the files of the database. */
  readonly scrubFreed: () => Promise<void>;
  /** Told of every key that is destroyed. */
  readonly keyDestroyed: (version: number) => Promise<void>;
}

/** As the canonical JSON of an event has it; only entries with it are parsed. */
const NAME = Buffer.from('"name":"key.destroyed"');
const TARGET = /^subjects\/([1-9]\d{0,5})$/;

/** Returns the versions of keys that came back and are gone again. Throws key_unknown when rows need a key that is not there. */
export async function replayDestroyed(options: ReplayOptions): Promise<readonly number[]> {
  const { log, rows, epochKeys, gateway, scrubFreed, keyDestroyed } = options;
  const there = new Set((await epochKeys.versions()).map(({ version }) => version));
  // Where no key is there is none to destroy, and no reason to read the log.
  if (there.size > 0) await readOn(log, rows, gateway);
  const destroyed = await rows.destroyedKeys();
  const back = destroyed.filter((version) => there.has(version));
  for (const version of back) await epochKeys.forget(version);
  for (const version of destroyed) await keyDestroyed(version);
  // Rows that a restore brought back and that nothing opens any more.
  if (await rows.dropUnder(destroyed)) await scrubFreed();
  const newest = Math.max(0, ...[...there].filter((version) => !back.includes(version)));
  const used = await rows.newestUsed();
  if (used <= newest) return back;
  // The next key would get the number of one that is lost, and nobody could tell what was under which.
  throw new SluiceError(
    "key_unknown",
    `keys of data subjects are wrapped under subjects/${used}, which is not here; restore keys/subjects-${used}.json from the ` +
      "backup of custody.dir, or from the gateway that made it; docs/subjects.md says what to do when it is lost",
  );
}

async function readOn(log: LogToReplay, rows: SubjectRows, gateway: string): Promise<void> {
  const end = log.published;
  const from = await rows.replayed(gateway);
  // A log that is shorter than it was is another log, or its loss is somebody else's alarm: it is read from its beginning.
  for await (const { bytes } of log.entries(Math.max(from <= end ? from : 0, log.minimum), end)) {
    const version = bytes.includes(NAME) ? destroyedIn(bytes) : undefined;
    if (version !== undefined) await rows.keyDestroyed(version);
  }
  await rows.keepReplayed(gateway, end);
}

function destroyedIn(bytes: Buffer): number | undefined {
  const leaf: unknown = JSON.parse(bytes.toString("utf8"));
  if (typeof leaf !== "object" || leaf === null || !("type" in leaf) || leaf.type !== "event") return undefined;
  if (!("name" in leaf) || leaf.name !== "key.destroyed" || !("target" in leaf)) return undefined;
  const [, version] = TARGET.exec(String(leaf.target)) ?? [];
  return version === undefined ? undefined : Number(version);
}
