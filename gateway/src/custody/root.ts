/**
 * The contract of a root key: it wraps key-encryption keys and nothing else, and lives where the operator trusts most. Each
 * provider is one file; test/contract.ts is what all of them keep, whoever runs the hardware.
 */

export interface RootKey {
  /** Provider and key, without material: `file:5b1e…`, `pkcs11:token/key`. Stands on record and beside what it wrapped. */
  readonly id: string;
  /**
   * Wraps 32 bytes under the current version and binds them to `aad`. Two wraps of one key differ. May be called at any time,
   * also side by side; the provider's limits are the caller's to respect. Throws `key_unavailable`, which may be retried.
   */
  wrap(key: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;
  /**
   * Opens what any version wrapped. Throws `seal_invalid` when it is altered or bound to something else, `key_unknown` when its
   * version is gone, `key_unavailable` when the provider cannot be asked. The caller clears the result.
   */
  unwrap(wrapped: Uint8Array, aad: Uint8Array): Promise<Buffer>;
  /** Makes a new version, durably, and wraps under it from now on. What older versions wrapped still opens. */
  rotate(): Promise<void>;
  /** Which version made it, in the provider's words; undefined where it does not say. */
  versionOf(wrapped: Uint8Array): string | undefined;
  describe(): Promise<RootState>;
  /** Ends sessions with the provider. Nothing may be called after. */
  close(): Promise<void>;
}

export interface RootState {
  /** Of new wraps, in the provider's words. */
  readonly version: string;
  /** Milliseconds since the epoch, where the provider tells. */
  readonly since?: number;
  /** What an operator can mend: a key file that others can read. */
  readonly warnings: readonly string[];
  /** What cannot be mended with this provider, said plainly. */
  readonly weakness?: string;
}
