/**
 * One process writes a log. The lock is the operating system's own, taken through SQLite's on the file `lock`: the kernel
 * drops it when the process dies, however it dies, so there is no stale lock and no takeover to get wrong. A process id in a
 * file could not promise that: two containers that share a volume both are process 1. `lock-holder.json` tells a person who
 * holds the lock (process id and start time) and decides nothing. Does not protect a folder on a network file system whose
 * locks do not reach the other machine.
 */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SluiceError } from "../core/errors.ts";
import { type Disk, replaceFile } from "./disk.ts";

export interface Lock {
  release(): void;
}

/** Throws evidence_locked when another process, or this one, has the log open. */
export async function takeLock(disk: Disk, dir: string, now: number): Promise<Lock> {
  const holderPath = join(dir, "lock-holder.json");
  const database = new DatabaseSync(join(dir, "lock"), { timeout: 0 });
  try {
    // Nothing is ever written to this database, so it needs no journal file.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new SluiceError(
      "evidence_locked",
      `another process has this evidence log open${await describe(disk, holderPath)}`,
    );
  }
  try {
    const holder = { pid: process.pid, started: new Date(now - process.uptime() * 1000).toISOString() };
    await replaceFile(disk, join(dir, `lock-holder.${String(process.pid)}`), {
      path: holderPath,
      bytes: Buffer.from(`${JSON.stringify(holder)}\n`),
      permissions: 0o644,
      durable: false,
    });
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    release: () => {
      database.close();
    },
  };
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}

async function describe(disk: Disk, path: string): Promise<string> {
  const text = (await disk.readFile(path))?.toString("utf8");
  const match = text === undefined ? null : /^\{"pid":([0-9]+),"started":"([0-9TZ:.-]+)"\}\n$/.exec(text);
  return match === null ? "" : ` (process ${String(match[1])}, started ${String(match[2])})`;
}
