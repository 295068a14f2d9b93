/**
 * Key-encryption keys that take turns: one for each epoch, whose number is its version. What survives an epoch comes under the
 * next key, and the old one is destroyed, so that whatever was erased meanwhile is dead in every older backup too.
 */

export interface Wrapped {
  /** Of the key that wraps it, from 1. */
  readonly version: number;
  /** 60 bytes for a key of 32. */
  readonly wrapped: Uint8Array;
}

/**
 * Something that keeps keys wrapped under the keys of the epochs. It must have brought them under the newest one, or have let
 * them go, before an older one can be destroyed.
 */
export interface EpochKeyUser {
  /** For people: `recordings`. */
  readonly name: string;
  /** How many of its keys are wrapped under this version. */
  count(version: number): Promise<number>;
  /** Brings what is under older keys under the newest, in small pieces. Returns how many. A pass that is cut off is run again. */
  rewrap(): Promise<number>;
}

/**
 * A promise comes back only when a key is not in memory; what cannot be done is thrown or rejected accordingly, so call with
 * `await`. Throws key_unavailable, which may be retried, key_unknown, and seal_invalid.
 */
export interface EpochKeys {
  /** Version of the key of this epoch. The first is made, on record, when it is first needed; later ones when it is time. */
  current(): number | Promise<number>;
  /** Under the key of this epoch, bound to `aad`. Leave `key` as it is until the result is there. */
  wrap(key: Uint8Array, aad: Uint8Array): Wrapped | Promise<Wrapped>;
  /** The caller clears the result. */
  unwrap(version: number, wrapped: Uint8Array, aad: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Those that are not destroyed, in order; none before the first is needed. */
  versions(): Promise<readonly EpochKey[]>;
  addUser(user: EpochKeyUser): void;
  readonly users: readonly EpochKeyUser[];
  /**
   * Destroys a key, on record first: file overwritten and gone, copies in memory cleared. Throws key_in_use for the newest, and
   * while something is wrapped under it. One that is gone already is no error.
   */
  destroy(version: number): Promise<void>;
  /** Another gateway destroyed it, or the log says that it was: whatever is here of it goes. */
  forget(version: number): Promise<void>;
  /** Milliseconds since the epoch at which this epoch ends; undefined where none has begun. */
  endsAt(): Promise<number | undefined>;
}

export interface EpochKey {
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}
