/** A review desk on a real database, with real encryption and a record that a test can read and break. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApprovalRule } from "../../core/decision.ts";
import { SluiceError } from "../../core/errors.ts";
import type { ControlEvent } from "../../core/event.ts";
import type { Principal } from "../../core/principal.ts";
import type { Secret } from "../../core/secret.ts";
import { type Database, openDatabase } from "../../server/database.ts";
import { type Ask, ReviewDesk, type ReviewSettings } from "../desk.ts";
import { reviewMigrations } from "../migrations.ts";
import { type Place, ReviewStore, type Sealing } from "../store.ts";

export interface TestDesk {
  readonly desk: ReviewDesk;
  readonly store: ReviewStore;
  readonly database: Database;
  readonly dir: string;
  readonly events: { readonly event: ControlEvent; readonly digest: Uint8Array | undefined }[];
  readonly faults: SluiceError[];
  /** Groups by person; who is not in it is in those of a principal made here. */
  readonly membership: Map<string, readonly string[]>;
  settings: ReviewSettings;
  /** When set, nothing can be recorded. */
  recordFails: boolean;
  /** Added to the time. */
  laterMs: number;
  close(): Promise<void>;
}

export interface TestDeskOptions {
  readonly url?: Secret | undefined;
  /** Of an earlier desk, to open it again. */
  readonly dir?: string;
  readonly sealing?: Sealing;
  readonly settings?: Partial<ReviewSettings>;
}

const SETTINGS: ReviewSettings = {
  expiresMs: 60_000,
  useMs: 60_000,
  pendingPerPrincipalMax: 20,
  hourlyPerPrincipalMax: 1_000,
  pendingMax: 10_000,
  previewBytesMax: 65_536,
  keepMs: 86_400_000,
};

export async function openDesk(options: TestDeskOptions = {}): Promise<TestDesk> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), "sluice-reviews-"));
  const faults: SluiceError[] = [];
  const database = await openDatabase({
    dir,
    url: options.url,
    migrations: reviewMigrations,
    clock: Date.now,
    onFault: (error) => faults.push(error),
  });
  const test: Omit<TestDesk, "desk" | "store"> & { desk?: ReviewDesk; store?: ReviewStore } = {
    database,
    dir,
    events: [],
    faults,
    membership: new Map(),
    settings: { ...SETTINGS, ...options.settings },
    recordFails: false,
    laterMs: 0,
    async close() {
      test.desk?.close();
      await database.close();
      if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
    },
  };
  const store = new ReviewStore({
    sql: database.sql,
    sealing: options.sealing ?? aesGcm(randomBytes(32)),
    record: async (event, digest) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (test.recordFails) throw new SluiceError("evidence_unavailable", "the log cannot be written");
      test.events.push({ event, digest });
      return { index: test.events.length - 1 };
    },
  });
  const desk = new ReviewDesk({
    store,
    wakeups: database.wakeups,
    settings: () => test.settings,
    membership: (person) => Promise.resolve(test.membership.get(person) ?? ["privacy", "security", "officers"]),
    peopleOf: (agent) => (agent === "agent:owned" ? ["corp:owner"] : []),
    urlOf: (id) => `https://sluice.example/reviews/${id}`,
    clock: () => Date.now() + test.laterMs,
    random: randomBytes,
    onFault: (error) => faults.push(error),
  });
  return Object.assign(test, { store, desk });
}

/** What custody does, in one function: a key, a fresh nonce, and the place as associated data. */
export function aesGcm(key: Buffer): Sealing {
  const aad = (place: Place): Buffer => Buffer.from(JSON.stringify([place.table, place.column, place.id]));
  return {
    seal(bytes, place) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(aad(place));
      return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed);
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12)).setAAD(aad(place));
      decipher.setAuthTag(bytes.subarray(-16));
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
    },
  };
}

export function person(id: string, groups: readonly string[] = ["privacy"], more: Partial<Principal> = {}): Principal {
  return {
    id,
    kind: "human",
    credential: `session:${id}`,
    groups,
    roles: ["user", "approver"],
    purposes: ["support"],
    actors: [],
    limits: { requestsPerMinute: 600, concurrentStreams: 20 },
    ...more,
  };
}

export function asking(principal: Principal, text: string, more: Partial<Ask> = {}): Ask {
  return {
    principal,
    purpose: { id: "support", basis: "eu-gdpr:A6-1-b" },
    connection: { name: "acme", recipient: { id: "acme", name: "Acme AI", country: "US", role: "processor" } },
    digest: createHash("sha256").update(text).digest(),
    body: createHash("sha256").update(`body of ${text}`).digest(),
    sending: { endpoint: "chat.completions", model: "m", query: "", headers: [] },
    categories: ["health"],
    risk: { score: 70, reasons: ["health data found", "outside the EEA"] },
    volume: 0,
    opaque: {},
    approvals: ONE,
    preview: Buffer.from(text),
    ...more,
  };
}

const ONE: readonly ApprovalRule[] = [{ group: "privacy", people: 1 }];

/** The code of what `work` throws, or "none". */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown.code;
    throw thrown;
  }
}
