/**
 * The parts that feed or read the evidence beside the log itself, opened in the order in which they need one another once log,
 * custody and database are there, and closed the other way round. It decides nothing; compose.ts joins it to the data plane.
 */
import type { Config } from "../config/load.ts";
import type { SluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { Custody } from "../custody/index.ts";
import type { EvidenceLog } from "../evidence/index.ts";
import type { Database } from "./database.ts";

export interface EvidencePartsOptions {
  readonly config: Config;
  readonly log: EvidenceLog;
  readonly record: RecordEvent;
  readonly custody: Custody;
  readonly database: Pick<Database, "sql" | "wakeups">;
  /** What goes wrong in the background; it must not throw. `what` says what does not happen meanwhile. */
  readonly onFault: (error: SluiceError, what: string) => void;
}

export interface EvidenceParts {
  /** Puts another configuration in force. */
  configure(config: Config): void;
  close(): Promise<void>;
}

export async function openEvidenceParts(_options: EvidencePartsOptions): Promise<EvidenceParts> {
  const opened: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of opened.splice(0).reverse()) await each();
  };
  try {
    // Each part opens here, and says how it closes.
    return {
      configure() {
        // Parts that the configuration may change take it here.
      },
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}
