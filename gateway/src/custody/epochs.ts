/**
 * The keys of the epochs: one ring whose newest key is replaced when its epoch is over, by itself and on record, and whose old keys
 * are destroyed when nothing stands under them any more. Wraps and opens at once while the key is in memory, which is never longer
 * than the keyring allows; no call then touches the disk. Knows nothing of what the wrapped keys are for.
 *
 * Wrapped: nonce ‖ ciphertext ‖ tag of AES-256-GCM, bound to the version and to what the caller says.
 */
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { EpochKey, EpochKeys, EpochKeyUser, Wrapped } from "../core/epoch-keys.ts";
import type { RecordEvent } from "../core/event.ts";
import { decrypt, encrypt, type Random } from "./aead.ts";
import type { SealingKey } from "./envelope.ts";
import type { Keyring } from "./keyring.ts";

export interface EpochOptions {
  /** Another one when the configuration has changed; the last one is closed then. */
  readonly ring: () => Keyring;
  readonly record: RecordEvent;
  readonly clock: () => number;
  readonly random: Random;
  /** Length of an epoch. */
  readonly epochMs: () => number;
  /** How long it may take until a key that another process made is noticed. */
  readonly lookEveryMs: () => number;
  /** A key could not be made in time: the one before goes on. Must not throw. */
  readonly onFault: (error: SluiceError) => void;
}

interface Newest extends EpochKey {
  readonly lookAgainAt: number;
}

const LABEL = Buffer.from("sluice epoch key\0");
const VERSION_BYTES = 4;

export class Epochs implements EpochKeys {
  readonly #options: EpochOptions;
  readonly #users: EpochKeyUser[] = [];
  #newest: Newest | undefined;
  #looking: Promise<number> | undefined;

  constructor(options: EpochOptions) {
    this.#options = options;
  }

  get users(): readonly EpochKeyUser[] {
    return this.#users;
  }

  addUser(user: EpochKeyUser): void {
    this.#users.push(user);
  }

  current(): number | Promise<number> {
    const now = this.#options.clock();
    if (this.#newest !== undefined && now < this.#newest.lookAgainAt) return this.#newest.version;
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  wrap(key: Uint8Array, aad: Uint8Array): Wrapped | Promise<Wrapped> {
    const version = this.current();
    return typeof version === "number"
      ? this.#wrapUnder(version, key, aad)
      : version.then((each) => this.#wrapUnder(each, key, aad));
  }

  unwrap(version: number, wrapped: Uint8Array, aad: Uint8Array): Uint8Array | Promise<Uint8Array> {
    return this.#options.ring().use(version, (kek) => {
      const key = decrypt(kek.key, wrapped, boundTo(kek, aad));
      if (key !== undefined) return key;
      throw new SluiceError(
        "seal_invalid",
        `a key that is wrapped under ${kek.id}/${version} does not open: it is altered, from another place, or under another key`,
      );
    });
  }

  async versions(): Promise<readonly EpochKey[]> {
    return (await this.#options.ring().list()).map(({ version, createdAt }) => ({ version, createdAt }));
  }

  async endsAt(): Promise<number | undefined> {
    const newest = (await this.versions()).at(-1);
    return newest === undefined ? undefined : newest.createdAt + this.#options.epochMs();
  }

  async destroy(version: number): Promise<void> {
    const ring = this.#options.ring();
    const versions = await this.versions();
    if (!versions.some((each) => each.version === version)) return this.forget(version);
    const name = `${ring.ring}/${version}`;
    if (versions.at(-1)?.version === version)
      throw new SluiceError(
        "key_in_use",
        `key ${name} is the newest, which wraps; \`sluice keys rotate\` makes another`,
      );
    for (const user of this.#users) {
      const count = await user.count(version);
      if (count > 0) throw new SluiceError("key_in_use", `${count} keys of ${user.name} are still under ${name}`);
    }
    await this.#options.record({ name: "key.destroyed", target: name });
    await this.forget(version);
  }

  async forget(version: number): Promise<void> {
    if (this.#newest?.version === version) this.#newest = undefined;
    await this.#options.ring().destroy(version);
  }

  #wrapUnder(version: number, key: Uint8Array, aad: Uint8Array): Wrapped | Promise<Wrapped> {
    const ring = this.#options.ring();
    ring.count(version);
    return ring.use(version, (kek) => ({
      version,
      wrapped: encrypt(kek.key, key, boundTo(kek, aad), this.#options.random),
    }));
  }

  /** One look for all that wait. A key that cannot be made in time keeps nobody from working under the one before. */
  async #look(): Promise<number> {
    const { clock, epochMs, lookEveryMs, onFault } = this.#options;
    const newest = (await this.versions()).at(-1);
    if (newest !== undefined && clock() < newest.createdAt + epochMs()) return this.#take(newest);
    try {
      await this.#make(newest?.version ?? 0);
    } catch (thrown) {
      if (newest === undefined) throw thrown;
      onFault(toSluiceError(thrown));
      this.#newest = { ...newest, lookAgainAt: clock() + lookEveryMs() };
      return newest.version;
    }
    const made = (await this.versions()).at(-1);
    if (made === undefined)
      throw new SluiceError("key_unavailable", "the key of this epoch was removed as it was made");
    return this.#take(made);
  }

  #take(newest: EpochKey): number {
    const { clock, epochMs, lookEveryMs } = this.#options;
    const lookAgainAt = Math.min(clock() + lookEveryMs(), newest.createdAt + epochMs());
    this.#newest = { ...newest, lookAgainAt };
    return newest.version;
  }

  async #make(after: number): Promise<void> {
    const ring = this.#options.ring();
    await ring.rotate(async (version) => {
      const name = version === 1 ? "key.created" : "key.rotated";
      await this.#options.record({ name, target: `${ring.ring}/${version}` });
    }, after);
  }
}

/** No two pairs of version and `aad` have the same bytes. */
function boundTo({ version }: SealingKey, aad: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(LABEL.length + VERSION_BYTES + aad.length);
  bytes.set(LABEL);
  bytes.writeUInt32BE(version, LABEL.length);
  bytes.set(aad, LABEL.length + VERSION_BYTES);
  return bytes;
}
