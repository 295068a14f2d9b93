import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SluiceError } from "../core/errors.ts";
import type { ControlEvent } from "../core/event.ts";
import { type Database, openDatabase } from "../server/database.ts";
import { type ConsentEntry, type ConsentLedger, createConsentLedger, stateOf } from "./consent.ts";
import { rightsMigrations } from "./migrations.ts";
import { consentStore } from "./store.ts";

const NOW = Date.UTC(2026, 10, 21);
const SUBJECT = "customer-4711";
const GIVE = { word: "give", purpose: "newsletter", textVersion: "2026-11-en" } as const;
const WITHDRAW = { word: "withdraw", purpose: "newsletter" } as const;

let dir: string;
let database: Database;
let events: ControlEvent[];
let logIsFull: boolean;
let ledger: ConsentLedger;

const open = (): Promise<Database> =>
  openDatabase({ dir, migrations: rightsMigrations, clock: () => NOW, onFault: () => undefined });

const ledgerOn = ({ sql }: Database): ConsentLedger =>
  createConsentLedger({
    store: consentStore(sql),
    record: async (event) => {
      if (logIsFull) throw new SluiceError("evidence_unavailable", "full");
      events.push(event);
      return { index: events.length };
    },
    tag: (subject) => createHmac("sha256", "key of the test").update(subject).digest("base64url"),
    purposes: () => new Set(["newsletter", "advice"]),
  });

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "sluice-rights-"));
  events = [];
  logIsFull = false;
  database = await open();
  ledger = ledgerOn(database);
});
afterEach(async () => {
  await database.close();
  rmSync(dir, { recursive: true, force: true });
});

const now = async (purpose = "newsletter") => ledger.state(SUBJECT, purpose);

describe("the consent ledger", () => {
  it("knows nobody who said nothing", async () => {
    expect(await now()).toEqual({ state: "none", optedOut: false });
  });

  it("holds what was said for the purpose that it was said for, with the text that was shown", async () => {
    await ledger.say(SUBJECT, GIVE, "service:web", NOW);
    expect(await now()).toEqual({ state: "given", optedOut: false, textVersion: "2026-11-en" });
    expect(await now("advice")).toEqual({ state: "none", optedOut: false });
    expect(await ledger.state("customer-1", "newsletter")).toEqual({ state: "none", optedOut: false });
  });

  it("a withdrawal holds for the very next question, also where the answer was remembered", async () => {
    await ledger.say(SUBJECT, GIVE, "service:web", NOW);
    await now();
    expect(ledger.state(SUBJECT, "newsletter")).toMatchObject({ state: "given" });
    await ledger.say(SUBJECT, WITHDRAW, "service:web", NOW + 1);
    expect(await now()).toEqual({ state: "withdrawn", optedOut: false });
  });

  it("an answer that was read while a word was being written is not remembered", async () => {
    await ledger.say(SUBJECT, GIVE, "service:web", NOW);
    const saying = ledger.say(SUBJECT, WITHDRAW, "service:web", NOW + 1);
    const asked = Array.from({ length: 50 }, () => now());
    await Promise.all([saying, ...asked]);
    expect(await now()).toMatchObject({ state: "withdrawn" });
  });

  it("who opts out of AI is out for every purpose, and keeps what was agreed for the day of coming back", async () => {
    await ledger.say(SUBJECT, GIVE, "service:web", NOW);
    await ledger.say(SUBJECT, { word: "opt-out" }, "service:web", NOW);
    expect(await now()).toMatchObject({ state: "given", optedOut: true });
    expect(await now("advice")).toMatchObject({ optedOut: true });
    await ledger.say(SUBJECT, { word: "opt-in" }, "service:web", NOW);
    expect(await now()).toMatchObject({ state: "given", optedOut: false });
  });

  it("is on the log before it holds, without the person", async () => {
    await ledger.say(SUBJECT, GIVE, "service:web", NOW);
    expect(events).toEqual([
      {
        name: "consent.give",
        actor: "service:web",
        facts: { purpose: "newsletter", textVersion: "2026-11-en" },
      },
    ]);
    logIsFull = true;
    await expect(ledger.say(SUBJECT, WITHDRAW, "service:web", NOW)).rejects.toMatchObject({
      code: "evidence_unavailable",
    });
    expect(await ledger.history(SUBJECT)).toHaveLength(1);
  });

  it("knows registered purposes only", async () => {
    await expect(ledger.say(SUBJECT, { ...GIVE, purpose: "jane-doe" }, "a", NOW)).rejects.toMatchObject({
      code: "purpose_unknown",
    });
    expect(events).toEqual([]);
  });

  it("survives a restart, and its file never held the person's id", async () => {
    await ledger.say(SUBJECT, GIVE, "service:web", NOW);
    await ledger.say(SUBJECT, WITHDRAW, "service:web", NOW + 5);
    const history = await ledger.history(SUBJECT);
    expect(history).toEqual([
      { word: "give", purpose: "newsletter", textVersion: "2026-11-en", at: NOW, evidence: 1 },
      { word: "withdraw", purpose: "newsletter", at: NOW + 5, evidence: 2 },
    ]);
    for (const name of readdirSync(dir)) expect(readFileSync(join(dir, name)).includes(SUBJECT)).toBe(false);
    await database.close();
    database = await open();
    ledger = ledgerOn(database);
    expect(await ledger.history(SUBJECT)).toEqual(history);
    expect(await now()).toMatchObject({ state: "withdrawn" });
  });

  it("loses no word of many that are said at once", async () => {
    const words = Array.from({ length: 15 }, (_, at) => (at % 2 === 0 ? GIVE : WITHDRAW));
    await Promise.all(words.map((word) => ledger.say(SUBJECT, word, "a", NOW)));
    expect(await ledger.history(SUBJECT)).toHaveLength(15);
  });
});

it("the last word about a purpose counts, whatever was said of others", () => {
  const entry = fc.record({
    word: fc.constantFrom("give" as const, "withdraw" as const),
    purpose: fc.constantFrom("a", "b"),
    at: fc.integer(),
    evidence: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(entry), fc.constantFrom("a", "b"), (entries: ConsentEntry[], purpose) => {
      const last = entries.findLast((each) => each.purpose === purpose);
      const expected = last === undefined ? "none" : last.word === "give" ? "given" : "withdrawn";
      expect(stateOf(entries, purpose)).toEqual({ state: expected, optedOut: false });
    }),
  );
});
