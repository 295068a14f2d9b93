/**
 * A token that this gateway gives out for itself: what was asserted of a person and who acts for them, sealed, so that whoever
 * carries it learns nothing from it and can change nothing in it. `sluicex_` and a sealed text.
 */
import { SluiceError } from "../core/errors.ts";
import { ACTORS_MAX, type Asserted } from "./claims.ts";
import type { Random } from "./key-format.ts";
import { createTextSealer } from "./sealed-text.ts";
import { own, parseObject } from "./strict-json.ts";
import { TOKEN_CHARS_MAX } from "./token-form.ts";

export const SEALED_PREFIX = "sluicex_";

export interface TokenSealer {
  /** Throws `token_invalid` when so much is asserted that the token would be too long to send. */
  seal(asserted: Asserted, random: Random): string;
  /** Undefined when the text is no such token. Throws token_invalid; whether it has expired is for the caller. */
  open(text: string): Asserted | undefined;
}

/** `master`: 32 random bytes or more. `audience` is what this gateway is called: a token of another one with the same key is refused. */
export function createTokenSealer(master: Uint8Array, audience: string): TokenSealer {
  const sealer = createTextSealer(master, "sluice exchanged token", `${SEALED_PREFIX} ${audience}`);
  return {
    seal(asserted, random) {
      const text = SEALED_PREFIX + sealer.seal(JSON.stringify(asserted), random);
      if (text.length > TOKEN_CHARS_MAX) throw new SluiceError("token_invalid", "the token would be too long to send");
      return text;
    },
    open(text) {
      if (!text.startsWith(SEALED_PREFIX)) return undefined;
      const plain = text.length > TOKEN_CHARS_MAX ? undefined : sealer.open(text.slice(SEALED_PREFIX.length));
      const value = plain === undefined ? undefined : parseObject(plain);
      if (isAsserted(value)) return value;
      throw new SluiceError("token_invalid", "the token is not one of this gateway, or was changed");
    },
  };
}

/** The key has proven who wrote it; an older version of this gateway may have written it otherwise. */
function isAsserted(value: unknown): value is Asserted {
  const texts = (name: string): boolean => {
    const list = own(value, name);
    return Array.isArray(list) && list.every((each) => typeof each === "string");
  };
  const actors = own(value, "actors");
  const kind = own(value, "kind");
  return (
    typeof own(value, "provider") === "string" &&
    typeof own(value, "subject") === "string" &&
    typeof own(value, "expiresAt") === "number" &&
    (kind === "human" || kind === "service") &&
    texts("groups") &&
    texts("actors") &&
    Array.isArray(actors) &&
    actors.length <= ACTORS_MAX &&
    ["client", "mayAct", "boundTo"].every((name) => ["string", "undefined"].includes(typeof own(value, name)))
  );
}
