/**
 * What is done with keys, by whom, and on record: every operation demands its duty of the principal and is an event on the log
 * before it happens. Names, versions, ages and counts go in and out; key material and secrets never do, but for `reveal`.
 */
import type { RecordEvent } from "../core/event.ts";
import { SluiceError } from "../core/errors.ts";
import type { Principal } from "../core/principal.ts";
import { demand } from "./duties.ts";
import type { Place } from "./envelope.ts";
import type { SecretFolder } from "./folder.ts";
import type { KekRecord, Keyring } from "./keyring.ts";
import { type SealedValues, type Tally, valuesOf } from "./values.ts";

export const SECRET_BYTES_MAX = 65_536;

export interface KeyStatus {
  readonly root: {
    readonly id: string;
    readonly version: string;
    readonly since?: number;
    readonly warnings: readonly string[];
    readonly weakness?: string;
  };
  /** In their order, those without a key yet too. */
  readonly rings: readonly RingStatus[];
}

export interface RingStatus {
  readonly ring: string;
  readonly keys: readonly {
    readonly version: number;
    readonly createdAt: number;
    /** The newest one seals, the others only open. */
    readonly state: "seals" | "opens";
    /** Id of the root key that wrapped it, and its version where the provider tells. */
    readonly root: string;
    readonly rootVersion?: string;
    /** Rows that need it. */
    readonly rows: number;
  }[];
  /** Rows that are no sealed values, or are sealed under another ring. */
  readonly unreadable: number;
  /** Why rows could not be counted; all counts are 0 then. */
  readonly uncounted?: string;
}

export interface Rewrapped {
  readonly ring: string;
  readonly rows: number;
  readonly done: number;
  /** Rows that did not open; they stay as they are and are named by `failedNames`. */
  readonly failed: number;
  readonly failedNames: readonly string[];
}

export interface Rotation {
  /** What seals from now on. */
  readonly keys: readonly { readonly ring: string; readonly version: number }[];
  /** Resolves when every row is under its new key, or was tried. May be waited for, and need not be. */
  readonly rewrapped: Promise<readonly Rewrapped[]>;
}

/** A ring and all that is sealed under it. */
export interface SealedRing {
  readonly ring: Keyring;
  readonly values: SealedValues;
}

export interface KeysOptions {
  /** Of targets' secrets. */
  readonly ring: Keyring;
  readonly secrets: SecretFolder;
  /** Of rooms that seal rows of their own. */
  readonly others: readonly SealedRing[];
  readonly record: RecordEvent;
  /** Gets the count of rows that were looked at so far. */
  readonly progress?: (done: number, of: number) => void;
}

export class Keys {
  readonly #ring: Keyring;
  readonly #secrets: SecretFolder;
  readonly #rings: readonly SealedRing[];
  readonly #record: RecordEvent;
  readonly #progress: (done: number, of: number) => void;

  constructor({ ring, secrets, others, record, progress = () => {} }: KeysOptions) {
    this.#ring = ring;
    this.#secrets = secrets;
    this.#rings = [{ ring, values: valuesOf(ring, secrets) }, ...others];
    this.#record = record;
    this.#progress = progress;
  }

  get rings(): readonly string[] {
    return this.#rings.map(({ ring }) => ring.ring);
  }

  /** Throws `permission_missing`, and `key_unknown` when there is no key yet. */
  async status(principal: Principal): Promise<KeyStatus> {
    demand(principal, "look");
    const found = await Promise.all(this.#rings.map(async (sealed) => ({ sealed, records: await sealed.ring.list() })));
    const used = found.find(({ records }) => records.length > 0);
    if (used === undefined)
      throw new SluiceError("key_unknown", "there is no key yet; `sluice keys rotate` makes the first");
    const { status, versionOf } = await this.#rootStatus(used.sealed.ring, used.records.at(-1)?.root ?? "");
    const rings: RingStatus[] = [];
    for (const { sealed, records } of found) rings.push(await ringStatus(sealed, records, versionOf));
    return { root: status, rings };
  }

  /** A provider that is away is a warning here: the rest is known without it. */
  async #rootStatus(
    ring: Keyring,
    id: string,
  ): Promise<{
    readonly status: KeyStatus["root"];
    readonly versionOf: (wrapped: Uint8Array) => string | undefined;
  }> {
    try {
      const root = await ring.root();
      return {
        status: { id: root.id, ...(await root.describe()) },
        versionOf: (wrapped) => root.versionOf(wrapped),
      };
    } catch (thrown) {
      if (thrown instanceof SluiceError)
        return { status: { id, version: "?", warnings: [thrown.message] }, versionOf: () => undefined };
      throw thrown;
    }
  }

  /**
   * A new key-encryption key for these rings, by default for all that have one. It seals from now on, the older ones still open, and
   * rows come over in the background. Where no ring has a key, that of targets' secrets gets its first. Throws `key_unknown` for a
   * ring that there is not.
   */
  async rotate(principal: Principal, names?: readonly string[]): Promise<Rotation> {
    demand(principal, "rotate");
    const chosen = names === undefined ? await this.#inUse() : names.map((name) => this.#named(name));
    const keys: { ring: string; version: number }[] = [];
    for (const { ring } of chosen) keys.push({ ring: ring.ring, version: await this.#turn(ring, principal) });
    return { keys, rewrapped: this.#rewrapAll(chosen) };
  }

  async #turn(ring: Keyring, principal: Principal): Promise<number> {
    const root = await ring.root(true);
    return ring.rotate(async (next) => {
      await this.#record({
        name: next === 1 ? "key.created" : "key.rotated",
        actor: principal.id,
        target: `${ring.ring}/${next}`,
        facts: { root: root.id },
      });
    });
  }

  async #inUse(): Promise<readonly SealedRing[]> {
    const used: SealedRing[] = [];
    for (const sealed of this.#rings) if ((await sealed.ring.list()).length > 0) used.push(sealed);
    return used.length > 0 ? used : this.#rings.slice(0, 1);
  }

  #named(name: string): SealedRing {
    const found = this.#rings.find(({ ring }) => ring.ring === name);
    if (found !== undefined) return found;
    throw new SluiceError("key_unknown", `there is no ring of this name; there are ${this.rings.join(", ")}`);
  }

  /** A new version of the root key, and the key-encryption keys of all rings under it. Values stay as they are. Returns the keys. */
  async rotateRoot(principal: Principal): Promise<number> {
    demand(principal, "rotate");
    const [first] = await this.#inUse();
    const root = await (first?.ring ?? this.#ring).root();
    await this.#record({ name: "root.rotated", actor: principal.id, target: root.id });
    await root.rotate();
    let keys = 0;
    for (const { ring } of this.#rings) keys += await ring.rewrapKeys();
    await this.#record({ name: "root.rewrapped", actor: principal.id, target: root.id, facts: { keys } });
    return keys;
  }

  /**
   * Brings every row under the newest key of its ring. Runs after a rotation and at each start, since a pass that was cut off is simply
   * run again; a row that somebody changes meanwhile is under the newest key anyway.
   */
  rewrap(): Promise<readonly Rewrapped[]> {
    return this.#rewrapAll(this.#rings);
  }

  async #rewrapAll(rings: readonly SealedRing[]): Promise<readonly Rewrapped[]> {
    const done: Rewrapped[] = [];
    for (const sealed of rings) done.push(await this.#rewrapRing(sealed));
    return done;
  }

  async #rewrapRing({ ring, values }: SealedRing): Promise<Rewrapped> {
    const tally: Tally = { rows: 0, seen: 0, done: 0, failed: 0, failedNames: [] };
    try {
      await values.rewrap(tally, () => this.#progress(tally.seen, tally.rows));
    } finally {
      const { done, failed, rows } = tally;
      const facts = { done, failed, finished: tally.seen === rows, rows };
      if (done > 0 || failed > 0 || !facts.finished)
        await this.#record({ name: "key.rewrapped", target: ring.ring, facts });
    }
    const { rows, done, failed, failedNames } = tally;
    return { ring: ring.ring, rows, done, failed, failedNames };
  }

  /** Seals a target's secret under its name, for `sealed:<name>`. Replaces the one before. The caller clears `value`. */
  async sealSecret(principal: Principal, name: string, value: Uint8Array): Promise<void> {
    demand(principal, "rotate");
    if (value.length === 0 || value.length > SECRET_BYTES_MAX)
      throw new SluiceError("field_invalid", `a secret has 1 to ${SECRET_BYTES_MAX} bytes`);
    if ((await this.#ring.list()).length === 0) await this.#turn(this.#ring, principal);
    const sealed = await this.#ring.seal(this.#secrets.placeOf(name), value);
    await this.#record({ name: "secret.sealed", actor: principal.id, target: name });
    await this.#secrets.write(name, sealed);
  }

  /** False when there is none of this name. */
  async removeSecret(principal: Principal, name: string): Promise<boolean> {
    demand(principal, "rotate");
    if ((await this.#secrets.read(name)) === undefined) return false;
    await this.#record({ name: "secret.removed", actor: principal.id, target: name });
    return this.#secrets.remove(name);
  }

  /**
   * A sealed value in clear for a person, on record before it is read. A target's secret is revealed to nobody: whoever needs
   * another one puts another one in. The caller clears the result.
   */
  async reveal(principal: Principal, place: Place, sealed: Uint8Array): Promise<Buffer> {
    demand(principal, "reveal");
    if (place.table === this.#secrets.placeOf("any").table)
      throw new SluiceError("permission_missing", "a target's secret is revealed to nobody");
    await this.#record({
      name: "value.revealed",
      actor: principal.id,
      target: `${place.table}.${place.column}`,
    });
    return this.#ring.open(place, sealed);
  }
}

async function ringStatus(
  { ring, values }: SealedRing,
  records: readonly KekRecord[],
  versionOf: (wrapped: Uint8Array) => string | undefined,
): Promise<RingStatus> {
  let counts: ReadonlyMap<number, number> = new Map();
  let unreadable = 0;
  let uncounted: string | undefined;
  try {
    if (records.length > 0)
      ({ counts, unreadable } = await values.count(new Set(records.map(({ version }) => version))));
  } catch (thrown) {
    if (!(thrown instanceof SluiceError)) throw thrown;
    uncounted = thrown.message;
  }
  const newest = records.at(-1)?.version;
  return {
    ring: ring.ring,
    keys: records.map(({ version, createdAt, root, wrapped }) => {
      const rootVersion = versionOf(wrapped);
      return {
        version,
        createdAt,
        state: version === newest ? "seals" : "opens",
        root,
        ...(rootVersion === undefined ? {} : { rootVersion }),
        rows: counts.get(version) ?? 0,
      };
    }),
    unreadable,
    ...(uncounted === undefined ? {} : { uncounted }),
  };
}
