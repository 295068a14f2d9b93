/** What tests of this room share: a log that grows when told, a database, addresses that are all allowed, and waiting. */
import { tmpdir } from "node:os";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ControlEvent, RecordEvent } from "../../core/event.ts";
import type { SluiceError } from "../../core/errors.ts";
import { openDatabase } from "../../server/database.ts";
import type { Secret } from "../../core/secret.ts";
import type { AddressCheck } from "../http.ts";
import { exportMigrations } from "../migrations.ts";
import type { ExportLog, PumpTimes } from "../pump.ts";
import { ExportStore } from "../store.ts";
import { addressRefusal, checkedLookup } from "../../protocols/http/address.ts";
import { entryOf } from "./leaves.ts";

/** The gateway's own. */
export const ADDRESSES: AddressCheck = { lookup: checkedLookup, refusal: addressRefusal };

export const FAST: PumpTimes = {
  backoffMs: 20,
  backoffMsMax: 100,
  awayMs: 100,
  quietMs: 60_000,
  leaseMs: 600,
  saveMs: 20,
};

export class GrowingLog implements ExportLog {
  minimum = 0;
  readonly #entries: Buffer[] = [];
  readonly #listeners = new Set<() => void>();
  readonly files = new Map<string, Buffer>();

  get published(): number {
    return this.#entries.length;
  }

  onPublished(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Denials that say their own index. */
  grow(count: number): void {
    for (let at = 0; at < count; at++)
      this.#entries.push(entryOf({ type: "denial", code: "test", bytes: this.#entries.length }));
    for (const listener of this.#listeners) listener();
  }

  add(event: ControlEvent): number {
    this.#entries.push(entryOf({ type: "event", ...event }));
    const index = this.#entries.length - 1;
    // A checkpoint comes later than the record.
    setTimeout(() => {
      for (const listener of this.#listeners) listener();
    }, 5);
    return index;
  }

  async *entries(from: number, to: number): AsyncGenerator<{ index: number; bytes: Uint8Array }> {
    for (let index = from; index < to; index++) yield { index, bytes: this.#entries[index] as Buffer };
  }

  async file(path: string): Promise<{ body: Uint8Array } | undefined> {
    const body = this.files.get(path);
    return body === undefined ? undefined : { body };
  }
}

export interface Scene {
  readonly log: GrowingLog;
  readonly store: ExportStore;
  readonly events: ControlEvent[];
  readonly faults: SluiceError[];
  /** Puts events on the log too. */
  readonly record: RecordEvent;
  close(): Promise<void>;
}

export async function openScene(url?: Secret): Promise<Scene> {
  const dir = mkdtempSync(join(tmpdir(), "sluice-export-"));
  const faults: SluiceError[] = [];
  const database = await openDatabase({
    dir,
    url,
    migrations: exportMigrations,
    clock: Date.now,
    onFault: (error) => faults.push(error),
  });
  const log = new GrowingLog();
  const events: ControlEvent[] = [];
  return {
    log,
    store: new ExportStore(database.sql),
    events,
    faults,
    record: async (event) => {
      events.push(event);
      return { index: log.add(event) };
    },
    async close() {
      await database.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
