/** Gateways that write one log together: a database on a real PostgreSQL server, a shared folder, and a folder of keys for each. */

import { cpSync, mkdirSync, mkdtempSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Source } from "@sluice/verifier";
import pg from "pg";
import type { Secret } from "../../../core/secret.ts";
import { MIGRATIONS } from "../../../server/control.ts";
import { openDatabase } from "../../../server/database.ts";
import { sessionLock } from "../../../server/database/session-lock.ts";
import { type EvidenceLog, FolderFiles, openSharedEvidence, type SharedFiles } from "../../index.ts";
import type { SharedEvidenceOptions } from "../log.ts";
import { type Disk, realDisk } from "../../disk.ts";
import { NOW, ORIGIN, afterTest, temporaryFolder } from "../../test/opened.ts";

export interface Together {
  /** The folder of the first gateway, once it was opened. */
  readonly first: () => string;
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
    first: () => first ?? "",
    async open(options = {}) {
      const dir = options.dir ?? mkdtempSync(join(root, "gateway-"));
      if (first !== undefined && options.dir === undefined)
        cpSync(join(first, "keys"), join(dir, "keys"), { recursive: true });
      const database = await openDatabase({
        dir,
        url,
        migrations: MIGRATIONS,
        clock: Date.now,
        onFault: () => undefined,
      });
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

/** A folder with the keys of the first gateway. */
export function keysFrom(gateways: Together): string {
  const dir = temporaryFolder();
  cpSync(join(gateways.first(), "keys"), join(dir, "keys"), { recursive: true });
  return dir;
}

/** The shared files as a static web server would serve them. */
export function filesIn(folder: string): Source {
  return {
    read: (path) =>
      readFile(join(folder, path)).catch((error: unknown) => {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      }),
  };
}

/** The first value of the first row, as a number. */
export async function valueOf(url: Secret, statement: string): Promise<number | undefined> {
  const client = new pg.Client(url.reveal());
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement);
    const [value] = Object.values(rows[0] ?? {});
    return value === undefined || value === null ? undefined : Number(value);
  } finally {
    await client.end();
  }
}

/** A disk on which one file is read, or put in its place, when it is told to go on and not before. */
export class HangingDisk implements Disk {
  hang: { readonly when: "readFile" | "rename"; readonly path: RegExp } | undefined;
  readonly #released = Promise.withResolvers<void>();
  readonly #hanging = Promise.withResolvers<void>();
  readonly open = realDisk.open;
  readonly remove = realDisk.remove;
  readonly makeFolder = realDisk.makeFolder;
  readonly list = realDisk.list;
  readonly syncFolder = realDisk.syncFolder;

  /** Resolves when somebody waits. */
  get hanging(): Promise<void> {
    return this.#hanging.promise;
  }

  release(): void {
    this.#released.resolve();
  }

  async readFile(path: string): Promise<Buffer | undefined> {
    await this.#wait("readFile", path);
    return realDisk.readFile(path);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#wait("rename", to);
    return realDisk.rename(from, to);
  }

  async #wait(when: "readFile" | "rename", path: string): Promise<void> {
    if (this.hang?.when !== when || !this.hang.path.test(path)) return;
    this.hang = undefined;
    this.#hanging.resolve();
    await this.#released.promise;
  }
}
