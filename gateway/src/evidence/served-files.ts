/**
 * What a static web server would answer for the public files of a log, wherever they lie. Answers only paths that are spelled
 * exactly as the specification spells them, and serves for ever every partial tile that was published, also when it is gone.
 */

import { createHash } from "node:crypto";
import { HASH_BYTES, TILE_WIDTH, VerifierError, parseBundle, parseTilePath, tilePath } from "@sluice/verifier";
import { damaged } from "./corrupt.ts";

const LENGTH_BYTES = 2;
const LEAF = Buffer.of(0);

/** A file as a static web server would answer it. */
export interface ServedFile {
  readonly body: Buffer;
  readonly contentType: string;
  /** May be cached for ever. */
  readonly immutable: boolean;
}

const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ["checkpoint", "text/plain; charset=utf-8"],
  ["checkpoint.cosigned", "text/plain; charset=utf-8"],
  ["log.json", "application/json"],
]);

/** Files that other rooms lay beside the log: written once, known by the shape of their names. */
const KEPT: readonly { readonly shape: RegExp; readonly contentType: string }[] = [
  { shape: /^ts\/[1-9]\d{0,15}\.checkpoint$/, contentType: "text/plain; charset=utf-8" },
  { shape: /^ts\/[1-9]\d{0,15}\.(?:0|[1-9]\d{0,9})\.tsr$/, contentType: "application/timestamp-reply" },
];

/** Throws an Error, a bug, for a name that no other room may give. */
export function assertKept(path: string): void {
  if (!KEPT.some(({ shape }) => shape.test(path))) throw new Error("a file beside the log has another name");
}

/** Where the files lie; paths are those of https://c2sp.org/tlog-tiles. */
export interface FileSource {
  /** The whole file, or undefined when there is none. */
  read(path: string): Promise<Buffer | undefined>;
  /** Names in a folder; empty when there is no such folder. */
  list(path: string): Promise<readonly string[]>;
}

export class ServedFiles {
  readonly #source: FileSource;

  constructor(source: FileSource) {
    this.#source = source;
  }

  /**
   * What a static web server would answer, or undefined for "not found": also for every path that is not spelled exactly as
   * the specification spells it. A partial tile that is gone is cut from the full one, or from a wider partial one.
   */
  async read(path: string): Promise<ServedFile | undefined> {
    const contentType = CONTENT_TYPES.get(path);
    if (contentType !== undefined) {
      const body = await this.#source.read(path);
      return body === undefined ? undefined : { body, contentType, immutable: false };
    }
    const kept = KEPT.find(({ shape }) => shape.test(path));
    if (kept !== undefined) {
      const body = await this.#source.read(path);
      return body === undefined ? undefined : { body, contentType: kept.contentType, immutable: true };
    }
    const tile = parseTilePath(path);
    if (tile === undefined) return undefined;
    const body =
      (await this.#source.read(path)) ?? (tile.width < TILE_WIDTH ? await this.#readPrefix(tile) : undefined);
    return body === undefined ? undefined : { body, contentType: "application/octet-stream", immutable: true };
  }

  /**
   * The entries of the bundle that holds `index`, in a log of which `size` records are published. Rejects with evidence_corrupt
   * unless they are those that the tree has: what is read here is acted upon, and sent on.
   */
  async readBundle(index: number, size: number): Promise<readonly Buffer[]> {
    const number = Math.floor(index / TILE_WIDTH);
    const width = Math.min(TILE_WIDTH, size - number * TILE_WIDTH);
    const [path, hashes] = [tilePath("entries", number, width), tilePath(0, number, width)];
    const [bundle, tile] = await Promise.all([this.read(path), this.read(hashes)]);
    if (tile?.body.length !== width * HASH_BYTES) throw damaged(hashes, tile?.body);
    const entries = bundle === undefined ? [] : entriesOf(bundle.body);
    const isHashed = (entry: Buffer, at: number): boolean =>
      hashOf(entry).equals(tile.body.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
    if (entries.length === width && entries.every(isHashed)) return entries;
    throw damaged(path, bundle?.body);
  }

  async #readPrefix(tile: NonNullable<ReturnType<typeof parseTilePath>>): Promise<Buffer | undefined> {
    const path = tilePath(tile.level, tile.index, tile.width);
    const widths = (await this.#source.list(path.slice(0, path.lastIndexOf("/")))).map(Number);
    const wider = widths.filter((width) => width > tile.width).toSorted((a, b) => a - b)[0] ?? TILE_WIDTH;
    const whole = await this.#source.read(tilePath(tile.level, tile.index, wider));
    if (whole === undefined) return undefined;
    if (tile.level !== "entries") return whole.subarray(0, tile.width * HASH_BYTES);
    const entries = entriesOf(whole).slice(0, tile.width);
    if (entries.length < tile.width) return undefined;
    return whole.subarray(
      0,
      entries.reduce((end, entry) => end + LENGTH_BYTES + entry.length, 0),
    );
  }
}

/** None for a file that is damaged. The entries are views into it. */
function entriesOf(bundle: Buffer): Buffer[] {
  try {
    return parseBundle(bundle) as Buffer[];
  } catch (error) {
    if (error instanceof VerifierError) return [];
    throw error;
  }
}

/** As `leafHash` of the verifier, several times as fast. https://www.rfc-editor.org/rfc/rfc6962#section-2.1 */
function hashOf(entry: Buffer): Buffer {
  return createHash("sha256").update(LEAF).update(entry).digest();
}
