/**
 * The log that this gateway writes: its own, or that of all gateways of the database. Alone knows that there are two kinds.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { EvidenceConfig } from "../config/config.ts";
import { SluiceError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import {
  type EvidenceLog,
  type EvidenceOptions,
  FolderFiles,
  openEvidence,
  openSharedEvidence,
  S3Files,
  SHARED_MARK,
  type SharedFiles,
} from "../evidence/index.ts";
import { MIGRATIONS } from "./control.ts";
import { openDatabase } from "./database.ts";
import { sessionLock } from "./database/session-lock.ts";

export interface LogPlace {
  readonly evidence: EvidenceConfig;
  /** `database.url`. */
  readonly url: Secret | undefined;
}

/**
 * `alone`: fails with evidence_locked where another gateway has a shared log open; one that is of this gateway alone always does.
 * Throws what openEvidence and openSharedEvidence throw, and database_unavailable.
 */
export async function openLog(
  { evidence, url }: LogPlace,
  onFault: NonNullable<EvidenceOptions["onFault"]>,
  alone = false,
): Promise<EvidenceLog> {
  const { dir, origin, checkpointIntervalMs, pack, shared } = evidence;
  const options = { dir, origin, clock: Date.now, checkpointIntervalMs, onFault };
  if (shared === undefined) {
    if (!existsSync(join(dir, SHARED_MARK))) return openEvidence({ ...options, pack });
    throw new SluiceError(
      "config_invalid",
      `${dir} belongs to a gateway of a shared log, whose keys must not sign another one: put evidence.shared back, or take ` +
        "another evidence.dir and another evidence.origin (docs/deployment.md)",
    );
  }
  // A pool of its own: what the control plane does with the database holds up no record.
  const database = await openDatabase({ dir, url, migrations: MIGRATIONS, clock: Date.now, onFault });
  return openSharedEvidence({
    ...options,
    alone,
    database: database.sql,
    lock: sessionLock,
    files: filesOf(shared),
    closed: () => database.close(),
  });
}

function filesOf(shared: NonNullable<EvidenceConfig["shared"]>): SharedFiles {
  if (shared.kind === "s3") return new S3Files(shared);
  if (existsSync(shared.dir)) return new FolderFiles(shared.dir);
  throw new SluiceError(
    "config_invalid",
    `the folder ${shared.dir} of evidence.shared is not there; is it mounted? It is not made, since files in the wrong place help nobody`,
  );
}
