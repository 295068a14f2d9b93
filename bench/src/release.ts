/**
 * From the vote that is enough to the request that goes on, while many wait: requests wait at the review desk, random ones are
 * approved, and each release is timed. The database is the embedded one on the disk of the temporary folder, what is shown is
 * encrypted, and what goes on record goes to a real evidence log; only the opening of the reviews, which is not measured, waits
 * for neither the log nor the disk.
 */
import { SluiceError } from "../../gateway/src/core/errors.ts";
import { createCipheriv, createDecipheriv, createHash, randomBytes, randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import type { Principal } from "../../gateway/src/core/principal.ts";
import { eventLeaf, openEvidence } from "../../gateway/src/evidence/index.ts";
import { type Ask, ReviewDesk } from "../../gateway/src/reviews/desk.ts";
import { reviewMigrations } from "../../gateway/src/reviews/migrations.ts";
import { ReviewStore, type Sealing } from "../../gateway/src/reviews/store.ts";
import { openDatabase } from "../../gateway/src/server/database.ts";
import { round, summarize } from "./statistics.ts";

const PENDING = 10_000;
const PENDING_QUICK = 500;
const DECISIONS = 1_000;
const DECISIONS_QUICK = 50;
/** People who decide at the same time, each one review after the other. More of them measure the queue for the disk, not the release. */
const APPROVERS = 1;
const PER_PRINCIPAL = 10;
const WAIT_MS = 3_600_000;

export const RELEASE_MEANINGS: Readonly<Record<string, string>> = {
  release_p99_ms: `from a yes to the request that waits for it going on, ${PENDING} pending, ${APPROVERS} decision at a time, 99 of 100`,
};

export async function releaseFigures(quick: boolean): Promise<{ release_p99_ms: number }> {
  const dir = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const evidence = await openEvidence({
    dir: join(dir, "evidence"),
    origin: "bench.example/log",
    clock: Date.now,
    checkpointIntervalMs: 1_000,
  });
  const fail = (error: Error): never => {
    throw error;
  };
  const database = await openDatabase({ dir, migrations: reviewMigrations, clock: Date.now, onFault: fail });
  let recording = false;
  const store = new ReviewStore({
    sql: database.sql,
    sealing: sealing(randomBytes(32)),
    record: async (event, digest) => {
      if (!recording) return { index: 0 };
      const actor = event.actor === undefined ? undefined : evidence.pseudonym(event.actor);
      return evidence.append(eventLeaf({ time: Date.now(), event, actor }), digest);
    },
  });
  const desk = new ReviewDesk({
    store,
    wakeups: database.wakeups,
    settings: () => ({
      expiresMs: WAIT_MS,
      useMs: WAIT_MS,
      pendingPerPrincipalMax: PER_PRINCIPAL,
      hourlyPerPrincipalMax: PENDING,
      pendingMax: PENDING,
      previewBytesMax: 65_536,
      keepMs: WAIT_MS,
    }),
    membership: () => Promise.resolve(["privacy"]),
    peopleOf: () => [],
    urlOf: (id) => id,
    clock: Date.now,
    random: randomBytes,
    onFault: fail,
  });
  try {
    await sql`pragma synchronous = off`.execute(database.sql);
    const pending = quick ? PENDING_QUICK : PENDING;
    const released = new Map<string, () => void>();
    const leaving = new AbortController();
    for (let at = 0; at < pending; at++) {
      const ask = asking(at);
      const review = await opened(desk, ask);
      void desk.ask(ask, leaving.signal, WAIT_MS).then(
        () => released.get(review)?.(),
        () => undefined,
      );
      released.set(review, () => undefined);
    }
    await sql`pragma synchronous = full`.execute(database.sql);
    recording = true;
    const waiting = [...released.keys()];
    const latencies: number[] = [];
    let left = quick ? DECISIONS_QUICK : DECISIONS;
    const decide = async (approver: Principal): Promise<void> => {
      while (left-- > 0) {
        const [review = ""] = waiting.splice(randomInt(waiting.length), 1);
        const gone = new Promise<void>((resolve) => released.set(review, resolve));
        const votedAt = performance.now();
        await desk.vote(review, approver, "approve");
        await gone;
        latencies.push(performance.now() - votedAt);
      }
    };
    await Promise.all(Array.from({ length: APPROVERS }, (_, at) => decide(person(`approver-${at}`))));
    leaving.abort();
    return { release_p99_ms: round(summarize(latencies).p99, 1) };
  } finally {
    desk.close();
    await database.close();
    await evidence.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The review of a request that does not wait yet. */
async function opened(desk: ReviewDesk, ask: Ask): Promise<string> {
  try {
    await desk.ask(ask, undefined, 0);
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown.details?.["review"] ?? "";
    throw thrown;
  }
  throw new Error("nobody was asked");
}

function asking(at: number): Ask {
  const body = JSON.stringify({
    model: "bench",
    messages: [{ role: "user", content: `Patient [PERSON_1], visit ${at}` }],
  });
  return {
    principal: person(`asker-${Math.floor(at / PER_PRINCIPAL)}`),
    purpose: { id: "support", basis: "eu-gdpr:A6-1-b" },
    connection: { name: "bench", recipient: { id: "bench", name: "Bench", country: "DE", role: "processor" } },
    digest: createHash("sha256").update(body).digest(),
    body: createHash("sha256").update(body).digest(),
    sending: { endpoint: "chat.completions", model: "bench", query: "", headers: [] },
    categories: ["health"],
    risk: { score: 70, reasons: ["health data found"] },
    volume: 0,
    opaque: {},
    approvals: [{ group: "privacy", people: 1 }],
    preview: Buffer.from(body),
  };
}

function person(name: string): Principal {
  return {
    id: `bench:${name}`,
    kind: "human",
    credential: name,
    groups: ["privacy"],
    roles: ["user", "approver"],
    purposes: ["support"],
    actors: [],
    limits: { requestsPerMinute: 1, concurrentStreams: 1 },
  };
}

function sealing(key: Buffer): Sealing {
  return {
    seal(bytes, place) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(JSON.stringify(place)));
      return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed);
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12)).setAAD(
        Buffer.from(JSON.stringify(place)),
      );
      decipher.setAuthTag(bytes.subarray(-16));
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
    },
  };
}
