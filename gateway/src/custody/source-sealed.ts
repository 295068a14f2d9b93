/** `sealed:<name>`: a secret that lies sealed in the custody folder. `sluice keys seal <name>` puts one there. */
import { SluiceError } from "../core/errors.ts";
import { SECRET_NAME, type SecretFolder } from "./folder.ts";
import type { Keyring } from "./keyring.ts";
import type { Reading, SecretSource } from "./source.ts";

export function sealedSource(ring: Keyring, secrets: SecretFolder): SecretSource {
  return {
    async read(name): Promise<Reading> {
      if (!SECRET_NAME.test(name))
        return { reason: `sealed:${name} is not a name of 1 to 64 of a-z, 0-9, _ and -`, gone: false };
      try {
        const sealed = await secrets.read(name);
        if (sealed === undefined)
          return { reason: `sealed:${name} is not there; put it in with \`sluice keys seal ${name}\``, gone: true };
        const value = await ring.open(secrets.placeOf(name), sealed);
        try {
          return { value: value.toString("utf8") };
        } finally {
          value.fill(0);
        }
      } catch (thrown) {
        if (thrown instanceof SluiceError) return { reason: `sealed:${name}: ${thrown.message}`, gone: false };
        throw thrown;
      }
    },
  };
}
