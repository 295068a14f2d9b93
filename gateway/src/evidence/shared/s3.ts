/**
 * The public files of a shared log in storage that speaks S3. A request that fails for a reason that passes is tried again;
 * an object is durable when the storage says that it has it. Objects are private to whoever has the key.
 */

import { setTimeout as pause } from "node:timers/promises";
import { AwsClient } from "aws4fetch";
import { SluiceError } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import type { SharedFiles } from "./files.ts";

export interface S3Options {
  /** Of the bucket or of a folder in it, without a slash at its end. */
  readonly url: string;
  readonly region: string;
  readonly accessKey: Secret;
  readonly secretKey: Secret;
}

const REQUEST_MS = 10_000;
const TRIES_MAX = 3;
const TRY_PAUSE_MS = 200;
/** A bundle of 256 entries of the greatest length, and more than any other file has. */
const BODY_BYTES_MAX = 32 * 1024 * 1024;
/** Pages of 1,000 names. A folder of partial tiles has 255. */
const PAGES_MAX = 10;

export class S3Files implements SharedFiles {
  readonly #options: S3Options;

  constructor(options: S3Options) {
    this.#options = options;
  }

  async read(path: string): Promise<Buffer | undefined> {
    const response = await this.#ask("GET", this.#urlOf(path), undefined, [200, 404]);
    return response.status === 404 ? undefined : response.body;
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    await this.#ask("PUT", this.#urlOf(path), bytes, [200]);
  }

  async list(folder: string): Promise<readonly string[]> {
    const prefix = `${this.#prefix()}${folder}/`;
    return (await this.#keys(prefix)).map((key) => key.slice(prefix.length));
  }

  async remove(folder: string): Promise<void> {
    for (const name of await this.list(folder)) await this.removeFile(`${folder}/${name}`);
  }

  async removeFile(path: string): Promise<void> {
    await this.#ask("DELETE", this.#urlOf(path), undefined, [200, 204, 404]);
  }

  /** Objects appear whole: there is nothing half-written. */
  tidy(): Promise<void> {
    return Promise.resolve();
  }

  #urlOf(path: string): string {
    return `${this.#options.url}/${path}`;
  }

  /** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html. Names of the log need no escaping in XML. */
  async #keys(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    let after = "";
    for (let page = 0; page < PAGES_MAX; page++) {
      const query = new URLSearchParams({
        "list-type": "2",
        prefix,
        ...(after === "" ? {} : { "start-after": after }),
      });
      const { body } = await this.#ask("GET", `${this.#bucket()}/?${query.toString()}`, undefined, [200]);
      const text = body.toString("utf8");
      keys.push(...[...text.matchAll(/<Key>([^<&]*)<\/Key>/g)].map(([, key = ""]) => key));
      if (!text.includes("<IsTruncated>true</IsTruncated>")) break;
      after = keys.at(-1) ?? "";
    }
    return keys;
  }

  /** The bucket is in the host (`bucket.s3.region.amazonaws.com`), or the first part of the path. */
  #bucket(): string {
    const { origin, pathname, host } = new URL(this.#options.url);
    const [first = ""] = pathname.split("/").slice(1);
    return isBucketHost(host) || first === "" ? origin : `${origin}/${first}`;
  }

  #prefix(): string {
    const rest = this.#options.url.slice(this.#bucket().length + 1);
    return rest === "" ? "" : `${rest}/`;
  }

  async #ask(
    method: string,
    url: string,
    body: Uint8Array | undefined,
    expected: readonly number[],
  ): Promise<{ readonly status: number; readonly body: Buffer }> {
    let reason = "";
    for (let attempt = 1; attempt <= TRIES_MAX; attempt++) {
      if (attempt > 1) await pause(TRY_PAUSE_MS * 2 ** (attempt - 2));
      try {
        const response = await this.#client().fetch(url, {
          method,
          redirect: "error",
          signal: AbortSignal.timeout(REQUEST_MS),
          ...(body === undefined ? {} : { body: Uint8Array.from(body) }),
        });
        const { status } = response;
        if (expected.includes(status)) return { status, body: await bodyOf(response) };
        await response.body?.cancel();
        reason = `status ${status}`;
        if (status < 500 && status !== 429 && status !== 408) break;
      } catch (thrown) {
        reason = reasonOf(thrown);
      }
    }
    throw new SluiceError("evidence_unavailable", `the evidence log cannot use its storage (${method}: ${reason})`);
  }

  /** Made for each request: a key that is rotated is another one from the next request on. */
  #client(): AwsClient {
    const { region, accessKey, secretKey } = this.#options;
    return new AwsClient({
      accessKeyId: accessKey.reveal(),
      secretAccessKey: secretKey.reveal(),
      service: "s3",
      region,
      // Tries are counted here.
      retries: 0,
    });
  }
}

function isBucketHost(host: string): boolean {
  return /(^|\.)s3[.-]/.test(host) && !/^s3[.-]/.test(host);
}

async function bodyOf(response: Response): Promise<Buffer> {
  if (Number(response.headers.get("content-length") ?? 0) > BODY_BYTES_MAX) {
    await response.body?.cancel();
    throw new Error("the answer is too long");
  }
  return Buffer.from(await response.arrayBuffer());
}

/** The name of the fault; a message may hold the URL. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "unknown";
  const { cause } = thrown;
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return thrown.name;
}
