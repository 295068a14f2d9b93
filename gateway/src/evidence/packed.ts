/**
 * Files that are finished and seldom read lie packed: `name.gz` in the place of `name`. A file is packed in steps of which each leaves
 * it readable: the packed one is durable, and was read back, before the other one is removed. Where both are there, the plain one
 * counts, and packing it again is no harm.
 */

import { dirname } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { corrupt } from "./corrupt.ts";
import { type Disk, isMissing, readWhole, replaceFile, withFile } from "./disk.ts";

export const PACKED_SUFFIX = ".gz";
/** A gzip file ends with the length of what is in it, modulo 2³². https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1 */
const LENGTH_BYTES = 4;
/** Of what is unpacked: a full bundle has at most 16 MiB, a segment its limit and one commit. */
const UNPACKED_BYTES_MAX = 512 * 1024 * 1024;

const gzipAsync = promisify(gzip);
const gunzipAsync = promisify(gunzip) as (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>;

export interface PackOptions {
  /** A free name on the same file system. */
  readonly temporary: string;
  readonly permissions: number;
}

/** Nothing happens when the plain file is not there. Rejects with the disk's error, evidence_corrupt when it reads back another. */
export async function packFile(disk: Disk, path: string, { temporary, permissions }: PackOptions): Promise<void> {
  const bytes = await disk.readFile(path);
  if (bytes === undefined) return;
  const packed = path + PACKED_SUFFIX;
  await replaceFile(disk, temporary, { path: packed, bytes: await gzipAsync(bytes), permissions, durable: true });
  if ((await unpack(disk, path))?.equals(bytes) !== true) {
    await disk.remove(packed);
    throw corrupt("a file did not read back as it was packed", {
      remedy: "check the disk and the memory of this machine",
    });
  }
  await disk.remove(path);
  await disk.syncFolder(dirname(path));
}

/** The whole file, packed or not; undefined when there is none. Rejects with evidence_corrupt when it does not unpack. */
export async function readPacked(disk: Disk, path: string): Promise<Buffer | undefined> {
  return (await disk.readFile(path)) ?? (await unpack(disk, path));
}

/** Length of what is in a file, packed or not. Rejects with the disk's error, also when there is none. */
export async function unpackedSize(disk: Disk, path: string): Promise<number> {
  try {
    return await withFile(disk, path, (file) => file.size());
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return withFile(disk, path + PACKED_SUFFIX, async (file) => {
    const length = Buffer.alloc(LENGTH_BYTES);
    await readWhole(file, length, LENGTH_BYTES, Math.max(0, (await file.size()) - LENGTH_BYTES));
    return length.readUInt32LE();
  });
}

async function unpack(disk: Disk, path: string): Promise<Buffer | undefined> {
  const bytes = await disk.readFile(path + PACKED_SUFFIX);
  if (bytes === undefined) return undefined;
  try {
    return await gunzipAsync(bytes, { maxOutputLength: UNPACKED_BYTES_MAX });
  } catch (cause) {
    throw corrupt(`${path.split("/").slice(-2).join("/")}${PACKED_SUFFIX} does not unpack`, { cause });
  }
}
