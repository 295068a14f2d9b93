/**
 * A token that this gateway gives out for itself: what was asserted of a person and who acts for them, encrypted, so that whoever
 * carries it learns nothing from it and can change nothing in it. AES-256-GCM under a key derived for this use alone.
 *
 *     sluicex_ base64url( version 1 · nonce 12 bytes · ciphertext · tag 16 bytes )
 *
 * The nonce is random; at 2^32 tokens under one key it could repeat (NIST SP 800-38D section 8.3), which is a hundred a second
 * for sixteen months: replace the key file once a year if you give out that many.
 */
import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import { SluiceError } from "../core/errors.ts";
import { ACTORS_MAX, type Asserted } from "./claims.ts";
import type { Random } from "./key-format.ts";
import { own, parseObject } from "./strict-json.ts";
import { TOKEN_CHARS_MAX } from "./token-form.ts";

const PREFIX = "sluicex_";
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OVERHEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

export interface TokenSealer {
  /** Throws `token_invalid` when so much is asserted that the token would be too long to send. */
  seal(asserted: Asserted, random: Random): string;
  /** Undefined when the text is no such token. Throws token_invalid; whether it has expired is for the caller. */
  open(text: string): Asserted | undefined;
}

/** `master`: 32 random bytes or more. `audience` is what this gateway is called: a token of another one with the same key is refused. */
export function createTokenSealer(master: Uint8Array, audience: string): TokenSealer {
  const key = Buffer.from(hkdfSync("sha256", master, new Uint8Array(0), "sluice exchanged token", 32));
  const context = Buffer.from(`${PREFIX}${VERSION} ${audience}`);
  return {
    seal(asserted, random) {
      const nonce = random(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES }).setAAD(context);
      const sealed = Buffer.concat([
        Uint8Array.of(VERSION),
        nonce,
        cipher.update(JSON.stringify(asserted)),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
      const text = PREFIX + sealed.toString("base64url");
      if (text.length > TOKEN_CHARS_MAX) throw new SluiceError("token_invalid", "the token would be too long to send");
      return text;
    },
    open(text) {
      if (!text.startsWith(PREFIX)) return undefined;
      if (text.length > TOKEN_CHARS_MAX) throw refused();
      const sealed = Buffer.from(text.slice(PREFIX.length), "base64url");
      if (sealed.length < OVERHEAD_BYTES || sealed[0] !== VERSION) throw refused();
      const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(1, 1 + NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(context)
        .setAuthTag(sealed.subarray(-TAG_BYTES));
      let plain: Buffer;
      try {
        plain = Buffer.concat([decipher.update(sealed.subarray(1 + NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      } catch {
        // Not made with this key, or changed: one answer for both.
        throw refused();
      }
      const value = parseObject(plain);
      if (!isAsserted(value)) throw refused();
      return value;
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

function refused(): SluiceError {
  return new SluiceError("token_invalid", "the token is not one of this gateway, or was changed");
}
