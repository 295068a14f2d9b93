/**
 * Root key in the transit engine of Vault or OpenBao: it never leaves there. Keys are of the type aes256-gcm96, which binds
 * associated data. Their `rewrap` does not pass associated data on, so a new version is taken by opening and wrapping again.
 * https://openbao.org/api-docs/secret/transit/
 *
 * Wrapped: the ciphertext as the engine writes it, `vault:v1:…`.
 */
import { SluiceError } from "../core/errors.ts";
import { KEY_BYTES } from "./aead.ts";
import { at, type JsonAnswer, RequestError } from "./json-request.ts";
import type { RootKey, RootState } from "./root.ts";
import { encodePath, type Vault } from "./vault.ts";

const KEY_TYPE = "aes256-gcm96";
/**
 * Stricter than the engine, which takes v0 for v1 and line breaks in Base64. 12 bytes of nonce, 32 of key and 16 of tag are 80
 * characters without padding, so each key has one form only.
 */
const WRAPPED = /^vault:v([1-9]\d{0,9}):[A-Za-z0-9+/]{80}$/;
/** Messages of the engine, which come with status 400 like everything that is wrong with a request. */
const VERSION_GONE = /\(too old\)|too new|larger than the latest/;
const KEY_GONE = /key not found/;

export interface TransitRootOptions {
  readonly vault: Vault;
  readonly mount: string;
  readonly key: string;
}

/** Makes the key when there is none and `mayCreate`. Throws `key_unavailable`. */
export async function openTransitRoot(options: TransitRootOptions, mayCreate: boolean): Promise<RootKey> {
  const root = new TransitRoot(options);
  await root.begin(mayCreate);
  return root;
}

class TransitRoot implements RootKey {
  readonly id: string;
  readonly #vault: Vault;
  readonly #mount: string;
  readonly #key: string;

  constructor({ vault, mount, key }: TransitRootOptions) {
    this.id = `transit:${mount}/${key}`;
    this.#vault = vault;
    this.#mount = encodePath(mount);
    this.#key = encodeURIComponent(key);
  }

  async begin(mayCreate: boolean): Promise<void> {
    const { status, body } = await this.#ask("GET", "keys");
    if (status === 404) {
      if (!mayCreate) throw this.#away("does not exist, and keys are wrapped under it");
      await this.#demand(await this.#ask("POST", "keys", { type: KEY_TYPE }));
    } else if (status === 200) {
      if (at(body, "data", "type") !== KEY_TYPE) throw this.#away(`is not of the type ${KEY_TYPE}`);
      if (at(body, "data", "derived") === true) throw this.#away("is derived; make one that is not");
    } else if (status !== 403) {
      // Who may encrypt and decrypt need not be allowed to look at the key.
      throw this.#away(`answered ${status}`);
    }
  }

  async wrap(key: Uint8Array, aad: Uint8Array): Promise<Uint8Array> {
    const body = { plaintext: base64(key), associated_data: base64(aad) };
    const answer = await this.#demand(await this.#ask("POST", "encrypt", body));
    const ciphertext = at(answer.body, "data", "ciphertext");
    if (typeof ciphertext !== "string" || !WRAPPED.test(ciphertext)) throw this.#away("answered no ciphertext");
    return Buffer.from(ciphertext, "latin1");
  }

  async unwrap(wrapped: Uint8Array, aad: Uint8Array): Promise<Buffer> {
    const ciphertext = Buffer.from(wrapped).toString("latin1");
    if (!WRAPPED.test(ciphertext)) throw this.#invalid();
    const answer = await this.#ask("POST", "decrypt", { ciphertext, associated_data: base64(aad) });
    if (answer.status === 400) {
      const reasons = JSON.stringify(at(answer.body, "errors") ?? "");
      if (VERSION_GONE.test(reasons)) throw new SluiceError("key_unknown", `a version of ${this.id} is gone`);
      if (KEY_GONE.test(reasons)) throw this.#away("does not exist");
      throw this.#invalid();
    }
    const plaintext = at((await this.#demand(answer)).body, "data", "plaintext");
    const key = typeof plaintext === "string" ? Buffer.from(plaintext, "base64") : undefined;
    if (key?.length !== KEY_BYTES) throw this.#away("answered no key");
    return key;
  }

  versionOf(wrapped: Uint8Array): string | undefined {
    return WRAPPED.exec(Buffer.from(wrapped).toString("latin1"))?.[1];
  }

  async rotate(): Promise<void> {
    await this.#demand(await this.#ask("POST", "keys", {}, "/rotate"));
  }

  async describe(): Promise<RootState> {
    const { status, body } = await this.#ask("GET", "keys");
    if (status !== 200) return { version: "?", warnings: [`${this.id} may not be looked at (${status})`] };
    const version = String(at(body, "data", "latest_version"));
    const since = at(body, "data", "keys", version);
    const warnings = ["exportable", "allow_plaintext_backup", "deletion_allowed"]
      .filter((name) => at(body, "data", name) === true)
      .map((name) => `${this.id} has ${name}: true`);
    return { version, ...(typeof since === "number" ? { since: since * 1_000 } : {}), warnings };
  }

  async close(): Promise<void> {}

  async #ask(method: "GET" | "POST", verb: string, body?: unknown, more = ""): Promise<JsonAnswer> {
    try {
      return await this.#vault.ask(method, `${this.#mount}/${verb}/${this.#key}${more}`, body);
    } catch (thrown) {
      throw thrown instanceof RequestError ? this.#away(`cannot be asked: ${thrown.message}`) : thrown;
    }
  }

  async #demand(answer: JsonAnswer): Promise<JsonAnswer> {
    if (answer.status === 200 || answer.status === 204) return answer;
    throw this.#away(`answered ${answer.status}`);
  }

  #away(reason: string): SluiceError {
    return new SluiceError("key_unavailable", `${this.id} ${reason}`);
  }

  #invalid(): SluiceError {
    return new SluiceError("seal_invalid", `a key does not open under ${this.id}: it is altered, or another root's`);
  }
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
