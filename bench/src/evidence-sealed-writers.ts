/**
 * Child process: writers of sealed recordings, without a gateway around them: log, keys of data subjects on the embedded database,
 * index and recordings as the server opens them. A record is what an exchange waits for before it is forwarded: 1 KB of text with
 * the values of two people, sealed and durable, and its intent on the log. Answers with what it measured.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TYPES } from "@sluice/detector";
import type { RecordedText, RunningRecording } from "../../gateway/src/core/recording.ts";
import { Custody } from "../../gateway/src/custody/index.ts";
import { type Leaf, openEvidence } from "../../gateway/src/evidence/index.ts";
import { Recordings, recordingsDir } from "../../gateway/src/recordings/index.ts";
import { openDatabase } from "../../gateway/src/server/database.ts";
import { openSubjects } from "../../gateway/src/subjects/index.ts";
import { subjectMigrations } from "../../gateway/src/subjects/migrations.ts";
import { summarize } from "./statistics.ts";

const writers = Number(process.argv[2]);
const durationMs = Number(process.argv[3]);
/** People whose keys are in memory, as of a gateway that has run for a while. */
const PEOPLE = 2_000;
const TEXT_CHARS = 1_024;
const HOUR_MS = 3_600_000;

const dir = mkdtempSync(join(tmpdir(), "sluice-bench-"));
const origin = "bench.example/log";
const onFault = (error: Error): never => {
  throw error;
};
const log = await openEvidence({ dir, origin, clock: Date.now, checkpointIntervalMs: 1000 });
const database = await openDatabase({ dir, url: undefined, migrations: subjectMigrations, clock: Date.now, onFault });
const custody = new Custody(Date.now);
const root = { provider: "file", path: join(dir, "custody", "root.key") } as const;
const keys = { dir: join(dir, "custody"), refreshMs: HOUR_MS, keepMs: HOUR_MS, cacheMs: HOUR_MS, root, aws: {} };
const record = () => Promise.resolve({ index: 0 });
const epochKeys = custody.epochs(() => keys, { record, epochMs: () => 720 * HOUR_MS, onFault });
const subjects = await openSubjects({
  dir,
  database,
  alone: true,
  epochKeys,
  log,
  record,
  settings: () => ({ gateway: "bench", backupsMs: 720 * HOUR_MS, stripTags: true, region: undefined }),
  clock: Date.now,
  random: randomBytes,
  keyDestroyed: () => Promise.resolve(),
  onFault,
});
const recordings = await Recordings.open({
  dir: recordingsDir(dir),
  origin,
  settings: {
    mode: "sealed",
    shared: "all-of",
    rules: [],
    exchangeBytesMax: 8 * 1024 * 1024,
    atLimit: "end",
    fileBytesMax: 64 * 1024 * 1024,
  },
  epochs: epochKeys,
  subjects: subjects.keys,
  index: subjects.index,
  log,
  clock: Date.now,
  onFault,
});

const principal = log.pseudonym("service:bench");
const leaf = (recording: RunningRecording): Leaf => ({
  action: "infer",
  basis: "dpv:CustomerCare",
  bytes: TEXT_CHARS,
  categories: { contact: 2 },
  connection: "bench",
  endpoint: "chat.completions",
  found: { EMAIL: 2 },
  model: "bench-model",
  operators: { EMAIL: "placeholder" },
  principal,
  purpose: "support",
  recipient: { country: "DE", id: "bench" },
  recording: { ...recording.mark },
  retention: "P30D",
  time: "2026-11-21T10:00:00.000Z",
  type: "intent",
  v: 1,
});

function textOf(first: number, second: number): RecordedText {
  const before = "Please write to [EMAIL_1] and to [EMAIL_2]: ";
  const span = (at: number, person: number) =>
    ({
      start: at,
      end: at + 9,
      type: "EMAIL",
      operator: "placeholder",
      value: `person${person}@bench.example`,
    }) as const;
  const spans = [span(before.indexOf("[EMAIL_1"), first), span(before.indexOf("[EMAIL_2"), second)];
  return { path: "messages.0.content", text: before.padEnd(TEXT_CHARS, "lorem ipsum "), spans, origin: "user" };
}

const digest = new Uint8Array(32).fill(7);

/** As the gate does it: both become durable together. */
async function one(person: number): Promise<RunningRecording> {
  const recording = await recordings.begin({
    mode: "sealed",
    shared: "all-of",
    purpose: "support",
    connection: "bench",
    endpoint: "chat.completions",
    model: "bench-model",
    types: TYPES,
    texts: [textOf(person % PEOPLE, (person * 7 + 1) % PEOPLE)],
  });
  const [{ index }] = await Promise.all([log.append(leaf(recording), digest), recording.durable]);
  recording.recorded(index);
  return recording;
}

async function write(forMs: number): Promise<{ latencies: number[]; seconds: number }> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  let person = 0;
  await Promise.all(
    Array.from({ length: writers }, async () => {
      while (performance.now() - startedAt < forMs) {
        const sentAt = performance.now();
        const recording = await one(person++);
        latencies.push(performance.now() - sentAt);
        recording.abandon();
      }
    }),
  );
  return { latencies, seconds: (performance.now() - startedAt) / 1000 };
}

const people = Array.from({ length: PEOPLE }, (_, at) => ({ type: "EMAIL", value: `person${at}@bench.example` }));
await subjects.keys.keysFor(people);
await write(durationMs / 5);
const { latencies, seconds } = await write(durationMs);
await recordings.close();
await subjects.close();
await log.close();
await database.close();
await custody.close();
rmSync(dir, { recursive: true });
process.send?.({ recordsPerSecond: latencies.length / seconds, latency: summarize(latencies) });
process.disconnect?.();
