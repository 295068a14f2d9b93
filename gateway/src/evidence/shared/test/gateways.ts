/** Gateways that write one log together: a database on a real PostgreSQL server, a shared folder, and a folder of keys for each. */

import { cpSync, mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { Secret } from "../../../core/secret.ts";
import { MIGRATIONS } from "../../../server/control.ts";
import { openDatabase } from "../../../server/database.ts";
import { sessionLock } from "../../../server/database/session-lock.ts";
import { type EvidenceLog, FolderFiles, openSharedEvidence, type SharedFiles } from "../../index.ts";
import type { SharedEvidenceOptions } from "../log.ts";
import { NOW, ORIGIN, afterTest, temporaryFolder } from "../../test/opened.ts";

export interface Together {
  /** Of the database. */
  readonly url: Secret;
  readonly folder: string;
  /** One more gateway, with the keys of the first. Closed after the test. */
  readonly open: (options?: Partial<SharedEvidenceOptions>) => Promise<EvidenceLog>;
}

export function together(url: Secret, files?: SharedFiles): Together {
  const root = temporaryFolder();
  const folder = join(root, "shared");
  mkdirSync(folder);
  let first: string | undefined;
  return {
    url,
    folder,
    async open(options = {}) {
      const dir = options.dir ?? mkdtempSync(join(root, "gateway-"));
      if (first !== undefined && options.dir === undefined) cpSync(join(first, "keys"), join(dir, "keys"), { recursive: true });
      const database = await openDatabase({ dir, url, migrations: MIGRATIONS, clock: Date.now, onFault: () => undefined });
      const log = await openSharedEvidence({
        dir,
        origin: ORIGIN,
        clock: () => NOW,
        checkpointIntervalMs: 20,
        database: database.sql,
        lock: sessionLock,
        files: files ?? new FolderFiles(folder),
        closed: () => database.close(),
        ...options,
      });
      first ??= dir;
      afterTest(() => log.close());
      return log;
    },
  };
}
