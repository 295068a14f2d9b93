/**
 * The consent ledger (GDPR Art. 7): who agreed to which purpose, on which text, and who took it back; and who wants no processing
 * by AI at all (Art. 21). Entries are only added; the last one about a purpose counts. People are known here by a keyed hash of
 * the id that the controller's own systems have for them. Giving and withdrawing are the same call with another word, and the
 * next request sees it: what a process remembers is dropped before the change is confirmed.
 */
import { createHash } from "node:crypto";
import { SluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { ConsentState } from "../core/register.ts";

/** What a person, or the application that speaks for it, says. */
export type ConsentWord =
  | { readonly word: "give"; readonly purpose: string; readonly textVersion: string }
  | { readonly word: "withdraw"; readonly purpose: string }
  | { readonly word: "opt-out" }
  | { readonly word: "opt-in" };

export interface ConsentEntry {
  readonly word: ConsentWord["word"];
  readonly purpose?: string;
  readonly textVersion?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Index of the event in the log. */
  readonly evidence: number;
}

/** Durable when `add` resolves. Both reject with database_unavailable. */
export interface ConsentStore {
  add(subject: string, entry: ConsentEntry): Promise<void>;
  /** In the order in which they were added. */
  of(subject: string): Promise<readonly ConsentEntry[]>;
}

export interface ConsentOptions {
  readonly store: ConsentStore;
  readonly record: RecordEvent;
  /** Keyed one-way function of a data subject's id. */
  readonly tag: (subject: string) => string;
  /** Purposes that exist now. */
  readonly purposes: () => ReadonlySet<string>;
  /** Tells other gateways that somebody's entries changed. */
  readonly changed?: (subject: string) => Promise<void>;
}

export interface ConsentLedger {
  /** What holds for this person and purpose now. A promise only when it takes the database. */
  state(subject: string, purpose: string): ConsentState | Promise<ConsentState>;
  /** Puts a word on the log and in the ledger. `by`: principal's id. Rejects with purpose_unknown, evidence_unavailable, database_unavailable. */
  say(subject: string, word: ConsentWord, by: string, now: number): Promise<ConsentEntry>;
  history(subject: string): Promise<readonly ConsentEntry[]>;
  /** Somebody else changed the entries of the person with this tag; without one, of anybody. */
  forget(tag?: string): void;
}

/** People whose entries are kept in memory. */
const REMEMBERED_MAX = 20_000;

/** The last word counts: about the purpose, and about AI as a whole. */
export function stateOf(entries: readonly ConsentEntry[], purpose: string): ConsentState {
  let optedOut = false;
  let about: ConsentEntry | undefined;
  for (const entry of entries) {
    if (entry.word === "opt-out" || entry.word === "opt-in") optedOut = entry.word === "opt-out";
    else if (entry.purpose === purpose) about = entry;
  }
  if (about === undefined) return { state: "none", optedOut };
  const { word, textVersion } = about;
  return {
    state: word === "give" ? "given" : "withdrawn",
    optedOut,
    ...(word === "give" && textVersion !== undefined ? { textVersion } : {}),
  };
}

export function createConsentLedger(options: ConsentOptions): ConsentLedger {
  const { store, record, tag, purposes } = options;
  /** In the order of their last use. */
  const remembered = new Map<string, readonly ConsentEntry[]>();
  /** Counts changes, so that what was read before one is not remembered after it. */
  let changes = 0;

  function recall(subject: string): readonly ConsentEntry[] | undefined {
    const entries = remembered.get(subject);
    if (entries === undefined) return undefined;
    remembered.delete(subject);
    remembered.set(subject, entries);
    return entries;
  }

  async function read(subject: string): Promise<readonly ConsentEntry[]> {
    const before = changes;
    const entries = await store.of(subject);
    if (changes !== before) return entries;
    remembered.set(subject, entries);
    const oldest = remembered.size > REMEMBERED_MAX ? remembered.keys().next().value : undefined;
    if (oldest !== undefined) remembered.delete(oldest);
    return entries;
  }

  function forget(subject?: string): void {
    changes += 1;
    if (subject === undefined) remembered.clear();
    else remembered.delete(subject);
  }

  return {
    state(subject, purpose) {
      const key = tag(subject);
      const known = recall(key);
      return known === undefined ? read(key).then((entries) => stateOf(entries, purpose)) : stateOf(known, purpose);
    },
    async say(subject, word, by, now) {
      if ("purpose" in word && !purposes().has(word.purpose)) {
        throw new SluiceError("purpose_unknown", "this purpose is not registered in the configuration");
      }
      const key = tag(subject);
      const about = {
        word: word.word,
        ...("purpose" in word ? { purpose: word.purpose } : {}),
        ...("textVersion" in word ? { textVersion: word.textVersion } : {}),
      };
      // The log holds a commitment to the person, and nothing that could be compared between two records.
      const digest = createHash("sha256")
        .update(JSON.stringify([key, about, now]))
        .digest();
      const { index } = await record({ name: `consent.${word.word}`, actor: by, facts: factsOf(about) }, digest);
      const entry: ConsentEntry = { ...about, at: now, evidence: index };
      try {
        await store.add(key, entry);
      } finally {
        forget(key);
      }
      await options.changed?.(key);
      return entry;
    },
    history: (subject) => store.of(tag(subject)),
    forget,
  };
}

function factsOf(about: Pick<ConsentEntry, "purpose" | "textVersion">): Record<string, string> {
  return {
    ...(about.purpose === undefined ? {} : { purpose: about.purpose }),
    ...(about.textVersion === undefined ? {} : { textVersion: about.textVersion }),
  };
}
