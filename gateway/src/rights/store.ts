/**
 * The consent ledger's table. Rows are added and never changed. An erasure leaves them: who processes on consent has to be able to
 * show it (GDPR Art. 7(1)), and an objection that is forgotten would not be heeded (Art. 21).
 */
import type { Kysely } from "kysely";
import type { ConsentEntry, ConsentStore, ConsentWord } from "./consent.ts";

interface Tables {
  consent_entries: {
    /** Keyed hash of the data subject's id. */
    subject: string;
    /** Counts the entries of one subject from 1: two that are added at once get different numbers or one fails. */
    number: number;
    word: string;
    purpose: string | null;
    text_version: string | null;
    at: number;
    evidence: number;
  };
}

/** Words of one person that collide are tried again this often. */
const TRIES_MAX = 20;

export function consentStore(database: Kysely<unknown>): ConsentStore {
  const db = database as Kysely<Tables>;

  async function tryAdd(subject: string, entry: ConsentEntry): Promise<boolean> {
    const { last } = await db
      .selectFrom("consent_entries")
      .select(({ fn }) => fn.max("number").as("last"))
      .where("subject", "=", subject)
      .executeTakeFirstOrThrow();
    const { numInsertedOrUpdatedRows } = await db
      .insertInto("consent_entries")
      .values({
        subject,
        number: (last ?? 0) + 1,
        word: entry.word,
        purpose: entry.purpose ?? null,
        text_version: entry.textVersion ?? null,
        at: entry.at,
        evidence: entry.evidence,
      })
      .onConflict((conflict) => conflict.columns(["subject", "number"]).doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  }

  return {
    async add(subject, entry) {
      for (let tries = 0; tries < TRIES_MAX; tries++) if (await tryAdd(subject, entry)) return;
      throw new Error(`assertion: an entry collided ${TRIES_MAX} times`);
    },
    async of(subject) {
      const rows = await db
        .selectFrom("consent_entries")
        .select(["word", "purpose", "text_version", "at", "evidence"])
        .where("subject", "=", subject)
        .orderBy("number")
        .execute();
      return rows.map(({ word, purpose, text_version: textVersion, at, evidence }) => ({
        word: word as ConsentWord["word"],
        at,
        evidence,
        ...(purpose === null ? {} : { purpose }),
        ...(textVersion === null ? {} : { textVersion }),
      }));
    },
  };
}
