/**
 * Files that hold keys or sealed values: mode 0600 in folders of mode 0700, whole or not there at all, durable when the
 * promise resolves. Errors name the path and the system's code, never what is in the file.
 */
import { randomBytes } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { SluiceError } from "../core/errors.ts";

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** False when there is a file of this name already: it is left as it is. Of many that try at once one succeeds. */
export function createFile(path: string, bytes: Uint8Array): Promise<boolean> {
  return withNew(path, bytes, async (fresh) => {
    try {
      // Unlike a rename, a link never takes the place of a file.
      await link(fresh, path);
    } catch (thrown) {
      if (codeOf(thrown) === "EEXIST") return false;
      throw thrown;
    } finally {
      await unlink(fresh);
    }
    return true;
  });
}

/** In one step: a reader sees the old file or the new one. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  await withNew(path, bytes, async (fresh) => {
    await rename(fresh, path);
  });
}

/**
 * Overwrites, then removes; no error when there is none. Where a disk or a file system writes elsewhere than it was told, the old
 * bytes are left for it to reuse.
 */
export async function destroyFile(path: string): Promise<void> {
  try {
    const file = await open(path, "r+");
    try {
      const { size } = await file.stat();
      await file.write(randomBytes(size), 0, size, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await unlink(path);
    await syncNames(dirname(path));
  } catch (thrown) {
    if (codeOf(thrown) !== "ENOENT") throw unavailable(path, thrown);
  }
}

/** Undefined when there is none. */
export async function readWhole(path: string, bytesMax: number): Promise<Buffer | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return undefined;
    throw unavailable(path, thrown);
  }
  if (bytes.length > bytesMax) throw new SluiceError("key_unavailable", `${path} is larger than ${bytesMax} bytes`);
  return bytes;
}

/** Sorted; none when there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return [];
    throw unavailable(folder, thrown);
  }
}

async function withNew<T>(path: string, bytes: Uint8Array, place: (fresh: string) => Promise<T>): Promise<T> {
  const folder = dirname(path);
  const fresh = `${path}.${randomBytes(6).toString("hex")}.new`;
  try {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    const file = await open(fresh, "wx", FILE_MODE);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    const result = await place(fresh);
    await syncNames(folder);
    return result;
  } catch (thrown) {
    throw unavailable(path, thrown);
  }
}

/** Makes the names in a folder durable. Windows has no such call and needs none. */
async function syncNames(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const names = await open(folder, "r");
  try {
    await names.sync();
  } finally {
    await names.close();
  }
}

function unavailable(path: string, thrown: unknown): SluiceError {
  return new SluiceError("key_unavailable", `${path}: ${codeOf(thrown) ?? "cannot be used"}`, { cause: thrown });
}

export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
}
