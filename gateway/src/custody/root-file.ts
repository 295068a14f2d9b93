/**
 * Root key in a file of 32 bytes: version 1 stands at the path itself, version n at the path with `.n` behind it. Read for each
 * use and cleared after, so that no root key stays in memory. Known weakness, in the open: whoever reads the file, or a backup
 * of it, opens everything; the warning says so, and an HSM or a key service does not have it.
 *
 * Wrapped: 0x01 ‖ version (u32, big endian) ‖ nonce ‖ ciphertext ‖ tag.
 */
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SluiceError } from "../core/errors.ts";
import { decrypt, encrypt, KEY_BYTES, type Random } from "./aead.ts";
import { createFile, namesIn, readWhole } from "./files.ts";
import type { RootKey, RootState } from "./root.ts";

const FORMAT = 0x01;
const HEAD_BYTES = 5;
const OTHERS = 0o077;
const WEAKNESS = "the root key is a file: whoever can read it, or a backup of it, opens everything that is sealed";
const LABEL = Buffer.from("sluice root wrap\0");

export interface FileRootOptions {
  /** Absolute path of version 1. */
  readonly path: string;
  readonly random: Random;
}

/** Makes the first version when there is none and `mayCreate`; throws `key_unavailable` when there is none and it may not. */
export async function openFileRoot(options: FileRootOptions, mayCreate: boolean): Promise<RootKey> {
  const root = new FileRoot(options);
  await root.begin(mayCreate);
  return root;
}

class FileRoot implements RootKey {
  readonly id: string;
  readonly #path: string;
  readonly #random: Random;

  constructor({ path, random }: FileRootOptions) {
    this.id = `file:${path}`;
    this.#path = path;
    this.#random = random;
  }

  async begin(mayCreate: boolean): Promise<void> {
    const latest = (await this.#versions()).at(-1);
    if (latest === undefined && !mayCreate) throw this.#missing();
    if (latest === undefined) await createKey(this.#path, this.#random);
    const key = await readKey(this.#path, latest ?? 1);
    key.fill(0);
  }

  async wrap(key: Uint8Array, aad: Uint8Array): Promise<Uint8Array> {
    const version = await this.#latest();
    const root = await readKey(this.#path, version);
    try {
      const head = headOf(version);
      return Buffer.concat([head, encrypt(root, key, Buffer.concat([LABEL, head, aad]), this.#random)]);
    } finally {
      root.fill(0);
    }
  }

  async unwrap(wrapped: Uint8Array, aad: Uint8Array): Promise<Buffer> {
    if (wrapped.length < HEAD_BYTES || wrapped[0] !== FORMAT) throw this.#invalid();
    const version = new DataView(wrapped.buffer, wrapped.byteOffset).getUint32(1);
    if (version < 1) throw this.#invalid();
    const root = await readKey(this.#path, version);
    try {
      const head = wrapped.subarray(0, HEAD_BYTES);
      const key = decrypt(root, wrapped.subarray(HEAD_BYTES), Buffer.concat([LABEL, head, aad]));
      if (key === undefined) throw this.#invalid();
      return key;
    } finally {
      root.fill(0);
    }
  }

  versionOf(wrapped: Uint8Array): string | undefined {
    if (wrapped.length < HEAD_BYTES || wrapped[0] !== FORMAT) return undefined;
    return String(new DataView(wrapped.buffer, wrapped.byteOffset).getUint32(1));
  }

  async rotate(): Promise<void> {
    const next = (await this.#latest()) + 1;
    // Somebody else may have made it in between: then that is the rotation.
    await createKey(pathOf(this.#path, next), this.#random);
  }

  async describe(): Promise<RootState> {
    const versions = await this.#versions();
    const latest = versions.at(-1);
    if (latest === undefined) throw this.#missing();
    const warnings: string[] = [];
    for (const version of versions) {
      const path = pathOf(this.#path, version);
      const { mode } = await stat(path);
      // Windows has no such bits and reports ones that mean nothing.
      if (process.platform === "win32" || (mode & OTHERS) === 0) continue;
      warnings.push(`${path} can be read by others (mode ${(mode & 0o777).toString(8)}); chmod 600 it`);
    }
    for (const name of await namesIn(dirname(this.#path))) {
      // The process ended between writing a key and naming it: the file holds one all the same.
      if (name.startsWith(`${basename(this.#path)}.`) && name.endsWith(".new"))
        warnings.push(`${join(dirname(this.#path), name)} is left over from a write that was cut off; remove it`);
    }
    const { mtimeMs } = await stat(pathOf(this.#path, latest));
    return { version: String(latest), since: Math.round(mtimeMs), warnings, weakness: WEAKNESS };
  }

  async close(): Promise<void> {}

  async #latest(): Promise<number> {
    const latest = (await this.#versions()).at(-1);
    if (latest === undefined) throw this.#missing();
    return latest;
  }

  /** Versions that are there, in order. Older ones may have been removed when nothing was wrapped under them any more. */
  async #versions(): Promise<number[]> {
    const first = basename(this.#path);
    const versions = (await namesIn(dirname(this.#path))).flatMap((name) => {
      if (name === first) return [1];
      const number = name.startsWith(`${first}.`) ? name.slice(first.length + 1) : "";
      return /^[1-9]\d{0,5}$/.test(number) && number !== "1" ? [Number(number)] : [];
    });
    return versions.toSorted((a, b) => a - b);
  }

  #missing(): SluiceError {
    const text = `the root key ${this.#path} is missing, and keys are wrapped under it; restore it from its backup`;
    return new SluiceError("key_unavailable", text);
  }

  #invalid(): SluiceError {
    return new SluiceError("seal_invalid", `a key does not open under ${this.id}: it is altered, or another root's`);
  }
}

const pathOf = (path: string, version: number): string => (version === 1 ? path : `${path}.${version}`);

function headOf(version: number): Buffer {
  const head = Buffer.of(FORMAT, 0, 0, 0, 0);
  head.writeUInt32BE(version, 1);
  return head;
}

async function createKey(path: string, random: Random): Promise<void> {
  const key = Uint8Array.from(random(KEY_BYTES));
  try {
    await createFile(path, key);
  } finally {
    key.fill(0);
  }
}

async function readKey(path: string, version: number): Promise<Buffer> {
  const at = pathOf(path, version);
  const key = await readWhole(at, KEY_BYTES);
  if (key === undefined) throw new SluiceError("key_unknown", `version ${version} of the root key, ${at}, is gone`);
  if (key.length === KEY_BYTES) return key;
  throw new SluiceError("key_unavailable", `${at} does not hold a key of ${KEY_BYTES} bytes; restore its backup`);
}
