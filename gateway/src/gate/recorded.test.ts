import { OperatorKeys } from "@sluice/detector";
import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import type { Intent } from "../core/intent.ts";
import type { RecordingSettings } from "../core/recording.ts";
import { connectionFor, PURPOSES, principalFor } from "../core/test/connection.ts";
import { createAuthorizer, createHabits } from "../policy/index.ts";
import { createScrubber, createVault, ownDetection } from "../privacy/index.ts";
import { commitToDisk } from "../recordings/file.ts";
import { Room } from "../recordings/test/room.ts";
import { createGate, type ExchangeRecord, type Gate } from "./gate.ts";

const EMAIL = "john.doe@example.com";
const OUTCOME = { status: "completed", responseBytes: 2, upstreamMs: 1 } as const;
const DETECTION = ownDetection({});
const FULL = Object.assign(new Error("full"), { code: "ENOSPC" });
const render = (segments: readonly { text: string }[]): Uint8Array => Buffer.from(segments[0]?.text ?? "");

let room: Room;
let gate: Gate;
let ended: ExchangeRecord[];
/** What the disk of recordings does before it writes. */
let disk: () => Promise<void>;

afterEach(() => room.close());

async function build(settings: Partial<RecordingSettings> = {}): Promise<void> {
  disk = () => Promise.resolve();
  ended = [];
  room = await Room.open(settings, {
    commit: async (...written) => {
      await disk();
      return commitToDisk(...written);
    },
  });
  gate = createGate({
    verify: () => principalFor(),
    recorder: room.recordings,
    scrubber: createScrubber({
      hashKey: randomBytes(32),
      keys: (purpose) =>
        new OperatorKeys({ master: Buffer.alloc(32, 1), keyId: "k", purpose: purpose || "p", epoch: "1" }),
      random: (bytes) => Buffer.alloc(bytes, 3),
      vault: createVault({
        random: randomBytes,
        ttlMs: 1000,
        conversationsMax: 10,
        bytesMax: 1e6,
        placeholdersMax: 100,
      }),
      textCharsMax: 1_000_000,
      sliceMs: 5,
      timeoutMs: 1000,
      clock: performance.now.bind(performance),
      yieldNow: () => new Promise((resolve) => setImmediate(resolve)),
      detection: () => DETECTION,
    }),
    evidence: room.log,
    snapshot: () => ({
      connections: [connectionFor()],
      aliases: new Map(),
      authorizer: createAuthorizer({ purposes: PURPOSES, recipients: new Map() }, undefined),
      types: DETECTION.types,
      version: "policy-1",
    }),
    identityChanges: () => 0,
    consent: () => Promise.resolve({ state: "none", optedOut: false }),
    habits: createHabits(10),
    clock: Date.now,
    monotonic: performance.now.bind(performance),
    observer: { ended: (record) => ended.push(record) },
  });
}

const open = (change: Partial<Intent> = {}) =>
  gate.open(
    principalFor(),
    {
      action: "infer",
      family: "openai",
      target: "some-model",
      endpoint: "chat.completions",
      segments: [{ path: "messages.0.content", text: `write to ${EMAIL}`, final: true, origin: "user" }],
      opaqueParts: {},
      streaming: false,
      requestBytes: 100,
      ...change,
    },
    render,
  );

async function leaves(): Promise<Record<string, unknown>[]> {
  while (room.log.published < room.log.size) await new Promise((resolve) => setTimeout(resolve, 5));
  const found: Record<string, unknown>[] = [];
  for await (const { bytes } of room.log.entries(0))
    found.push(JSON.parse(bytes.toString()) as Record<string, unknown>);
  return found;
}

const replayed = async (intent: number, values: boolean): Promise<string[]> =>
  (await room.recordings.replay(intent, () => values)).chunks.flatMap(({ texts }) => texts.map(({ text }) => text));

describe("an exchange that is recorded", () => {
  it("names its recording on both leaves, and the recording is theirs", async () => {
    await build();
    const exchange = await open();
    exchange.back.push({ path: "c", text: "dear [EMAIL_1]", final: true });
    await exchange.end(OUTCOME);
    const [intent, outcome] = await leaves();
    const mark = intent?.["recording"] as { id: string; head: string };
    expect(mark).toMatchObject({ mode: "sealed", place: 0, id: expect.stringMatching(/^[\w-]{22}$/) as unknown });
    expect(outcome?.["recording"]).toMatchObject({
      chunks: 3,
      head: expect.stringMatching(/^[\w+/]{43}=$/) as unknown,
    });
    expect((await room.recordings.replay(0, () => false)).report).toEqual({ findings: [], chunks: 3, finished: true });
    expect(JSON.stringify([intent, outcome])).not.toContain(EMAIL);
  });

  it("records what was sent, and the answer before anything is put back", async () => {
    await build();
    const exchange = await open();
    expect(exchange.back.idle).toBe(false);
    expect(exchange.back.push({ path: "c", text: "to [EMAIL_1]", final: true }).text).toBe(`to ${EMAIL}`);
    await exchange.end(OUTCOME);
    await leaves();
    expect(await replayed(0, false)).toEqual(["write to [EMAIL_1]", "to [EMAIL_1]"]);
    expect(await replayed(0, true)).toEqual([`write to ${EMAIL}`, "to [EMAIL_1]"]);
  });

  it("looks at every answer, also where the request held nothing that comes back", async () => {
    await build();
    const exchange = await open({ segments: [{ path: "m", text: "hello", final: true }] });
    expect(exchange.back.idle).toBe(false);
    expect(exchange.back.push({ path: "c", text: `mail ${EMAIL}`, final: true }).text).toBe(`mail ${EMAIL}`);
    await exchange.end(OUTCOME);
    await leaves();
    expect(await replayed(0, false)).toEqual(["hello", "mail [EMAIL]"]);
  });

  it("gets no permit before the request is durable in its recording", async () => {
    await build();
    const held = Promise.withResolvers<void>();
    disk = () => held.promise;
    let isOpen = false;
    const opening = open().then((exchange) => {
      isOpen = true;
      return exchange;
    });
    while (room.log.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(isOpen).toBe(false);
    held.resolve();
    await (await opening).end(OUTCOME);
  });

  it("is refused when its recording cannot be written, and that is on record", async () => {
    await build();
    disk = () => Promise.reject(FULL);
    await expect(open()).rejects.toMatchObject({ code: "recording_unavailable", evidence: "0" });
    const [intent, outcome] = await leaves();
    expect(intent?.["type"]).toBe("intent");
    expect(outcome).toMatchObject({ type: "outcome", intent: 0, status: "failed", code: "recording_unavailable" });
    expect(outcome?.["recording"]).toBeUndefined();
  });

  it("is cut when its recording cannot be written any more", async () => {
    await build();
    const exchange = await open();
    const cut = new Promise<Error>((resolve) => exchange.onCut(resolve));
    disk = () => Promise.reject(FULL);
    exchange.back.push({ path: "c", text: `${"word ".repeat(2_000)}\n`, final: true });
    expect(await cut).toMatchObject({ code: "recording_unavailable" });
    expect(() => exchange.back.push({ path: "d", text: "more", final: true })).toThrow(/ENOSPC/);
    await exchange.end(OUTCOME);
    expect((await leaves())[1]).toMatchObject({ status: "failed", code: "recording_unavailable" });
    expect(ended).toMatchObject([{ status: "failed", code: "recording_unavailable" }]);
  });

  it("ends at the limit with what was recorded, and nothing more is passed on", async () => {
    await build({ exchangeBytesMax: 16_384 });
    const exchange = await open();
    const line = { path: "c", text: `${"word ".repeat(1_000)}\n`, final: false };
    const push = () => {
      for (let at = 0; at < 10; at++) exchange.back.push(line);
    };
    expect(push).toThrow(expect.objectContaining({ code: "recording_full" }));
    await exchange.end({ ...OUTCOME, status: "failed", code: "recording_full" });
    const [, outcome] = await leaves();
    expect(outcome).toMatchObject({
      status: "failed",
      code: "recording_full",
      recording: { chunks: expect.any(Number) as unknown },
    });
    expect((await room.recordings.replay(0, () => false)).report.findings).toEqual([]);
  });

  it("is found by whom it names once its intent is on record", async () => {
    await build();
    const exchange = await open({ subject: "customer-7" });
    expect(room.subjects.posted.map(({ subject, record }) => [subject, record])).toEqual([
      [room.subjects.idOf("SUBJECT", "customer-7"), 0],
      [room.subjects.idOf("EMAIL", EMAIL), 0],
    ]);
    await exchange.end(OUTCOME);
  });

  it("that is refused leaves nothing under way", async () => {
    await build();
    await room.log.close();
    await expect(open()).rejects.toMatchObject({ code: "evidence_unavailable" });
    expect(room.subjects.posted).toEqual([]);
  });
});

describe("an exchange that no rule wants recorded", () => {
  it("leaves nothing but its leaves", async () => {
    await build({ mode: "none", rules: [{ purpose: "research", mode: "sealed" }] });
    const exchange = await open({ segments: [{ path: "m", text: "hello", final: true }] });
    expect(exchange.back.idle).toBe(true);
    await exchange.end(OUTCOME);
    for (const leaf of await leaves()) expect(leaf["recording"]).toBeUndefined();
    expect(await room.recordings.keyUser.count(1)).toBe(0);
  });
});
