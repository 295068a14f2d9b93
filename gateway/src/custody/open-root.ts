/** Root key of a configuration → its provider. Adding a provider: one file that keeps the contract, one row here, one in config. */
import type { CustodySettings } from "../core/custody.ts";
import { SluiceError } from "../core/errors.ts";
import type { Random } from "./aead.ts";
import type { RootKey } from "./root.ts";
import { openFileRoot } from "./root-file.ts";
import { openKmsRoot } from "./root-kms.ts";
import { openPkcs11Root } from "./root-pkcs11.ts";
import { openTransitRoot } from "./root-transit.ts";
import type { Vault } from "./vault.ts";

/** Makes a root key only where `mayCreate`, and never one of AWS KMS. Throws `key_unavailable`. */
export async function openRoot(
  { root, aws }: Pick<CustodySettings, "root" | "aws">,
  vault: Vault | undefined,
  random: Random,
  mayCreate: boolean,
): Promise<RootKey> {
  switch (root.provider) {
    case "file":
      return openFileRoot({ path: root.path, random }, mayCreate);
    case "pkcs11":
      return openPkcs11Root({ ...root, random }, mayCreate);
    case "aws-kms":
      return openKmsRoot({ key: root.key, ...aws });
    case "transit":
      if (vault === undefined) throw new SluiceError("config_invalid", "the root key transit needs custody.vault");
      return openTransitRoot({ vault, mount: root.mount, key: root.key }, mayCreate);
  }
}
