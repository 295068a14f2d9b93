/**
 * Identifiers in clear, for as long as somebody has to be told of them: until the last sink of an erasure has answered, and while a legal
 * hold names people. Each is under a random key of its own, wrapped by the key of the epoch, so that what older backups of the database
 * hold of it dies with the epoch. Sealed: version u32, wrapped key, nonce 12 bytes, ciphertext, tag 16 bytes; AES-256-GCM, bound to the row.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Kysely } from "kysely";
import type { EpochKeys, EpochKeyUser } from "../core/epoch-keys.ts";
import { SluiceError } from "../core/errors.ts";
import type { Identifier } from "../core/subjects.ts";

const KEY_BYTES = 32;
const WRAPPED_BYTES = 60;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 4 + WRAPPED_BYTES;
const CIPHER = "aes-256-gcm";

type Wrapping = Pick<EpochKeys, "wrap" | "unwrap">;

export class IdentifierSealing {
  readonly #keys: Wrapping;

  constructor(keys: Wrapping) {
    this.#keys = keys;
  }

  /** `place`: table and primary key; nothing opens in another one. Rejects with key_unavailable. */
  async seal(identifiers: readonly Identifier[], place: string): Promise<Uint8Array> {
    const key = randomBytes(KEY_BYTES);
    const plain = Buffer.from(JSON.stringify(identifiers.map(({ type, value }) => ({ type, value }))), "utf8");
    try {
      const { version, wrapped } = await this.#keys.wrap(key, binding(place));
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce).setAAD(binding(place));
      const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
      return Buffer.concat([headOf(version, wrapped), sealed]);
    } finally {
      key.fill(0);
      plain.fill(0);
    }
  }

  /** Rejects with key_unavailable, key_unknown, seal_invalid. */
  async open(sealed: Uint8Array, place: string): Promise<readonly Identifier[]> {
    const bytes = Buffer.from(sealed);
    if (bytes.length < HEAD_BYTES + NONCE_BYTES + TAG_BYTES) throw damaged();
    const key = await this.#keys.unwrap(bytes.readUInt32BE(0), bytes.subarray(4, HEAD_BYTES), binding(place));
    try {
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES));
      decipher.setAAD(binding(place)).setAuthTag(bytes.subarray(-TAG_BYTES));
      const plain = Buffer.concat([
        decipher.update(bytes.subarray(HEAD_BYTES + NONCE_BYTES, -TAG_BYTES)),
        decipher.final(),
      ]);
      const identifiers = JSON.parse(plain.toString("utf8")) as Identifier[];
      plain.fill(0);
      return identifiers;
    } catch (thrown) {
      if (thrown instanceof SluiceError) throw thrown;
      throw damaged();
    } finally {
      key.fill(0);
    }
  }
}

interface Tables {
  erasures: { id: string; sealed: Uint8Array | null };
  legal_holds: { id: string; sealed: Uint8Array | null };
}

const TABLES = ["erasures", "legal_holds"] as const;

/** What stands sealed in this room's tables, for bringing it under the key of another epoch. There is little of it at a time. */
export function sealedUser(sql: Kysely<unknown>, keys: Wrapping & Pick<EpochKeys, "current">): EpochKeyUser {
  const db = sql as Kysely<Tables>;
  const rowsOf = async (table: (typeof TABLES)[number]) =>
    (await db.selectFrom(table).select(["id", "sealed"]).where("sealed", "is not", null).execute()).flatMap(
      ({ id, sealed }) => (sealed === null ? [] : [{ id, sealed: Buffer.from(sealed) }]),
    );
  return {
    name: "identifiers",
    async count(version) {
      let count = 0;
      for (const table of TABLES)
        for (const { sealed } of await rowsOf(table)) if (sealed.readUInt32BE(0) === version) count += 1;
      return count;
    },
    async rewrap() {
      const newest = await keys.current();
      let done = 0;
      for (const table of TABLES) {
        for (const { id, sealed } of await rowsOf(table)) {
          const version = sealed.readUInt32BE(0);
          if (version === newest) continue;
          const aad = binding(`${table}/${id}`);
          const key = await keys.unwrap(version, sealed.subarray(4, HEAD_BYTES), aad);
          const under = await keys.wrap(key, aad);
          key.fill(0);
          const after = Buffer.concat([headOf(under.version, under.wrapped), sealed.subarray(HEAD_BYTES)]);
          // What was deleted meanwhile does not come back.
          const { numUpdatedRows } = await db
            .updateTable(table)
            .set({ sealed: after })
            .where("id", "=", id)
            .where("sealed", "=", sealed)
            .executeTakeFirstOrThrow();
          done += Number(numUpdatedRows);
        }
      }
      return done;
    },
  };
}

function headOf(version: number, wrapped: Uint8Array): Buffer {
  if (wrapped.length !== WRAPPED_BYTES) throw new Error("assertion: a wrapped key of 32 bytes has 60");
  const head = Buffer.alloc(4);
  head.writeUInt32BE(version);
  return Buffer.concat([head, wrapped]);
}

const binding = (place: string): Buffer => Buffer.from(`sluice rights ${place}`, "utf8");

function damaged(): SluiceError {
  return new SluiceError("seal_invalid", "sealed identifiers are damaged; restore the database from a backup");
}
