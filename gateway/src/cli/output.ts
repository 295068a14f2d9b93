/**
 * Where a verb's result goes: stdout, or a file that is either there as a whole or not at all. A file is written beside its
 * place under a name of its own and moved there when it is complete, and never over another one unless that was asked for.
 */
import { randomBytes } from "node:crypto";
import { unlinkSync } from "node:fs";
import { type FileHandle, link, lstat, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CliError, EXIT, systemCode } from "./exit.ts";

export interface Output {
  /** Waits while the reader is slow. False: the reader has left, and nothing more is wanted. */
  write(text: string | Uint8Array): Promise<boolean>;
  /** All is written: now it may be seen. */
  commit(): Promise<void>;
  /** Leaves nothing behind of a file that was not committed. */
  discard(): Promise<void>;
}

export interface FileOptions {
  /** Takes the place of a file that is there. */
  readonly force: boolean;
  /** Access rights; default what the user's umask gives. */
  readonly mode?: number;
}

export function stdoutOutput(): Output {
  const { stdout } = process;
  const left = (): boolean => stdout.destroyed || stdout.errored !== null;
  return {
    async write(text) {
      if (left()) return false;
      if (!stdout.write(text)) {
        await new Promise<void>((resolve) => {
          const done = (): void => {
            for (const event of EVENTS) stdout.off(event, done);
            resolve();
          };
          for (const event of EVENTS) stdout.once(event, done);
        });
      }
      return !left();
    },
    commit: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}

const EVENTS = ["drain", "close", "error"] as const;

/** Throws a CliError (2) when `path` is there and may not be replaced, (3) when it cannot be written. */
export async function fileOutput(path: string, { force, mode = 0o666 }: FileOptions): Promise<Output> {
  if (!force) await refuseExisting(path);
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.part`);
  const handle = await said(path, () => open(draft, "wx", mode));
  keepTrack(draft);
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await handle.close();
  };
  return {
    async write(text) {
      await said(path, () => writeAll(handle, text));
      return true;
    },
    async commit() {
      await said(path, async () => {
        await handle.sync();
        await close();
        await (force ? rename(draft, path) : moveToFree(draft, path));
      });
      drafts.delete(draft);
    },
    async discard() {
      if (!drafts.delete(draft)) return;
      await close();
      await unlink(draft);
    },
  };
}

/** Writes a small file at once. Throws as `fileOutput` does. */
export async function writeWhole(path: string, text: string, options: FileOptions): Promise<void> {
  const output = await fileOutput(path, options);
  try {
    await output.write(text);
    await output.commit();
  } finally {
    await output.discard();
  }
}

/** Throws a CliError (2) when there is something at `path`. */
export async function refuseExisting(path: string): Promise<void> {
  try {
    await lstat(path);
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT") return;
    throw cannotWrite(path, thrown);
  }
  throw exists(path);
}

async function writeAll(handle: FileHandle, text: string | Uint8Array): Promise<void> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
}

/** A link fails where a file has come to be in the meantime; a rename would replace it. */
async function moveToFree(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (thrown) {
    if (systemCode(thrown) === "EEXIST") throw exists(path);
    // This file system has no links.
    await refuseExisting(path);
    await rename(draft, path);
    return;
  }
  await unlink(draft);
}

async function said<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw cannotWrite(path, thrown);
  }
}

function exists(path: string): CliError {
  return new CliError(EXIT.usage, "file_exists", `${path} is there already; --force replaces it`);
}

function cannotWrite(path: string, thrown: unknown): unknown {
  const code = systemCode(thrown);
  return code === undefined ? thrown : new CliError(EXIT.environment, code, `cannot write ${path} (${code})`);
}

/** Files that are not complete. A signal must not leave them behind: they may hold personal data. */
const drafts = new Set<string>();
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
let watching = false;

function keepTrack(draft: string): void {
  drafts.add(draft);
  if (watching) return;
  watching = true;
  for (const signal of SIGNALS) {
    process.once(signal, () => {
      for (const each of drafts) unlinkSync(each);
      process.kill(process.pid, signal);
    });
  }
}
