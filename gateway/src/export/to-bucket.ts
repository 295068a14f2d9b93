/**
 * Tiles, checkpoints and timestamps to a bucket that keeps them (S3, or what speaks it), so that nobody who has the gateway's disk
 * can make the log another one. Entries never go there: what is locked cannot be forgotten, and hashes are all that a proof needs.
 * With Object Lock each object is locked until a day that the configuration names, and every checkpoint is asked for again to see
 * that it is: some stores take the header and lock nothing.
 */
import { createHash } from "node:crypto";
import { AwsClient } from "aws4fetch";
import { TILE_WIDTH, parseCheckpoint, parseNote, tilePath } from "@sluice/verifier";
import type { Clock } from "../core/clock.ts";
import type { BucketSettings } from "../core/export.ts";
import { SluiceError } from "../core/errors.ts";
import { away, DELIVERED, type Delivered, type Destination, type Range } from "./destination.ts";
import { type AddressCheck, type HttpAnswer, HttpPeer } from "./http.ts";

export interface BucketOptions {
  readonly settings: BucketSettings;
  readonly addresses: AddressCheck;
  readonly clock: Clock;
  readonly file: (path: string) => Promise<{ readonly body: Uint8Array } | undefined>;
  /** Paths of the newest timestamps that the log has, so many at most. */
  readonly stamps: (most: number) => Promise<readonly string[]>;
}

const HASH_BYTES = 32;
/** A week of them, at one in ten minutes. */
const STAMPS_MAX = 1_000;
const DAY_MS = 86_400_000;
/** What may lie in a bucket: never an entry, a key or an index. */
const ALLOWED =
  /^(?:checkpoint|checkpoint\.\d{1,16}|tile\/\d{1,2}\/(?:x\d{3}\/)*\d{3}(?:\.p\/\d{1,3})?|ts\/\d{1,16}\.(?:\d{1,10}\.tsr|checkpoint))$/;

export class BucketDestination implements Destination {
  readonly name: string;
  readonly kind = "s3";
  readonly takes = "files";
  /** 256 tiles of the lowest level. */
  readonly recordsMax = TILE_WIDTH * TILE_WIDTH;
  readonly deliveriesMax = 1;
  readonly everyMs: number;
  readonly #options: BucketOptions;
  readonly #peer: HttpPeer;
  /** Timestamps that are there. They come when they come, long after their checkpoint. */
  #stamped: ReadonlySet<string> = new Set();

  constructor(options: BucketOptions) {
    this.name = options.settings.name;
    this.everyMs = options.settings.everyMs;
    this.#options = options;
    this.#peer = new HttpPeer(options.settings, options.addresses);
  }

  async deliver({ from, to }: Range, signal: AbortSignal): Promise<Delivered> {
    const note = await this.#read("checkpoint");
    const { size } = parseCheckpoint(parseNote(note).text);
    for (let level = 0; ; level++) {
      const below = TILE_WIDTH ** (level + 1);
      if (TILE_WIDTH ** level > to) break;
      for (let tile = Math.floor(from / below); tile < Math.floor(to / below); tile++)
        await this.#put(tilePath(level, tile, TILE_WIDTH), signal);
    }
    if (to % this.recordsMax === 0 && to !== size) return DELIVERED;
    // At the end: what only this checkpoint needs, and then itself, so that what it names is there.
    for (const path of remainders(to, size)) await this.#put(path, signal);
    const bytes = Buffer.from(note);
    await this.#send("PUT", `checkpoint.${size}`, signal, bytes);
    await this.#checkLock(`checkpoint.${size}`, bytes, signal);
    await this.#send("PUT", "checkpoint", signal, bytes);
    await this.#stamps(signal);
    return DELIVERED;
  }

  close(): Promise<void> {
    return this.#peer.close();
  }

  async #stamps(signal: AbortSignal): Promise<void> {
    const paths = await this.#options.stamps(STAMPS_MAX);
    for (const path of paths) {
      if (this.#stamped.has(path)) continue;
      const { isThere } = await this.#send("HEAD", path, signal);
      if (!isThere) await this.#put(path, signal);
    }
    this.#stamped = new Set(paths);
  }

  async #put(path: string, signal: AbortSignal): Promise<void> {
    await this.#send("PUT", path, signal, await this.#read(path));
  }

  /** A file of the log. Where a partial tile has made room for the full one, what it held is at the beginning of that. */
  async #read(path: string): Promise<Uint8Array> {
    const exact = await this.#options.file(path);
    if (exact !== undefined) return exact.body;
    const [, full, width] = /^(.*)\.p\/(\d+)$/.exec(path) ?? [];
    const whole = full === undefined ? undefined : await this.#options.file(full);
    if (whole === undefined) throw new SluiceError("evidence_unknown", `the log has no file ${path} to send on`);
    return whole.body.subarray(0, Number(width) * HASH_BYTES);
  }

  async #checkLock(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const { settings, clock } = this.#options;
    const { headers, isThere } = await this.#send("HEAD", path, signal);
    if (!isThere || Number(headers["content-length"]) !== bytes.length)
      throw away(this.name, "does not have what it said it took");
    if (settings.lock === undefined) return;
    const until = Date.parse(String(headers["x-amz-object-lock-retain-until-date"]));
    const isLocked = headers["x-amz-object-lock-mode"] === settings.lock.mode && until > clock();
    if (!isLocked)
      throw away(this.name, "locks nothing: its bucket needs Object Lock, and the key s3:GetObjectRetention");
  }

  async #send(method: "PUT" | "HEAD", path: string, signal: AbortSignal, body?: Uint8Array): Promise<HttpAnswer> {
    if (!ALLOWED.test(path)) throw new Error("assertion: this never leaves");
    const { settings, clock } = this.#options;
    const { endpoint, bucket, prefix, region, lock } = settings;
    const base = `${endpoint.href.replace(/\/$/, "")}/${bucket}`;
    const url = `${base}/${[prefix, path].filter((part) => part !== "").join("/")}`;
    const hash = createHash("sha256")
      .update(body ?? "")
      .digest();
    const locked =
      method === "PUT" && lock !== undefined
        ? {
            "x-amz-object-lock-mode": lock.mode,
            "x-amz-object-lock-retain-until-date": new Date(clock() + lock.days * DAY_MS).toISOString(),
          }
        : {};
    const client = new AwsClient({
      accessKeyId: settings.accessKey.reveal(),
      secretAccessKey: settings.secretKey.reveal(),
      service: "s3",
      region,
      retries: 0,
    });
    const signed = await client.sign(url, {
      method,
      headers: {
        "x-amz-content-sha256": hash.toString("hex"),
        // Required where there is a lock, and checked by the store everywhere.
        ...(method === "PUT" ? { "x-amz-checksum-sha256": hash.toString("base64") } : {}),
        ...locked,
      },
    });
    const headers = Object.fromEntries(signed.headers);
    return this.#peer.send(
      { method, url: new URL(signed.url), headers, ...(body === undefined ? {} : { body }) },
      signal,
    );
  }
}

/** Tiles between those that were completed up to `done` and all that a checkpoint of `size` needs. */
function* remainders(done: number, size: number): Generator<string> {
  for (let level = 0; TILE_WIDTH ** level <= size; level++) {
    const hashes = Math.floor(size / TILE_WIDTH ** level);
    const full = Math.floor(hashes / TILE_WIDTH);
    for (let tile = Math.floor(done / TILE_WIDTH ** (level + 1)); tile < full; tile++)
      yield tilePath(level, tile, TILE_WIDTH);
    if (hashes % TILE_WIDTH !== 0) yield tilePath(level, full, hashes % TILE_WIDTH);
  }
}
