/**
 * Root key in AWS KMS, through its own client, an optional peer dependency that is loaded when a configuration wants it. The
 * key is made by whoever owns the account: never by Sluice. What a wrap is bound to travels as a hash in the encryption
 * context, because CloudTrail writes the context down in clear.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
 *
 * Wrapped: the CiphertextBlob as the service writes it.
 */
import type * as kms from "@aws-sdk/client-kms";
import { createHash } from "node:crypto";
import { SluiceError } from "../core/errors.ts";
import { KEY_BYTES } from "./aead.ts";
import { AWS_LIMITS } from "./aws.ts";
import type { RootKey, RootState } from "./root.ts";

type Kms = typeof kms;

/** Key of the encryption context. */
const BOUND = "sluice-bound-to";
const NOT_GENUINE = new Set(["InvalidCiphertextException", "IncorrectKeyException", "ValidationException"]);
const ROTATIONS_PAGES_MAX = 10;

export interface KmsRootOptions {
  /** Id, ARN or alias of a symmetric key. */
  readonly key: string;
  readonly region?: string;
  /** Of a VPC endpoint or a local stand-in; absent: the region's. */
  readonly endpoint?: URL;
  readonly load?: () => Promise<Kms>;
}

/** Throws `key_unavailable`. */
export async function openKmsRoot({ key, region, endpoint, load = loadKms }: KmsRootOptions): Promise<RootKey> {
  const sdk = await load().catch((cause: unknown) => {
    const text = "AWS KMS needs the package @aws-sdk/client-kms; npm install @aws-sdk/client-kms";
    throw new SluiceError("key_unavailable", text, { cause });
  });
  const config: kms.KMSClientConfig = {
    ...AWS_LIMITS,
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint: endpoint.href }),
  };
  const client = new sdk.KMSClient(config);
  try {
    // An alias may come to point at another key; the ARN of the key does not.
    const { KeyMetadata } = await client.send(new sdk.DescribeKeyCommand({ KeyId: key }));
    if (KeyMetadata?.Arn === undefined || KeyMetadata.KeySpec !== "SYMMETRIC_DEFAULT")
      throw new SluiceError("key_unavailable", `${key} is not a symmetric key of AWS KMS`);
    return new KmsRoot(sdk, client, KeyMetadata.Arn);
  } catch (thrown) {
    client.destroy();
    throw away(`aws-kms:${key}`, thrown);
  }
}

const loadKms = (): Promise<Kms> => import("@aws-sdk/client-kms");

class KmsRoot implements RootKey {
  readonly id: string;
  readonly #sdk: Kms;
  readonly #client: kms.KMSClient;
  readonly #arn: string;

  constructor(sdk: Kms, client: kms.KMSClient, arn: string) {
    this.id = `aws-kms:${arn}`;
    this.#sdk = sdk;
    this.#client = client;
    this.#arn = arn;
  }

  async wrap(key: Uint8Array, aad: Uint8Array): Promise<Uint8Array> {
    const request = { KeyId: this.#arn, Plaintext: key, EncryptionContext: contextOf(aad) };
    const { CiphertextBlob } = await this.#send(() => this.#client.send(new this.#sdk.EncryptCommand(request)));
    if (CiphertextBlob === undefined) throw new SluiceError("key_unavailable", `${this.id} answered no ciphertext`);
    return CiphertextBlob;
  }

  async unwrap(wrapped: Uint8Array, aad: Uint8Array): Promise<Buffer> {
    if (wrapped.length === 0) throw this.#invalid();
    const request = { KeyId: this.#arn, CiphertextBlob: wrapped, EncryptionContext: contextOf(aad) };
    const { Plaintext } = await this.#send(() => this.#client.send(new this.#sdk.DecryptCommand(request)));
    if (Plaintext?.length !== KEY_BYTES) throw new SluiceError("key_unavailable", `${this.id} answered no key`);
    return Buffer.from(Plaintext);
  }

  versionOf(): undefined {
    return undefined;
  }

  /** The service takes a while, and does it at most 25 times for one key; it chooses the version by itself when it opens. */
  async rotate(): Promise<void> {
    await this.#send(() => this.#client.send(new this.#sdk.RotateKeyOnDemandCommand({ KeyId: this.#arn })));
  }

  async describe(): Promise<RootState> {
    const { KeyMetadata } = await this.#send(() =>
      this.#client.send(new this.#sdk.DescribeKeyCommand({ KeyId: this.#arn })),
    );
    const state = KeyMetadata?.KeyState ?? "unknown";
    const warnings = state === "Enabled" ? [] : [`${this.id} is in the state ${state}`];
    const created = KeyMetadata?.CreationDate?.getTime();
    let rotations: readonly number[];
    try {
      rotations = await this.#rotations();
    } catch (thrown) {
      // Who may encrypt and decrypt need not be allowed to look at the rotations.
      if (!(thrown instanceof SluiceError)) throw thrown;
      return { version: "?", warnings: [...warnings, thrown.message] };
    }
    const since = rotations.at(-1) ?? created;
    return { version: String(rotations.length + 1), ...(since === undefined ? {} : { since }), warnings };
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  /** Times of the rotations so far, in order. */
  async #rotations(): Promise<number[]> {
    const times: number[] = [];
    let marker: string | undefined;
    for (let page = 0; page < ROTATIONS_PAGES_MAX; page++) {
      const request = { KeyId: this.#arn, ...(marker === undefined ? {} : { Marker: marker }) };
      const answer = await this.#send(() => this.#client.send(new this.#sdk.ListKeyRotationsCommand(request)));
      for (const { RotationDate } of answer.Rotations ?? []) times.push(RotationDate?.getTime() ?? 0);
      marker = answer.Truncated === true ? answer.NextMarker : undefined;
      if (marker === undefined) break;
    }
    return times.toSorted((a, b) => a - b);
  }

  async #send<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (thrown) {
      if (thrown instanceof Error && NOT_GENUINE.has(thrown.name)) throw this.#invalid();
      throw away(this.id, thrown);
    }
  }

  #invalid(): SluiceError {
    return new SluiceError("seal_invalid", `a key does not open under ${this.id}: it is altered, or another root's`);
  }
}

function contextOf(aad: Uint8Array): Record<string, string> {
  return { [BOUND]: createHash("sha256").update(aad).digest("base64url") };
}

/** Names of AWS's errors say what to do; their messages may quote the request. */
function away(id: string, thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  return new SluiceError("key_unavailable", `${id}: ${thrown instanceof Error ? thrown.name : "cannot be asked"}`);
}
