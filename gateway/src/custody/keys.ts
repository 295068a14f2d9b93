/**
 * What is done with keys, by whom, and on record: every operation demands its duty of the principal and is an event on the log
 * before it happens. Names, versions, ages and counts go in and out; key material and secrets never do, but for `reveal`.
 */
import type { RecordEvent } from "../core/event.ts";
import { SluiceError } from "../core/errors.ts";
import type { Principal } from "../core/principal.ts";
import { demand } from "./duties.ts";
import type { Place } from "./envelope.ts";
import type { SealedRows, SecretFolder } from "./folder.ts";
import type { Keyring } from "./keyring.ts";

/** Between two pieces of a background pass, so that exchanges get their turn. */
const BREATH_EVERY = 50;
export const SECRET_BYTES_MAX = 65_536;

export interface KeyStatus {
  readonly root: {
    readonly id: string;
    readonly version: string;
    readonly since?: number;
    readonly warnings: readonly string[];
    readonly weakness?: string;
  };
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
}

export interface Rewrapped {
  readonly rows: number;
  readonly done: number;
  /** Rows that did not open; they stay as they are and are named by `failedIds`. */
  readonly failed: number;
  readonly failedIds: readonly string[];
}

export interface Rotation {
  readonly version: number;
  /** Resolves when every row is under the new key, or was tried. May be waited for, and need not be. */
  readonly rewrapped: Promise<Rewrapped>;
}

export interface KeysOptions {
  readonly ring: Keyring;
  readonly secrets: SecretFolder;
  readonly record: RecordEvent;
  /** Gets the count of rows that were looked at so far. */
  readonly progress?: (done: number, of: number) => void;
}

/** Ids that are named in a result; the rest is counted. */
const NAMED_MAX = 20;

export class Keys {
  readonly #ring: Keyring;
  readonly #secrets: SecretFolder;
  readonly #record: RecordEvent;
  readonly #progress: (done: number, of: number) => void;

  constructor({ ring, secrets, record, progress = () => {} }: KeysOptions) {
    this.#ring = ring;
    this.#secrets = secrets;
    this.#record = record;
    this.#progress = progress;
  }

  /** Throws `permission_missing`, and `key_unknown` when there is no key yet. */
  async status(principal: Principal): Promise<KeyStatus> {
    demand(principal, "look");
    const records = await this.#ring.list();
    if (records.length === 0)
      throw new SluiceError("key_unknown", "there is no key yet; `sluice keys rotate` makes the first");
    const counts = new Map<number, number>();
    let unreadable = 0;
    for (const id of await this.#secrets.ids()) {
      const version = await this.#versionOf(id);
      if (!records.some((each) => each.version === version)) unreadable += 1;
      else if (version !== undefined) counts.set(version, (counts.get(version) ?? 0) + 1);
    }
    const newest = records.at(-1)?.version;
    const { status, versionOf } = await this.#rootStatus(records.at(-1)?.root ?? "");
    return {
      root: status,
      ring: this.#ring.ring,
      keys: records.map(({ version, createdAt, root, wrapped }) => {
        const state = version === newest ? "seals" : "opens";
        const rootVersion = versionOf(wrapped);
        return {
          version,
          createdAt,
          state,
          root,
          ...(rootVersion === undefined ? {} : { rootVersion }),
          rows: counts.get(version) ?? 0,
        };
      }),
      unreadable,
    };
  }

  /** A provider that is away is a warning here: the rest is known without it. */
  async #rootStatus(id: string): Promise<{
    readonly status: KeyStatus["root"];
    readonly versionOf: (wrapped: Uint8Array) => string | undefined;
  }> {
    try {
      const root = await this.#ring.root();
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

  /** A new key-encryption key. It seals from now on, the older ones still open, and rows come over in the background. */
  async rotate(principal: Principal): Promise<Rotation> {
    demand(principal, "rotate");
    const root = await this.#ring.root(true);
    const version = await this.#ring.rotate(async (next) => {
      await this.#record({
        name: next === 1 ? "key.created" : "key.rotated",
        actor: principal.id,
        target: `${this.#ring.ring}/${next}`,
        facts: { root: root.id },
      });
    });
    return { version, rewrapped: this.rewrap() };
  }

  /** A new version of the root key, and every key-encryption key under it. Values stay as they are. Returns the keys. */
  async rotateRoot(principal: Principal): Promise<number> {
    demand(principal, "rotate");
    const root = await this.#ring.root();
    await this.#record({ name: "root.rotated", actor: principal.id, target: root.id });
    await root.rotate();
    const keys = await this.#ring.rewrapKeys();
    await this.#record({ name: "root.rewrapped", actor: principal.id, target: root.id, facts: { keys } });
    return keys;
  }

  /**
   * Brings every row under the newest key. Runs after a rotation and at each start, since a pass that was cut off is simply run
   * again; a row that somebody changes meanwhile is under the newest key anyway.
   */
  async rewrap(rows: SealedRows = this.#secrets): Promise<Rewrapped> {
    const ids = await rows.ids();
    const failedIds: string[] = [];
    let [done, failed, seen] = [0, 0, 0];
    try {
      for (const id of ids) {
        try {
          if (await this.#rewrapRow(rows, id)) done += 1;
        } catch (thrown) {
          // One row that does not open must not keep the others under an old key. A root key that is away ends the pass.
          if (!(thrown instanceof SluiceError) || thrown.code === "key_unavailable") throw thrown;
          failed += 1;
          if (failedIds.length < NAMED_MAX) failedIds.push(id);
        }
        seen += 1;
        this.#progress(seen, ids.length);
        if (seen % BREATH_EVERY === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      const facts = { done, failed, finished: seen === ids.length, rows: ids.length };
      if (done > 0 || failed > 0 || !facts.finished)
        await this.#record({ name: "key.rewrapped", target: this.#ring.ring, facts });
    }
    return { rows: ids.length, done, failed, failedIds };
  }

  async #rewrapRow(rows: SealedRows, id: string): Promise<boolean> {
    const sealed = await rows.read(id);
    if (sealed === undefined) return false;
    const moved = await this.#ring.rewrap(rows.placeOf(id), sealed);
    return moved !== undefined && (await rows.replace(id, sealed, moved));
  }

  /** Seals a target's secret under its name, for `sealed:<name>`. Replaces the one before. The caller clears `value`. */
  async sealSecret(principal: Principal, name: string, value: Uint8Array): Promise<void> {
    demand(principal, "rotate");
    if (value.length === 0 || value.length > SECRET_BYTES_MAX)
      throw new SluiceError("field_invalid", `a secret has 1 to ${SECRET_BYTES_MAX} bytes`);
    if ((await this.#ring.list()).length === 0) await this.rotate(principal);
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

  async #versionOf(id: string): Promise<number | undefined> {
    const sealed = await this.#secrets.read(id);
    if (sealed === undefined) return undefined;
    return this.#ring.versionOf(this.#secrets.placeOf(id), sealed);
  }
}
