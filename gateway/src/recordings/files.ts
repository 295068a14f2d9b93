/**
 * All files of recordings: which one a purpose writes to now, and the keys of those that are read. A file is begun for each
 * purpose and day, and another when it is full; what began in a file goes on there. A file that has failed is left, and the next
 * recording tries a new one: that is how this room recovers.
 */
import { randomBytes } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import type { EpochKeys, EpochKeyUser } from "../core/epoch-keys.ts";
import { SluiceError } from "../core/errors.ts";
import { type Commit, RecordingFile, unavailable } from "./file.ts";
import { dayOf, type FileName, type Folder } from "./folder.ts";
import { KEY_BYTES } from "./sealing.ts";

export interface FilesOptions {
  readonly folder: Folder;
  readonly keys: Pick<EpochKeys, "current" | "wrap" | "unwrap">;
  /** Of the log. */
  readonly origin: string;
  readonly clock: Clock;
  /** A new file begins at the first recording beyond this many bytes. */
  readonly fileBytesMax: number;
  readonly commit: Commit;
  readonly onFault: (error: SluiceError) => void;
  /** Files of all gateways are changed by one of them at a time. Undefined: another one does it just now. */
  readonly exclusive: Exclusive;
}

/** `held`: it is still this gateway's turn. */
export type Exclusive = <T>(work: (held: () => boolean) => Promise<T>) => Promise<T | undefined>;

/** How long the key of a file that was read is held in clear, in milliseconds. */
const KEY_HELD_MS = 60_000;
const KEYS_HELD_MAX = 256;
/** Beside a file: version of the key of the epoch, big-endian, and the file's key under it. */
const VERSION_BYTES = 4;

export class Files implements EpochKeyUser {
  readonly name = "recordings";
  readonly #options: FilesOptions;
  readonly #current = new Map<string, RecordingFile>();
  readonly #making = new Map<string, Promise<RecordingFile>>();
  readonly #open = new Map<number, RecordingFile>();
  /** Of those that are being made: lower than the number that they get, or that. */
  readonly #begun = new Set<{ readonly from: number }>();
  readonly #held = new Map<number, { readonly key: Uint8Array; readonly until: number }>();
  /** Of the epochs' keys that files' keys are under, as far as they were read. */
  readonly #versions = new Map<number, number>();
  readonly #sweeping: NodeJS.Timeout;
  #closed = false;

  constructor(options: FilesOptions) {
    this.#options = options;
    this.#sweeping = setInterval(() => this.#sweep(), KEY_HELD_MS / 4);
    this.#sweeping.unref();
  }

  /** The file that a new recording goes to, in use. Returns at once but for the first of a file. */
  take(purpose: string): RecordingFile | Promise<RecordingFile> {
    if (this.#closed) throw new SluiceError("recording_unavailable", "recordings are closed");
    const { clock, fileBytesMax } = this.#options;
    const file = this.#current.get(purpose);
    if (file !== undefined && !file.failed && file.size < fileBytesMax && file.name.day === dayOf(clock())) {
      file.use();
      return file;
    }
    return this.#next(purpose).then((made) => {
      made.use();
      return made;
    });
  }

  /** One that is being written. */
  opened(number: number): RecordingFile | undefined {
    return this.#open.get(number);
  }

  /** The lowest number of a file that may still grow; else the next one's. */
  get firstOpen(): number {
    const begun = [...this.#begun].map(({ from }) => from);
    return Math.min(this.#options.folder.next, ...begun, ...this.#open.keys());
  }

  /** A copy, which the caller clears. Undefined when it is destroyed. */
  async keyOf(name: FileName): Promise<Uint8Array | undefined> {
    const open = this.#open.get(name.number);
    if (open !== undefined) return Uint8Array.from(open.key);
    const held = this.#held.get(name.number);
    if (held !== undefined && this.#options.clock() < held.until) return Uint8Array.from(held.key);
    const sealed = await this.#options.folder.sealedKey(name);
    if (sealed === undefined) return undefined;
    const version = versionIn(sealed);
    if (version === undefined) {
      throw new SluiceError(
        "seal_invalid",
        `the key of the recordings ${this.#options.folder.label(name)} is damaged; put its .key back from a backup`,
      );
    }
    const key = await this.#options.keys.unwrap(version, sealed.subarray(VERSION_BYTES), this.#aad(name));
    this.forget(name.number);
    const [oldest] = this.#held.keys();
    if (this.#held.size >= KEYS_HELD_MAX && oldest !== undefined) this.forget(oldest);
    this.#held.set(name.number, { key, until: this.#options.clock() + KEY_HELD_MS });
    return Uint8Array.from(key);
  }

  /** Clears a key that is held. */
  forget(number: number): void {
    this.#versions.delete(number);
    this.#held.get(number)?.key.fill(0);
    this.#held.delete(number);
  }

  /** So that it can be destroyed. False while recordings are under way in it. */
  async leave(number: number): Promise<boolean> {
    const file = this.#open.get(number);
    if (file === undefined) return true;
    if (!file.idle) return false;
    if (this.#current.get(file.name.purpose) === file) this.#current.delete(file.name.purpose);
    await this.#retire(file);
    return true;
  }

  async count(version: number): Promise<number> {
    let count = 0;
    for (const name of await this.#options.folder.all()) {
      if ((await this.#versionOf(name, version + 1)) === version) count += 1;
    }
    return count;
  }

  async rewrap(): Promise<number> {
    return (await this.#options.exclusive((held) => this.#rewrap(held))) ?? 0;
  }

  async #rewrap(held: () => boolean): Promise<number> {
    const { folder, keys } = this.#options;
    const newest = await keys.current();
    let done = 0;
    for (const name of await folder.all()) {
      if (!held()) break;
      const version = await this.#versionOf(name, newest);
      if (version === undefined || version >= newest) continue;
      const key = await this.keyOf(name);
      if (key === undefined) continue;
      try {
        await folder.replaceKey(name, await this.#wrap(key, name));
        done += 1;
      } finally {
        key.fill(0);
      }
    }
    return done;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweeping);
    await Promise.allSettled(this.#making.values());
    for (const file of this.#open.values()) await file.close();
    this.#open.clear();
    for (const number of this.#held.keys()) this.forget(number);
  }

  /** Many that need one file make one. */
  #next(purpose: string): Promise<RecordingFile> {
    let making = this.#making.get(purpose);
    if (making === undefined) {
      making = this.#make(purpose).finally(() => this.#making.delete(purpose));
      this.#making.set(purpose, making);
    }
    return making;
  }

  async #make(purpose: string): Promise<RecordingFile> {
    const { folder, clock, commit } = this.#options;
    const before = this.#current.get(purpose);
    const key = randomBytes(KEY_BYTES);
    const begun = { from: folder.next };
    this.#begun.add(begun);
    let name: FileName | undefined;
    try {
      name = await folder.claim(purpose, dayOf(clock()));
      const { number } = name;
      const made = await folder.make(name, await this.#wrap(key, name));
      const failed = (error: SluiceError): void => {
        this.#open.delete(number);
        this.#options.onFault(error);
      };
      const file = new RecordingFile({ name, file: made, key, commit, failed });
      this.#open.set(number, file);
      this.#current.set(purpose, file);
      if (before !== undefined) this.#retired(before);
      return file;
    } catch (thrown) {
      key.fill(0);
      if (name !== undefined) folder.forget(name);
      const fault = unavailable(thrown);
      if (!(thrown instanceof SluiceError)) this.#options.onFault(fault);
      throw fault;
    } finally {
      this.#begun.delete(begun);
    }
  }

  async #wrap(key: Uint8Array, name: FileName): Promise<Buffer> {
    const { version, wrapped } = await this.#options.keys.wrap(key, this.#aad(name));
    const sealed = Buffer.allocUnsafe(VERSION_BYTES + wrapped.length);
    sealed.writeUInt32BE(version, 0);
    sealed.set(wrapped, VERSION_BYTES);
    this.#versions.delete(name.number);
    return sealed;
  }

  /** Undefined when its key is destroyed, or damaged. `trusted`: one as high as this needs no second look, since they only rise. */
  async #versionOf(name: FileName, trusted: number): Promise<number | undefined> {
    const known = this.#versions.get(name.number);
    if (known !== undefined && known >= trusted) return known;
    const sealed = await this.#options.folder.sealedKey(name);
    const version = sealed === undefined ? undefined : versionIn(sealed);
    if (version !== undefined) this.#versions.set(name.number, version);
    return version;
  }

  /** What was wrapped for one file opens for no other. */
  #aad({ number, purpose }: FileName): Buffer {
    return Buffer.from(`sluice recording file\0${this.#options.origin}\0${purpose}\0${number}`);
  }

  #retired(file: RecordingFile): void {
    this.#retire(file).catch(() => undefined);
  }

  async #retire(file: RecordingFile): Promise<void> {
    file.retire();
    await file.closed;
    this.#open.delete(file.name.number);
  }

  #sweep(): void {
    const now = this.#options.clock();
    for (const [number, { until }] of this.#held) if (now >= until) this.forget(number);
    // Nothing begins in it any more: its key leaves memory, and any gateway may destroy it in time.
    for (const [purpose, file] of this.#current) {
      if (!file.idle || file.name.day === dayOf(now)) continue;
      this.#current.delete(purpose);
      this.#retired(file);
    }
  }
}

/** Undefined for what is no sealed key. */
function versionIn(sealed: Buffer): number | undefined {
  return sealed.length > VERSION_BYTES ? sealed.readUInt32BE(0) : undefined;
}
