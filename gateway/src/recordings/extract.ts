/**
 * Finds the chunks of one recording among those of others, by their headers, and gives them as they lie on the disk: what is
 * damaged too, since the verifier is to see it. Opens nothing.
 */
import { open, type FileHandle } from "node:fs/promises";
import { CHUNK_CHECKSUM_BYTES, CHUNK_HEADER_BYTES, CHUNK_MAGIC, readChunkHeader } from "@sluice/verifier";
import { decodeBody } from "./body.ts";
import { isWhole } from "./chunk.ts";

/** Read at a time, unless a chunk is larger. */
const WINDOW_BYTES = 256 * 1024;
const MAGIC = Buffer.from(CHUNK_MAGIC);

export interface Extracted {
  /** Chunks of the recording, and whatever between them is no chunk any more. */
  readonly bytes: Buffer;
  /** It goes on at this place. */
  readonly next?: number;
}

/**
 * From the chunk at `offset` on, whose recording it is, to that recording's end, or to `until`, by default that of the file. `of`: the id that is
 * expected there, where it is known. `growing`: another process may be writing to it, so that what is not whole at its end is not there yet.
 * Undefined when there is no such chunk.
 */
export async function extract(
  path: string,
  offset: number,
  {
    until,
    of,
    growing = false,
  }: { readonly until?: number | undefined; readonly of?: Buffer | undefined; readonly growing?: boolean } = {},
): Promise<Extracted | undefined> {
  const file = await open(path, "r");
  try {
    const end = until ?? (await file.stat()).size;
    const window = new Window(file, end);
    const first = readChunkHeader(await window.at(offset, CHUNK_HEADER_BYTES), 0);
    if (first === undefined || (of !== undefined && !of.equals(first.id))) return undefined;
    const id = Buffer.from(first.id);
    const parts: Buffer[] = [];
    for (let at = offset; at < end; ) {
      const header = readChunkHeader(await window.at(at, CHUNK_HEADER_BYTES), 0);
      const length = CHUNK_HEADER_BYTES + (header?.bodyBytes ?? 0) + CHUNK_CHECKSUM_BYTES;
      // A length that was altered leads to where nothing begins.
      if (header === undefined || !(await beginsAt(window, at + length, end))) {
        const from = at;
        at = await resync(window, at + 1, end);
        if (growing && at === end) break;
        if (header === undefined || id.equals(header.id)) parts.push(Buffer.from(await window.at(from, at - from)));
        continue;
      }
      if (!id.equals(header.id)) {
        at += length;
        continue;
      }
      const { kind } = header;
      const bytes = Buffer.from(await window.at(at, length));
      at += length;
      const isGood = isWhole(bytes, 0, bytes.length);
      if (growing && !isGood && at === end) break;
      parts.push(bytes);
      if (!isGood) continue;
      if (kind === "end") break;
      const next =
        kind === "continued" ? decodeBody(bytes.subarray(CHUNK_HEADER_BYTES, -CHUNK_CHECKSUM_BYTES))?.next : undefined;
      if (next !== undefined) return { bytes: Buffer.concat(parts), next };
    }
    return { bytes: Buffer.concat(parts) };
  } finally {
    await file.close();
  }
}

async function beginsAt(window: Window, at: number, end: number): Promise<boolean> {
  return at === end || (at < end && MAGIC.equals(await window.at(at, MAGIC.length)));
}

/** Where the next chunk may begin, at `from` or later. */
async function resync(window: Window, from: number, end: number): Promise<number> {
  for (let at = from; at < end; ) {
    const bytes = await window.at(at, Math.min(WINDOW_BYTES, end - at));
    for (let found = bytes.indexOf(MAGIC); found >= 0; found = bytes.indexOf(MAGIC, found + 1)) {
      if (readChunkHeader(bytes, found) !== undefined) return at + found;
    }
    at += Math.max(1, bytes.length - CHUNK_HEADER_BYTES);
  }
  return end;
}

/** A chunk that lies in a file, by its place; or what lies there instead. */
export interface Scanned {
  readonly offset: number;
  /** The whole chunk. */
  readonly bytes: Buffer;
}

/** Every whole chunk of a file, in order, up to where one is not. Gives where that is. */
export async function* scan(
  path: string,
): AsyncGenerator<Scanned, { readonly goodUntil: number; readonly size: number }> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const window = new Window(file, size);
    let at = 0;
    while (at < size) {
      const header = readChunkHeader(await window.at(at, CHUNK_HEADER_BYTES), 0);
      if (header === undefined) break;
      const bytes = await window.at(at, CHUNK_HEADER_BYTES + header.bodyBytes + CHUNK_CHECKSUM_BYTES);
      if (
        bytes.length < CHUNK_HEADER_BYTES + header.bodyBytes + CHUNK_CHECKSUM_BYTES ||
        !isWhole(bytes, 0, bytes.length)
      )
        break;
      yield { offset: at, bytes };
      at += bytes.length;
    }
    return { goodUntil: at, size };
  } finally {
    await file.close();
  }
}

/** Whether a whole chunk stands somewhere behind `from`: then what is bad before it was durable once, and a crash did not do it. */
export async function hasLaterChunk(path: string, from: number): Promise<boolean> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const window = new Window(file, size);
    for (let at = await resync(window, from + 1, size); at < size; at = await resync(window, at + 1, size)) {
      const header = readChunkHeader(await window.at(at, CHUNK_HEADER_BYTES), 0);
      const length = CHUNK_HEADER_BYTES + (header?.bodyBytes ?? 0) + CHUNK_CHECKSUM_BYTES;
      const bytes = await window.at(at, length);
      if (bytes.length === length && isWhole(bytes, 0, length)) return true;
    }
    return false;
  } finally {
    await file.close();
  }
}

class Window {
  readonly #file: FileHandle;
  readonly #end: number;
  #bytes: Buffer = Buffer.alloc(0);
  #from = 0;

  constructor(file: FileHandle, end: number) {
    this.#file = file;
    this.#end = end;
  }

  /** A view, good until the next call; shorter at the end of the file. */
  async at(offset: number, length: number): Promise<Buffer> {
    const until = Math.min(offset + length, this.#end);
    if (offset < this.#from || until > this.#from + this.#bytes.length) {
      const wanted = Math.max(0, Math.min(Math.max(length, WINDOW_BYTES), this.#end - offset));
      const buffer = Buffer.allocUnsafe(wanted);
      let read = 0;
      while (read < wanted) {
        const { bytesRead } = await this.#file.read(buffer, read, wanted - read, offset + read);
        if (bytesRead === 0) break;
        read += bytesRead;
      }
      this.#bytes = buffer.subarray(0, read);
      this.#from = offset;
    }
    return this.#bytes.subarray(offset - this.#from, Math.max(0, until - this.#from));
  }
}
