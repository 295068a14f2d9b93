/**
 * Keys that every gateway of one database must hold alike: a consent that one records is found by another under the same keyed
 * hash, or it is not found at all. The keys stay in files, outside of the database; in it stands a fingerprint of each, by which
 * a gateway that holds another key, or has lost its own, is told at the start, before it answers anybody by half of what is known.
 */
import { createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { SluiceError } from "../../core/errors.ts";
import type { Sealing } from "../../custody/index.ts";
import { keepKey } from "../keep-key.ts";
import type { Migration } from "./migrations.ts";

interface Tables {
  shared_keys: { name: string; fingerprint: string };
}

export const sharedKeyMigrations: readonly Migration[] = [
  {
    id: "shared-0001-keys",
    async up(db) {
      await db.schema
        .createTable("shared_keys")
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("fingerprint", "text", (column) => column.notNull())
        .execute();
    },
  },
];

export class SharedKeys {
  readonly #db: Kysely<Tables>;
  readonly #known: Map<string, string>;

  private constructor(db: Kysely<Tables>, known: Map<string, string>) {
    this.#db = db;
    this.#known = known;
  }

  /** As `open`, for a database that a gateway of an older version may have left. Undefined where nobody enters keys yet. */
  static async lookAt(database: Kysely<unknown>): Promise<SharedKeys | undefined> {
    const tables = await database.introspection.getTables();
    return tables.some(({ name }) => name === "shared_keys") ? SharedKeys.open(database) : undefined;
  }

  static async open(database: Kysely<unknown>): Promise<SharedKeys> {
    const db = database as Kysely<Tables>;
    const rows = await db.selectFrom("shared_keys").selectAll().execute();
    return new SharedKeys(db, new Map(rows.map(({ name, fingerprint }) => [name, fingerprint])));
  }

  /** The key in the file at `path`, made now if nobody has made one before. Throws keys_differ, evidence_corrupt. */
  async keep(name: string, path: string): Promise<Buffer> {
    if (this.#known.has(name) && !existsSync(path)) throw differ(name, `${path} is missing`, path);
    const key = keepKey(path);
    await this.#check(name, fingerprintOf(key), path);
    return key;
  }

  /**
   * The keys under which rows of this database are sealed; they lie wrapped in the folder `dir`, and the first is made now if
   * nobody has made one before. Throws keys_differ, and what opening a key throws.
   */
  async checkRing(ring: string, sealing: Pick<Sealing, "fingerprints">, dir: string): Promise<void> {
    const known = [...this.#known.keys()].filter((name) => name.startsWith(`${ring}/`)).toSorted();
    const held = await sealing.fingerprints(fingerprintOf, known.length === 0).catch((thrown: unknown) => {
      // One that cannot be asked just now is no other one.
      if (!(thrown instanceof SluiceError) || thrown.code === "key_unavailable") throw thrown;
      throw differ(ring, thrown.message, `${join(dir, ring)}-*.json, ${ROOT},`);
    });
    const names = new Map([...held].map(([version, fingerprint]) => [`${ring}/${version}`, fingerprint]));
    const pathOf = (name: string): string => `${join(dir, name.replace("/", "-"))}.json`;
    const missing = known.find((name) => !names.has(name));
    if (missing !== undefined) throw differ(missing, `${pathOf(missing)} is missing`, `${pathOf(missing)}, ${ROOT},`);
    for (const [name, fingerprint] of names) await this.#check(name, fingerprint, pathOf(name), ROOT);
  }

  /**
   * A key of a ring that is being made, before anything is sealed with it. Gives what takes the entry back. Throws keys_differ when
   * another gateway has made one of this version.
   */
  async enter(ring: string, version: number, key: Uint8Array, dir: string): Promise<() => Promise<void>> {
    const [name, fingerprint] = [`${ring}/${version}`, fingerprintOf(key)];
    const path = `${join(dir, `${ring}-${version}`)}.json`;
    if (!(await this.#isOurs(name, fingerprint))) {
      // Who has made it may have taken it back by the next try.
      this.#known.delete(name);
      throw differ(name, `another gateway has made it, and ${path} is missing here`, `${path}, ${ROOT},`);
    }
    return async () => {
      this.#known.delete(name);
      await this.#db
        .deleteFrom("shared_keys")
        .where("name", "=", name)
        .where("fingerprint", "=", fingerprint)
        .execute();
    };
  }

  /** A key of a ring that is destroyed: nobody is asked for it any more. */
  async leave(ring: string, version: number): Promise<void> {
    const name = `${ring}/${version}`;
    this.#known.delete(name);
    await this.#db.deleteFrom("shared_keys").where("name", "=", name).execute();
  }

  async #check(name: string, fingerprint: string, path: string, more?: string): Promise<void> {
    if (await this.#isOurs(name, fingerprint)) return;
    throw differ(name, `${path} holds another key`, more === undefined ? path : `${path}, ${more},`);
  }

  async #isOurs(name: string, fingerprint: string): Promise<boolean> {
    if (!this.#known.has(name)) {
      await this.#db
        .insertInto("shared_keys")
        .values({ name, fingerprint })
        .onConflict((conflict) => conflict.column("name").doNothing())
        .execute();
      // Of gateways that make one at the same time, the first one's holds.
      const row = await this.#db
        .selectFrom("shared_keys")
        .select("fingerprint")
        .where("name", "=", name)
        .executeTakeFirstOrThrow();
      this.#known.set(name, row.fingerprint);
    }
    return this.#known.get(name) === fingerprint;
  }
}

const ROOT = "with the root key that wraps it, or the same key service or token as custody.root";

/** Tells a key of 32 random bytes from others, and nothing about it. */
function fingerprintOf(key: Uint8Array): string {
  return createHmac("sha256", key).update("sluice shared key").digest("base64url");
}

function differ(name: string, what: string, copy: string): SluiceError {
  return new SluiceError(
    "keys_differ",
    `this database is used with another key "${name}": ${what}. Copy ${copy} from the gateway that used the database first, or ` +
      "from a backup; docs/custody.md, “More than one gateway”, says what each key is for and how to begin with a new one",
  );
}
