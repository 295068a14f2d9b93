/**
 * The parts that feed or read the evidence beside the log itself, opened in the order in which they need one another once log,
 * custody and database are there, and closed the other way round. It decides nothing; compose.ts joins it to the data plane.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Config } from "../config/load.ts";
import type { EpochKeys } from "../core/epoch-keys.ts";
import type { SluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { Custody } from "../custody/index.ts";
import type { EvidenceLog } from "../evidence/index.ts";
import { Exports } from "../export/index.ts";
import { ExportStore } from "../export/store.ts";
import { addressRefusal, checkedLookup } from "../protocols/http/address.ts";
import { openSubjects, type Subjects } from "../subjects/index.ts";
import type { Database } from "./database.ts";
import { SharedKeys } from "./database/shared-keys.ts";
import { VERSION } from "./version.ts";

export interface EvidencePartsOptions {
  readonly config: Config;
  readonly log: EvidenceLog;
  readonly record: RecordEvent;
  readonly custody: Custody;
  readonly epochKeys: EpochKeys;
  readonly database: Pick<Database, "sql" | "wakeups" | "scrubFreed">;
  /** What goes wrong in the background; it must not throw. `what` says what does not happen meanwhile. */
  readonly onFault: (error: SluiceError, what: string) => void;
}

export interface EvidenceParts {
  readonly subjects: Subjects;
  readonly exports: Exports;
  /** Puts another configuration in force. */
  configure(config: Config): void;
  close(): Promise<void>;
}

export async function openEvidenceParts(options: EvidencePartsOptions): Promise<EvidenceParts> {
  const opened: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of opened.splice(0).reverse()) await each();
  };
  try {
    // Each part opens here, and says how it closes.
    // Last, so that what the others put on the log at their end is not sent while they close.
    const exports = openExports(options);
    opened.push(() => exports.close());
    return {
      exports,
      configure(config) {
        exports.configure(config.export);
      },
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

function openExports({ config, log, record, database, onFault }: EvidencePartsOptions): Exports {
  return new Exports({
    settings: config.export,
    log,
    origin: config.evidence.origin,
    minimum: () => 0,
    stamps: () => Promise.resolve([]),
    store: new ExportStore(database.sql),
    record,
    clock: Date.now,
    version: VERSION,
    addresses: { lookup: checkedLookup, refusal: addressRefusal },
    onFault: (error) => onFault(error, "evidence is not sent on meanwhile; it is when the destination is back"),
  });
}
