/**
 * Wrapped keys and sealed secrets as files: `keys/<ring>-<version>.json` and `secrets/<name>.<n>`. Nothing in here is of use
 * without the root key. Each write is a new file, there as a whole or not at all: of two writers of one number one succeeds and
 * the other knows, without a lock, and a backup may copy the folder at any time.
 */
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { SluiceError } from "../core/errors.ts";
import type { Place } from "./envelope.ts";
import { codeOf, createFile, destroyFile, namesIn, readWhole, replaceFile } from "./files.ts";
import { at } from "./json-request.ts";
import type { KekRecord, KekStore } from "./keyring.ts";

const KEY_FILE_BYTES_MAX = 64 * 1024;
const SECRET_FILE_BYTES_MAX = 512 * 1024;
const VERSIONS_MAX = 100_000;
const FORMAT = "sluice-kek/1";

/** Of a sealed secret: a file name on every system. */
export const SECRET_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export function kekFolder(dir: string, ring: string): KekStore {
  const folder = join(dir, "keys");
  const pathOf = (version: number): string => join(folder, `${ring}-${version}.json`);
  return {
    async list() {
      const records: KekRecord[] = [];
      for (const name of await namesIn(folder)) {
        const version = versionIn(name, ring);
        const bytes = version === undefined ? undefined : await readWhole(join(folder, name), KEY_FILE_BYTES_MAX);
        if (version !== undefined && bytes !== undefined) records.push(parse(bytes, ring, version));
      }
      return records.toSorted((a, b) => a.version - b.version);
    },
    add: (record) => createFile(pathOf(record.version), format(record, ring)),
    replace: (record) => replaceFile(pathOf(record.version), format(record, ring)),
    async destroy(version) {
      // What a write that was cut off has left behind holds the same key.
      const left = `${ring}-${version}.json.`;
      for (const name of await namesIn(folder)) if (name.startsWith(left)) await destroyFile(join(folder, name));
      await destroyFile(pathOf(version));
    },
  };
}

function versionIn(name: string, ring: string): number | undefined {
  if (!name.startsWith(`${ring}-`) || !name.endsWith(".json")) return undefined;
  const text = name.slice(ring.length + 1, -".json".length);
  return /^[1-9]\d{0,5}$/.test(text) && Number(text) <= VERSIONS_MAX ? Number(text) : undefined;
}

function format({ version, createdAt, root, wrapped }: KekRecord, ring: string): Buffer {
  const created = new Date(createdAt).toISOString();
  const text = { format: FORMAT, ring, version, created, root, wrapped: Buffer.from(wrapped).toString("base64") };
  return Buffer.from(`${JSON.stringify(text, undefined, 2)}\n`);
}

function parse(bytes: Buffer, ring: string, version: number): KekRecord {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    value = undefined;
  }
  const [created, root, wrapped] = [at(value, "created"), at(value, "root"), at(value, "wrapped")];
  const isOurs = at(value, "format") === FORMAT && at(value, "ring") === ring && at(value, "version") === version;
  if (!isOurs || typeof created !== "string" || typeof root !== "string" || typeof wrapped !== "string")
    throw new SluiceError("key_unavailable", `keys/${ring}-${version}.json is not a wrapped key; restore its backup`);
  return { version, createdAt: Date.parse(created), root, wrapped: Buffer.from(wrapped, "base64") };
}

/** Values that stand sealed under the keys of one ring, for whoever seals them anew. */
export interface SealedRows {
  /** Of all that there are now. */
  ids(): Promise<readonly string[]>;
  placeOf(id: string): Place;
  /** For people to find it by; nobody's id. */
  nameOf(id: string): string;
  /** Undefined when there is no such row any more. */
  read(id: string): Promise<Uint8Array | undefined>;
  /** Puts each `after` in the place of its `before`, unless something else stands there by now. Returns how many it did. */
  replace(moves: readonly Move[]): Promise<number>;
}

export interface Move {
  readonly id: string;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

export interface SecretFolder extends SealedRows {
  write(name: string, sealed: Uint8Array): Promise<void>;
  /** False when there was none. */
  remove(name: string): Promise<boolean>;
}

export function secretFolder(dir: string): SecretFolder {
  const folder = join(dir, "secrets");
  /** Numbers of the files of each secret, in order. The last holds; others are left over from a write that was cut off. */
  const numbers = async (): Promise<Map<string, number[]>> => {
    const found = new Map<string, number[]>();
    for (const file of await namesIn(folder)) {
      const [name = "", number = "", ...more] = file.split(".");
      if (!SECRET_NAME.test(name) || !/^[1-9]\d{0,14}$/.test(number) || more.length > 0) continue;
      found.set(name, [...(found.get(name) ?? []), Number(number)]);
    }
    for (const each of found.values()) each.sort((a, b) => a - b);
    return found;
  };
  const of = async (name: string): Promise<number[]> => {
    if (!SECRET_NAME.test(name)) throw new Error("assertion: not the name of a sealed secret");
    return (await numbers()).get(name) ?? [];
  };
  const drop = async (name: string, gone: readonly number[]): Promise<void> => {
    // In order, so that an older value never comes back.
    for (const number of gone) await removeFile(join(folder, `${name}.${number}`));
  };
  const read = async (name: string): Promise<{ number: number; bytes: Buffer } | undefined> => {
    for (;;) {
      const number = (await of(name)).at(-1);
      if (number === undefined) return undefined;
      const bytes = await readWhole(join(folder, `${name}.${number}`), SECRET_FILE_BYTES_MAX);
      // A newer one took its place in between.
      if (bytes !== undefined) return { number, bytes };
    }
  };
  const replaceOne = async ({ id: name, before, after }: Move): Promise<boolean> => {
    const now = await read(name);
    if (now?.bytes.equals(before) !== true) return false;
    if (!(await createFile(join(folder, `${name}.${now.number + 1}`), after))) return false;
    await drop(
      name,
      (await of(name)).filter((number) => number <= now.number),
    );
    return true;
  };
  return {
    ids: async () => [...(await numbers()).keys()],
    placeOf: (id) => ({ table: "secrets", column: "value", id }),
    nameOf: (id) => id,
    read: async (name) => (await read(name))?.bytes,
    async replace(moves) {
      let done = 0;
      for (const move of moves) if (await replaceOne(move)) done += 1;
      return done;
    },
    async write(name, sealed) {
      for (;;) {
        const known = await of(name);
        if (!(await createFile(join(folder, `${name}.${(known.at(-1) ?? 0) + 1}`), sealed))) continue;
        await drop(name, known);
        return;
      }
    },
    async remove(name) {
      const known = await of(name);
      await drop(name, known);
      return known.length > 0;
    },
  };
}

async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (thrown) {
    if (codeOf(thrown) !== "ENOENT") throw thrown;
  }
}
