/** What the configuration says about secrets and keys: where they are, how often they are read, and who keeps the root key. */
import type { Secret } from "./secret.ts";

export interface CustodySettings {
  /** Absolute path of the folder of wrapped keys and sealed secrets. */
  readonly dir: string;
  /** How often secrets are read again. */
  readonly refreshMs: number;
  /** How long the last value of a secret is used while its source fails. */
  readonly keepMs: number;
  /** How long a key-encryption key is held in memory in clear. */
  readonly cacheMs: number;
  readonly root: RootSettings;
  readonly vault?: VaultSettings;
  readonly aws: { readonly region?: string; readonly endpoint?: URL };
}

export type RootSettings =
  | { readonly provider: "file"; readonly path: string }
  | {
      readonly provider: "pkcs11";
      readonly module: string;
      readonly token: string;
      readonly key: string;
      readonly pin: Secret;
    }
  | { readonly provider: "aws-kms"; readonly key: string }
  | { readonly provider: "transit"; readonly mount: string; readonly key: string };

export interface VaultSettings {
  readonly url: URL;
  /** PEM of the authorities of a private PKI. */
  readonly ca?: string;
  readonly namespace?: string;
  readonly auth:
    | { readonly method: "token"; readonly token: Secret }
    | { readonly method: "approle"; readonly mount: string; readonly roleId: Secret; readonly secretId: Secret };
}
