/**
 * Secrets by reference and keys, opened from a configuration. Lives as long as the process: a reload brings other settings in,
 * and secrets that are in use keep their values while their sources are asked anew.
 */
import { randomBytes } from "node:crypto";
import type { CustodySettings } from "../core/custody.ts";
import type { RecordEvent } from "../core/event.ts";
import type { SluiceError } from "../core/errors.ts";
import type { EpochKeys } from "../core/epoch-keys.ts";
import { Epochs } from "./epochs.ts";
import { kekFolder, type SealedRows, secretFolder } from "./folder.ts";
import type { Place } from "./envelope.ts";
import { type EnterKey, Keyring } from "./keyring.ts";
import { Keys } from "./keys.ts";
import { openRoot } from "./open-root.ts";
import { type Followed, Secrets, type Trouble } from "./secrets.ts";
import type { Reading, SecretSource } from "./source.ts";
import { awsSource } from "./source-aws.ts";
import { sealedSource } from "./source-sealed.ts";
import { vaultSource } from "./source-vault.ts";
import { type SealedValues, valuesOf } from "./values.ts";
import { Vault } from "./vault.ts";
import type { Secret } from "../core/secret.ts";

/** Key id on what is sealed here. */
const RING = "secrets";
/** Of rooms that seal rows of their own. */
const ROOMS = ["reviews"] as const;
/** Of the keys of data subjects, and of recordings. */
const EPOCHS = "subjects";

type Room = (typeof ROOMS)[number];

export interface CustodyWatch {
  readonly record: RecordEvent;
  readonly warn: (trouble: Trouble) => void;
}

/** Authenticated encryption bound to a place: nothing opens in another one. */
export interface Sealing {
  seal(bytes: Uint8Array, place: Place): Promise<Uint8Array>;
  open(sealed: Uint8Array, place: Place): Promise<Uint8Array>;
  /** What `of` says of each of its keys, by version. Where there is none the first is made, if `mayMake`. */
  fingerprints(of: (key: Uint8Array) => string, mayMake: boolean): Promise<ReadonlyMap<number, string>>;
}

export interface KeysWatch {
  readonly record: RecordEvent;
  /** What each room has sealed: a ring whose rows could not come under a new key would have keys that nobody may remove. */
  readonly rows: Readonly<Record<Room, SealedRows>>;
  /** What is wrapped under the keys of the epochs. */
  readonly subjects: SealedValues;
  readonly progress?: (done: number, of: number) => void;
}

export interface EpochsWatch {
  readonly record: RecordEvent;
  /** Length of an epoch. */
  readonly epochMs: () => number;
  /** The key of a new epoch could not be made. Must not throw. */
  readonly onFault: (error: SluiceError) => void;
}

export class Custody {
  readonly #secrets: Secrets;
  readonly #clock: () => number;
  readonly #shared = new Map<string, EnterKey>();
  #opened: Opened | undefined;
  #closing: Promise<void> | undefined;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.#secrets = new Secrets(clock);
  }

  /** Variables and files: whoever may read them reads them; here they are kept and read again. */
  follow(references: Iterable<string>, read: (reference: string) => Promise<Reading>): Promise<Map<string, Followed>> {
    return this.#secrets.follow(references, read);
  }

  /** References to elsewhere: `vault:`, `aws-sm:`, `sealed:`. */
  async followRemote(settings: CustodySettings, references: Iterable<string>): Promise<Map<string, Followed>> {
    const { sources } = await this.#open(settings);
    return this.#secrets.follow(references, async (reference) => {
      const colon = reference.indexOf(":");
      const source = sources.get(reference.slice(0, colon));
      if (source !== undefined) return source.read(reference.slice(colon + 1));
      const reason = reference.startsWith("vault:") ? "needs `custody.vault`" : "is no reference that is known";
      return { reason: `${reference} ${reason}`, gone: false };
    });
  }

  /** Forgets what the configuration in force does not name. */
  retain(references: Iterable<string>): void {
    this.#secrets.retain(references);
  }

  /** Reads secrets again by itself from now on. */
  begin({ refreshMs, keepMs }: CustodySettings, watch: CustodyWatch): void {
    this.#secrets.begin({ refreshMs, keepMs, ...watch });
  }

  /** The target answered 401 to it. Returns at once. */
  refused(secret: Secret): void {
    this.#secrets.refused(secret);
  }

  async keys(settings: CustodySettings, { rows, subjects, ...watch }: KeysWatch): Promise<Keys> {
    const opened = await this.#open(settings);
    const rooms = ROOMS.map((name) => {
      const ring = opened.ringOf(name);
      return { ring, values: valuesOf(ring, rows[name]) };
    });
    const others = [...rooms, { ring: opened.ringOf(EPOCHS), values: subjects }];
    return new Keys({ ring: opened.ring, secrets: secretFolder(settings.dir), others, ...watch });
  }

  /**
   * Seals rows of a room under a ring of its own, whose first key is made, and put on record, when it is first needed. Whoever
   * opens a row clears the result when it is done with it.
   */
  sealing(settings: () => CustodySettings, name: Room, record: RecordEvent): Sealing {
    const ring = async (): Promise<Keyring> => (await this.#open(settings())).ringOf(name);
    async function withKey(): Promise<Keyring> {
      const own = await ring();
      if ((await own.list()).length === 0) {
        await own.rotate(async (version) => {
          await record({ name: "key.created", target: `${name}/${version}` });
        });
      }
      return own;
    }
    return {
      seal: async (bytes, place) => (await withKey()).seal(place, bytes),
      fingerprints: async (of, mayMake) => (await (mayMake ? withKey() : ring())).fingerprints(of),
      open: async (sealed, place) => (await ring()).open(place, sealed),
    };
  }

  /** Keys that take turns by epoch, under which rooms keep keys of their own. */
  epochs(settings: () => CustodySettings, watch: EpochsWatch): EpochKeys {
    return new Epochs({
      ring: () => this.#openNow(settings()).ringOf(EPOCHS),
      record: watch.record,
      clock: this.#clock,
      random: randomBytes,
      epochMs: watch.epochMs,
      lookEveryMs: () => settings().cacheMs,
      onFault: watch.onFault,
    });
  }

  /** What each of them is, by version, in words that say nothing about the key. */
  async epochFingerprints(
    settings: CustodySettings,
    of: (key: Uint8Array) => string,
  ): Promise<ReadonlyMap<number, string>> {
    return (await this.#open(settings)).ringOf(EPOCHS).fingerprints(of);
  }

  /** Others open what is sealed under this ring: from now on they are told of each new key of it before it is kept. */
  share(name: Room | typeof EPOCHS, enter: EnterKey): void {
    this.#shared.set(name, enter);
  }

  async close(): Promise<void> {
    this.#secrets.close();
    await this.#opened?.close();
    this.#opened = undefined;
  }

  async #open(settings: CustodySettings): Promise<Opened> {
    const opened = this.#openNow(settings);
    await this.#closing;
    return opened;
  }

  /** What was open for other settings closes meanwhile. */
  #openNow(settings: CustodySettings): Opened {
    const before = this.#opened;
    // Most calls are made with the very object; comparing what two of them say takes longer than what is asked for.
    if (before !== undefined && (before.settings === settings || isSame(before.settings, settings))) return before;
    this.#opened = open(settings, this.#clock, this.#shared);
    if (before !== undefined) this.#closing = before.close().catch(() => undefined);
    return this.#opened;
  }
}

/** Each reading of a configuration makes settings of its own; only what they say counts. A secret is the same when it is one cell. */
function isSame(one: CustodySettings, other: CustodySettings): boolean {
  const [before, after] = [secretsOf(one), secretsOf(other)];
  return JSON.stringify(one) === JSON.stringify(other) && before.every((secret, at) => secret === after[at]);
}

function secretsOf({ root, vault }: CustodySettings): Secret[] {
  const pin = root.provider === "pkcs11" ? [root.pin] : [];
  if (vault === undefined) return pin;
  return vault.auth.method === "token" ? [...pin, vault.auth.token] : [...pin, vault.auth.roleId, vault.auth.secretId];
}

interface Opened {
  readonly settings: CustodySettings;
  readonly ring: Keyring;
  /** Of a room. */
  ringOf(name: string): Keyring;
  readonly sources: ReadonlyMap<string, SecretSource>;
  close(): Promise<void>;
}

/** No ring has a key. */
async function isEmpty(dir: string): Promise<boolean> {
  const records = await Promise.all([RING, ...ROOMS, EPOCHS].map((name) => kekFolder(dir, name).list()));
  return records.every(({ length }) => length === 0);
}

/** Asks nobody yet: providers and sources are opened when they are first needed. */
function open(settings: CustodySettings, clock: () => number, shared: ReadonlyMap<string, EnterKey>): Opened {
  const { dir, cacheMs } = settings;
  const vault = settings.vault === undefined ? undefined : new Vault(settings.vault, clock);
  const rings = new Map<string, Keyring>();
  function ringOf(name: string): Keyring {
    const known = rings.get(name);
    if (known !== undefined) return known;
    const made = new Keyring({
      ring: name,
      // A root key that was lost must not be replaced in silence by a ring that has no key yet.
      openRoot: async (mayCreate) => openRoot(settings, vault, randomBytes, mayCreate && (await isEmpty(dir))),
      store: kekFolder(dir, name),
      clock,
      random: randomBytes,
      cacheMs,
      enter: () => shared.get(name),
    });
    rings.set(name, made);
    return made;
  }
  const ring = ringOf(RING);
  const aws = awsSource(settings.aws);
  const sources = new Map<string, SecretSource>([
    ["aws-sm", aws],
    ["sealed", sealedSource(ring, secretFolder(dir))],
    ...(vault === undefined ? [] : [["vault", vaultSource(vault)] as const]),
  ]);
  return {
    settings,
    ring,
    ringOf,
    sources,
    async close() {
      aws.close();
      for (const each of rings.values()) await each.close();
    },
  };
}
