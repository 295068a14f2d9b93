/**
 * Root key in an HSM, a smart card or SoftHSM2, over PKCS#11: AES-256 keys that cannot be extracted, one for each version, told
 * apart by CKA_ID (the version, u32 big endian) under one label. The initialization vector is made here, so a device that
 * insists on making its own (FIPS 140 level 3 modes of some) does not work.
 *
 * Wrapped: 0x01 ‖ version (u32, big endian) ‖ nonce ‖ ciphertext ‖ tag.
 */
import { SluiceError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { NONCE_BYTES, type Random } from "./aead.ts";
import { type Cryptoki, CryptokiError, closeModule, openModule } from "./cryptoki.ts";
import type { RootKey, RootState } from "./root.ts";

const FORMAT = 0x01;
const HEAD_BYTES = 5;
const LABEL = Buffer.from("sluice root wrap\0");
/** The device was taken out, was restarted or has forgotten us; a fresh start may mend it. */
const SESSION_LOST = new Set([0x30n, 0x32n, 0x60n, 0x82n, 0xb3n, 0xe0n, 0x101n, 0x190n]);
/** What devices say of a tag that is not right; some of it they say when they are broken too. */
const NOT_GENUINE = new Set([0x5n, 0x6n, 0x40n, 0x41n]);

export interface Pkcs11RootOptions {
  /** Absolute path of the module, for example /usr/lib/softhsm/libsofthsm2.so. */
  readonly module: string;
  /** Label of the token. */
  readonly token: string;
  /** CKA_LABEL of the key. */
  readonly key: string;
  readonly pin: Secret;
  readonly random: Random;
}

/** Makes the first version when there is none and `mayCreate`. Throws `key_unavailable`. */
export async function openPkcs11Root(options: Pkcs11RootOptions, mayCreate: boolean): Promise<RootKey> {
  const module = await openModule(options.module);
  const root = new Pkcs11Root(module, options);
  try {
    root.begin(mayCreate);
  } catch (thrown) {
    await root.close();
    throw thrown;
  }
  return root;
}

class Pkcs11Root implements RootKey {
  readonly id: string;
  readonly #module: Cryptoki;
  readonly #options: Pkcs11RootOptions;
  #session: { readonly handle: bigint; readonly generation: number } | undefined;
  #closed = false;

  constructor(module: Cryptoki, options: Pkcs11RootOptions) {
    this.id = `pkcs11:${options.token}/${options.key}`;
    this.#module = module;
    this.#options = options;
  }

  begin(mayCreate: boolean): void {
    this.#use((session) => {
      if (this.#keys(session).size > 0) return;
      if (!mayCreate) throw this.#away(`has no AES key "${this.#options.key}", and keys are wrapped under it`);
      this.#module.generateKey(session, this.#options.key, idOf(1));
    });
  }

  async wrap(key: Uint8Array, aad: Uint8Array): Promise<Uint8Array> {
    return this.#use((session) => {
      const [version, handle] = latest(this.#keys(session)) ?? [0, undefined];
      if (handle === undefined) throw this.#away("has no key any more");
      const head = headOf(version);
      const iv = this.#options.random(NONCE_BYTES);
      const gcm = { key: handle, iv, aad: Buffer.concat([LABEL, head, aad]) };
      return Buffer.concat([head, iv, this.#module.encrypt(session, gcm, key)]);
    });
  }

  async unwrap(wrapped: Uint8Array, aad: Uint8Array): Promise<Buffer> {
    if (wrapped.length <= HEAD_BYTES + NONCE_BYTES || wrapped[0] !== FORMAT) throw this.#invalid();
    const head = wrapped.subarray(0, HEAD_BYTES);
    const version = new DataView(wrapped.buffer, wrapped.byteOffset).getUint32(1);
    const iv = wrapped.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
    return this.#use((session) => {
      const keys = this.#keys(session);
      const handle = keys.get(version);
      if (keys.size === 0) throw this.#away("has no key any more");
      if (handle === undefined) throw new SluiceError("key_unknown", `${this.id} has no version ${version}`);
      const gcm = { key: handle, iv, aad: Buffer.concat([LABEL, head, aad]) };
      try {
        return this.#module.decrypt(session, gcm, wrapped.subarray(HEAD_BYTES + NONCE_BYTES));
      } catch (thrown) {
        if (!(thrown instanceof CryptokiError) || !NOT_GENUINE.has(thrown.value)) throw thrown;
        this.#probe(session, handle);
        throw this.#invalid();
      }
    });
  }

  versionOf(wrapped: Uint8Array): string | undefined {
    if (wrapped.length < HEAD_BYTES || wrapped[0] !== FORMAT) return undefined;
    return String(new DataView(wrapped.buffer, wrapped.byteOffset).getUint32(1));
  }

  async rotate(): Promise<void> {
    this.#use((session) => {
      const [version] = latest(this.#keys(session)) ?? [0];
      this.#module.generateKey(session, this.#options.key, idOf(version + 1));
    });
  }

  async describe(): Promise<RootState> {
    return this.#use((session) => {
      const [version] = latest(this.#keys(session)) ?? [0];
      return { version: String(version), warnings: [] };
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#session?.generation === this.#module.generation) this.#module.closeSession(this.#session.handle);
    closeModule(this.#options.module, this.#module);
  }

  /**
   * Runs a call in a session that is logged in. When the session, the token or its keys are gone, once more after the module was
   * started anew: after a device was away, most modules find it again in no other way.
   */
  #use<T>(work: (session: bigint) => T): T {
    try {
      return work(this.#open());
    } catch (thrown) {
      if (!isLost(thrown)) throw thrown instanceof CryptokiError ? this.#away(`failed: ${thrown.message}`) : thrown;
    }
    this.#session = undefined;
    try {
      this.#module.restart();
      return work(this.#open());
    } catch (thrown) {
      throw thrown instanceof CryptokiError ? this.#away(`failed: ${thrown.message}`) : thrown;
    }
  }

  #open(): bigint {
    if (this.#session?.generation === this.#module.generation) return this.#session.handle;
    const slot = this.#module.slotOf(this.#options.token);
    if (slot === undefined) throw this.#away("is not in any slot of the module");
    const session = this.#module.openSession(slot);
    try {
      this.#module.login(session, this.#options.pin.reveal());
    } catch (thrown) {
      this.#module.closeSession(session);
      throw thrown;
    }
    this.#session = { handle: session, generation: this.#module.generation };
    return session;
  }

  /** version → handle. Asked anew each time: another process may have rotated. */
  #keys(session: bigint): Map<number, bigint> {
    const keys = this.#module.findKeys(session, this.#options.key);
    return new Map(keys.flatMap(({ id, handle }) => (id.length === 4 ? [[id.readUInt32BE(), handle] as const] : [])));
  }

  /** Throws when the device does not open what it has just wrapped either. */
  #probe(session: bigint, key: bigint): void {
    const gcm = { key, iv: this.#options.random(NONCE_BYTES), aad: LABEL };
    this.#module.decrypt(session, gcm, this.#module.encrypt(session, gcm, LABEL));
  }

  #away(reason: string): SluiceError {
    return new SluiceError("key_unavailable", `the token "${this.#options.token}" ${reason}`);
  }

  #invalid(): SluiceError {
    return new SluiceError("seal_invalid", `a key does not open under ${this.id}: it is altered, or another root's`);
  }
}

function isLost(thrown: unknown): boolean {
  if (thrown instanceof CryptokiError) return SESSION_LOST.has(thrown.value);
  return thrown instanceof SluiceError && thrown.code === "key_unavailable";
}

function latest(keys: ReadonlyMap<number, bigint>): [number, bigint] | undefined {
  let found: [number, bigint] | undefined;
  for (const [version, handle] of keys) if (found === undefined || version > found[0]) found = [version, handle];
  return found;
}

function idOf(version: number): Buffer {
  const id = Buffer.alloc(4);
  id.writeUInt32BE(version);
  return id;
}

const headOf = (version: number): Buffer => Buffer.concat([Uint8Array.of(FORMAT), idOf(version)]);
