/**
 * `vault:<mount>/<path>#<field>`: the newest version of a secret in the KV engine, version 2, of Vault or OpenBao. A slash in
 * the name of the mount is written %2F.
 * https://openbao.org/api-docs/secret/kv/kv-v2/
 */
import { at, RequestError } from "./json-request.ts";
import { fieldOf, type Reading, type SecretSource } from "./source.ts";
import { encodePath, type Vault } from "./vault.ts";

const TARGET = /^([^/#\s]+)\/([^#\p{Cc}]+)#(.+)$/u;

/** Steps that would leave the mount, and empty ones. */
const DOTS = /(?:^|\/)(?:\.{1,2})?(?:\/|$)/;

export function vaultSource(vault: Vault): SecretSource {
  return {
    async read(target): Promise<Reading> {
      const [, mount, path, field] = TARGET.exec(target) ?? [];
      if (mount === undefined || path === undefined || field === undefined || DOTS.test(`${mount}/${path}`))
        return { reason: `vault:${target} is not of the form vault:<mount>/<path>#<field>`, gone: false };
      const place = `vault:${mount}/${path}`;
      try {
        const { status, body } = await vault.ask("GET", `${encodePath(decode(mount))}/data/${encodePath(path)}`);
        if (status === 404) return { reason: `${place} is not there`, gone: true };
        if (status === 403) return { reason: `${place} may not be read (403)`, gone: false };
        if (status !== 200) return { reason: `${place} answered ${status}`, gone: false };
        return fieldOf(at(body, "data", "data"), field, place);
      } catch (thrown) {
        if (thrown instanceof RequestError) return { reason: `${place}: ${thrown.message}`, gone: false };
        throw thrown;
      }
    },
  };
}

const decode = (mount: string): string => mount.replaceAll(/%2f/gi, "/");
