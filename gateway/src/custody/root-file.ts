/**
 * Root key in a file of 32 bytes: version 1 stands at the path itself, version n at the path with `.n` behind it. Read for each
 * use and cleared after, so that no root key stays in memory. Known weakness, in the open: whoever reads the file, or a backup
 * of it, opens everything; the warning says so, and an HSM or a key service does not have it.
 *
 * Wrapped: 0x01 ‖ version (u32, big endian) ‖ nonce ‖ ciphertext ‖ tag.
 */
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { SluiceError } from "../core/errors.ts";
import { decrypt, encrypt, KEY_BYTES, type Random } from "./aead.ts";
import { createFile, readWhole } from "./files.ts";
import type { RootKey, RootState } from "./root.ts";

const FORMAT = 0x01;
const HEAD_BYTES = 5;
const VERSIONS_MAX = 1_000;
const OTHERS = 0o077;
const LABEL = Buffer.from("sluice root wrap\0");

export interface FileRootOptions {
  /** Absolute path of version 1. */
  readonly path: string;
  readonly random: Random;
}

/** Makes the first version when there is none and `mayCreate`; throws `key_unavailable` when there is none and it may not. */
export async function openFileRoot(options: FileRootOptions, mayCreate: boolean): Promise<RootKey> {
  const { path, random } = options;
  const first = await readWhole(path, KEY_BYTES);
  if (first === undefined) {
    if (!mayCreate) {
      throw new SluiceError(
        "key_unavailable",
        `the root key ${path} is missing, and keys are wrapped under it; restore it from its backup`,
      );
    }
    await createKey(path, random);
  }
  const key = await readKey(path, 1);
  // Of a key that is chosen at random a short hash tells nothing.
  const id = createHash("sha256").update("sluice root key id\0").update(key).digest("hex").slice(0, 16);
  key.fill(0);
  return new FileRoot(`file:${id}`, options);
}

class FileRoot implements RootKey {
  readonly id: string;
  readonly #path: string;
  readonly #random: Random;

  constructor(id: string, { path, random }: FileRootOptions) {
    this.id = id;
    this.#path = path;
    this.#random = random;
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
    if (version < 1 || version > VERSIONS_MAX) throw this.#invalid();
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

  async rotate(): Promise<void> {
    const next = (await this.#latest()) + 1;
    if (next > VERSIONS_MAX) throw new SluiceError("key_unavailable", `${this.id} has had ${VERSIONS_MAX} versions`);
    // Somebody else may have made it in between: then that is the rotation.
    await createKey(pathOf(this.#path, next), this.#random);
  }

  async describe(): Promise<RootState> {
    const latest = await this.#latest();
    const warnings: string[] = [
      "the root key is a file: whoever can read it, or a backup of it, opens everything that is sealed",
    ];
    for (let version = 1; version <= latest; version++) {
      const path = pathOf(this.#path, version);
      const { mode } = await stat(path);
      // Windows has no such bits and reports ones that mean nothing.
      if (process.platform === "win32" || (mode & OTHERS) === 0) continue;
      warnings.push(`${path} can be read by others (mode ${(mode & 0o777).toString(8)}); chmod 600 it`);
    }
    const { mtimeMs } = await stat(pathOf(this.#path, latest));
    return { version: String(latest), since: Math.round(mtimeMs), warnings };
  }

  async close(): Promise<void> {}

  async #latest(): Promise<number> {
    let version = 1;
    while (version < VERSIONS_MAX && (await exists(pathOf(this.#path, version + 1)))) version += 1;
    return version;
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

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return false;
    throw thrown;
  }
}
