/**
 * The unused middle of SQLite's pages. When a page is split, rows move to another one and their old bytes stay behind between the list
 * of cells and their contents, where `secure_delete` does not look: whoever deletes such a row later leaves a copy. The middle means
 * nothing to SQLite, whatever is in it, and is overwritten here with zeros.
 * https://www.sqlite.org/fileformat2.html#b_tree_pages: "the unallocated region"
 */
import { fsyncSync, read, readSync, writeSync } from "node:fs";
import { promisify } from "node:util";

const HEADER_BYTES = 100;
const AT_PAGE_SIZE = 16;
const AT_RESERVED = 20;
const AT_LARGEST_ROOT = 52;
const READ_BYTES = 1024 * 1024;
const PAGES_AT_ONCE = 256;

/** Kind of a page of a tree → bytes of its head: inner pages name one more page. */
const HEAD_BYTES: ReadonlyMap<number, number> = new Map([
  [0x02, 12],
  [0x05, 12],
  [0x0a, 8],
  [0x0d, 8],
]);

interface Shape {
  readonly pageBytes: number;
  /** Without what extensions reserve at the end of each page. */
  readonly usableBytes: number;
}

const readAt = promisify(read);

/** Numbers, from 0, of the pages that have something in their middle. The file may be written to meanwhile. */
export async function pagesWithRemains(file: number): Promise<number[]> {
  const shape = shapeOf(file);
  if (shape === undefined) return [];
  const found: number[] = [];
  const bytes = Buffer.alloc(READ_BYTES);
  for (let from = 0; ; from += READ_BYTES) {
    const { bytesRead } = await readAt(file, bytes, 0, READ_BYTES, from);
    for (let at = 0; at + shape.pageBytes <= bytesRead; at += shape.pageBytes) {
      const number = (from + at) / shape.pageBytes;
      if (middleOf(bytes.subarray(at, at + shape.pageBytes), number, shape) !== undefined) found.push(number);
    }
    if (bytesRead < READ_BYTES) return found;
  }
}

/**
 * Overwrites what is in the middle of these pages, durably. Nobody may write the file meanwhile, nothing of it may stand in the
 * write-ahead log, and no page of it may stay in a cache: it would come back from there.
 */
export function clearRemains(file: number, pages: readonly number[]): void {
  const shape = shapeOf(file);
  if (shape === undefined || pages.length === 0) return;
  const page = Buffer.alloc(shape.pageBytes);
  for (const number of pages) {
    const place = number * shape.pageBytes;
    if (readSync(file, page, 0, page.length, place) !== page.length) continue;
    const middle = middleOf(page, number, shape);
    if (middle === undefined) continue;
    writeSync(file, Buffer.alloc(middle.end - middle.start), 0, middle.end - middle.start, place + middle.start);
  }
  fsyncSync(file);
}

/** In pieces, so that others get their turn. */
export function inPieces(pages: readonly number[]): number[][] {
  const pieces: number[][] = [];
  for (let at = 0; at < pages.length; at += PAGES_AT_ONCE) pieces.push(pages.slice(at, at + PAGES_AT_ONCE));
  return pieces;
}

/** Undefined when there is no page yet. */
function shapeOf(file: number): Shape | undefined {
  const header = Buffer.alloc(HEADER_BYTES);
  if (readSync(file, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return undefined;
  // Such a file has pages of pointers, which look like others; it is not made here.
  if (header.readUInt32BE(AT_LARGEST_ROOT) !== 0) throw new Error("assertion: a file without auto_vacuum");
  const size = header.readUInt16BE(AT_PAGE_SIZE);
  const pageBytes = size === 1 ? 65_536 : size;
  return { pageBytes, usableBytes: pageBytes - (header[AT_RESERVED] ?? 0) };
}

/** Of a page of a tree; undefined when nothing is in it, or the page is of another kind. */
function middleOf(
  page: Buffer,
  number: number,
  { usableBytes }: Shape,
): { readonly start: number; readonly end: number } | undefined {
  const at = number === 0 ? HEADER_BYTES : 0;
  const head = HEAD_BYTES.get(page[at] ?? 0);
  if (head === undefined) return undefined;
  const start = at + head + 2 * page.readUInt16BE(at + 3);
  const end = page.readUInt16BE(at + 5) || 65_536;
  if (start >= end || end > usableBytes) return undefined;
  for (let each = start; each < end; each++) if (page[each] !== 0) return { start, end };
  return undefined;
}
