/** Data subjects on a real database, under real keys of epochs, with a clock and a log that a test can turn. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EpochKeys } from "../../core/epoch-keys.ts";
import type { SluiceError } from "../../core/errors.ts";
import type { ControlEvent } from "../../core/event.ts";
import type { Secret } from "../../core/secret.ts";
import type { SubjectKey } from "../../core/subjects.ts";
import { Custody } from "../../custody/index.ts";
import { type Database, openDatabase } from "../../server/database.ts";
import { openSubjects, type Subjects } from "../index.ts";
import { subjectMigrations } from "../migrations.ts";

export const DAY_MS = 86_400_000;
export const EPOCH_MS = 30 * DAY_MS;
export const BACKUPS_MS = 30 * DAY_MS;

export interface TestSubjects extends Subjects {
  readonly database: Database;
  readonly epochKeys: EpochKeys;
  readonly dir: string;
  readonly faults: string[];
}

/** One machine room: a folder, a log and a clock, in which gateways are opened and closed. */
export class Room {
  readonly dir = mkdtempSync(join(tmpdir(), "sluice-subjects-"));
  readonly events: ControlEvent[] = [];
  now = Date.UTC(2026, 10, 22);
  readonly #closers: (() => Promise<void>)[] = [];

  /** `name`: of the gateway; `dir`: where it keeps its files, as another machine would. */
  async open({
    url,
    name = "one",
    dir = this.dir,
  }: {
    url?: Secret | undefined;
    name?: string;
    dir?: string;
  } = {}): Promise<TestSubjects> {
    const clock = (): number => this.now;
    const faults: string[] = [];
    const onFault = (error: SluiceError): unknown => faults.push(error.code);
    const database = await openDatabase({ dir, url, migrations: subjectMigrations, clock, onFault });
    const custody = new Custody(clock);
    const settings = {
      dir: join(dir, "custody"),
      refreshMs: DAY_MS,
      keepMs: DAY_MS,
      cacheMs: 60_000,
      root: { provider: "file", path: join(dir, "custody", "root.key") },
      aws: {},
    } as const;
    const record = (event: ControlEvent) => Promise.resolve({ index: this.events.push(event) - 1 });
    const epochKeys = custody.epochs(() => settings, {
      record,
      epochMs: () => EPOCH_MS,
      onFault,
    });
    const events = this.events;
    try {
      const subjects = await openSubjects({
        dir,
        database,
        alone: url === undefined,
        epochKeys,
        record,
        keyDestroyed: () => Promise.resolve(),
        log: {
          minimum: 0,
          get published() {
            return events.length;
          },
          async *entries(from, to = events.length) {
            for (const event of events.slice(from, to)) {
              yield { bytes: Buffer.from(JSON.stringify({ ...event, type: "event" })) };
            }
          },
        },
        settings: () => ({ gateway: name, backupsMs: BACKUPS_MS, region: "DE", stripTags: true }),
        clock,
        random: randomBytes,
        onFault,
      });
      const close = once(async () => {
        await subjects.close();
        await custody.close();
        await database.close();
      });
      this.#closers.push(close);
      return { ...subjects, close, database, epochKeys, dir, faults };
    } catch (thrown) {
      await custody.close();
      await database.close();
      throw thrown;
    }
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0)) await close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

export const email = (value: string) => ({ type: "EMAIL", value });

/** Id and a copy of the key. */
export async function keyFor({ keys }: Subjects, value: string): Promise<{ id: string; key: string }> {
  const [found] = await keys.keysFor([email(value)]);
  return copied(found);
}

export function copied(found: SubjectKey | undefined): { id: string; key: string } {
  if (found === undefined) throw new Error("assertion: a key");
  return { id: found.id, key: Buffer.from(found.key).toString("hex") };
}

/** Paths of the files in a folder that hold these bytes. */
export function filesWith(dir: string, bytes: Uint8Array): string[] {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .map((path) => join(dir, path))
    .filter((path) => statSync(path).isFile() && readFileSync(path).includes(bytes));
}
