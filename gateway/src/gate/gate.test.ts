import { OperatorKeys } from "@sluice/detector";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseBundle } from "@sluice/verifier";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { randomBytes } from "node:crypto";
import { SluiceError } from "../core/errors.ts";
import type { Intent, Sender } from "../core/intent.ts";
import type { MaskingRules } from "../core/connection.ts";
import type { ConsentState } from "../core/register.ts";
import { connectionFor, PURPOSES, principalFor } from "../core/test/connection.ts";
import { type EvidenceLog, openEvidence } from "../evidence/index.ts";
import { createAuthorizer, createHabits } from "../policy/index.ts";
import { createScrubber, createVault, ownDetection, type Scrubber } from "../privacy/index.ts";
import { createGate, type ExchangeRecord, type Gate } from "./gate.ts";
import { assertPermit } from "./permit.ts";

const EMAIL = "john.doe@example.com";
const NOTHING_SAID: ConsentState = { state: "none", optedOut: false };
const OUTCOME = { status: "completed", responseBytes: 2, upstreamMs: 1 } as const;
const render = (segments: readonly { text: string }[]): Uint8Array => Buffer.from(segments[0]?.text ?? "");

function intentFor(change: Partial<Intent> = {}): Intent {
  return {
    action: "infer",
    family: "openai",
    target: "some-model",
    endpoint: "chat.completions",
    segments: [{ path: "messages.0.content", text: `write to ${EMAIL}`, final: true, origin: "user" }],
    opaqueParts: {},
    streaming: false,
    requestBytes: 100,
    ...change,
  };
}

let dir: string;
let log: EvidenceLog;
let gate: Gate;
let ended: ExchangeRecord[];
let rules: MaskingRules;
/** By the data subject. */
let said: ConsentState;
let identityChanges: number;

const DETECTION = ownDetection({});
const authorizer = createAuthorizer({ purposes: PURPOSES, recipients: new Map() }, undefined);

async function build(scrubber?: Scrubber): Promise<void> {
  dir = mkdtempSync(join(tmpdir(), "sluice-gate-"));
  log = await openEvidence({ dir, origin: "test.example/log", clock: Date.now, checkpointIntervalMs: 20 });
  ended = [];
  said = NOTHING_SAID;
  identityChanges = 0;
  rules = connectionFor().rules;
  const own = createScrubber({
    hashKey: randomBytes(32),
    keys: (purpose) =>
      new OperatorKeys({ master: Buffer.alloc(32, 1), keyId: "k", purpose: purpose || "p", epoch: "1" }),
    random: (bytes) => Buffer.alloc(bytes, 3),
    vault: createVault({ random: randomBytes, ttlMs: 1000, conversationsMax: 10, bytesMax: 1e6, placeholdersMax: 100 }),
    textCharsMax: 1_000_000,
    sliceMs: 0,
    timeoutMs: 1000,
    clock: performance.now.bind(performance),
    yieldNow: () => new Promise((resolve) => setImmediate(resolve)),
    detection: () => DETECTION,
  });
  gate = createGate({
    verify: () => principalFor(),
    scrubber: scrubber ?? own,
    evidence: log,
    snapshot: () => ({
      connections: [connectionFor({ rules })],
      aliases: new Map(),
      authorizer,
      types: DETECTION.types,
      version: "policy-1",
    }),
    identityChanges: () => identityChanges,
    consent: () => Promise.resolve(said),
    habits: createHabits(10),
    clock: Date.now,
    monotonic: performance.now.bind(performance),
    observer: { ended: (record) => ended.push(record) },
  });
}

beforeEach(() => build());
afterEach(async () => {
  await log.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Every leaf that is published. Closes the log. */
async function leaves(): Promise<Record<string, unknown>[]> {
  await log.close();
  const folder = join(dir, "public", "tile", "entries");
  const names = (readdirSync(folder, { recursive: true }) as string[]).filter(
    (name) => /\d$/.test(name) && !name.endsWith(".p"),
  );
  const widest = names.sort().at(-1) ?? "";
  return parseBundle(readFileSync(join(folder, widest))).map(
    (entry) => JSON.parse(Buffer.from(entry).toString()) as Record<string, unknown>,
  );
}

describe("the gate", () => {
  it("stops scanning for a client that has left, and records that", async () => {
    const text = "x ".repeat(200_000);
    const signal = { aborted: false };
    const opening = gate.open(
      principalFor(),
      intentFor({ signal, segments: [{ path: "messages.0.content", text, final: true, origin: "user" }] }),
      render,
    );
    signal.aborted = true;
    await expect(opening).rejects.toMatchObject({ code: "client_closed" });
    expect(await leaves()).toEqual([expect.objectContaining({ type: "denial", code: "client_closed" })]);
  });

  it("records the intent before it gives the permit, then the outcome", async () => {
    const exchange = await gate.open(principalFor(), intentFor(), render);
    assertPermit(exchange.permit);
    expect(log.size).toBe(1);
    expect(exchange.body.toString()).toBe("write to [EMAIL_1]");
    expect(exchange.back.push({ path: "a", text: "to [EMAIL_1]", final: true }).text).toBe(`to ${EMAIL}`);
    await exchange.end(OUTCOME);
    const [intent, outcome] = await leaves();
    expect(intent).toMatchObject({
      type: "intent",
      purpose: "support",
      basis: "eu-gdpr:A6-1-b",
      connection: "main",
      found: { EMAIL: 1 },
      operators: { EMAIL: "placeholder" },
      policy: "policy-1",
    });
    expect(intent?.["commitment"]).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(outcome).toMatchObject({ type: "outcome", intent: 0, status: "completed", restored: { EMAIL: 1 } });
    expect(JSON.stringify([intent, outcome])).not.toContain(EMAIL);
    expect(JSON.stringify(intent)).not.toContain("service:tests");
  });

  it("ends an exchange once, and its permit with it", async () => {
    const exchange = await gate.open(principalFor(), intentFor(), render);
    await exchange.end(OUTCOME);
    await exchange.end({ ...OUTCOME, status: "failed", code: "internal" });
    expect(() => assertPermit(exchange.permit)).toThrow();
    expect((await leaves()).length).toBe(2);
    expect(ended).toHaveLength(1);
  });

  it("never runs a denial, and records it", async () => {
    let rendered = false;
    const error: unknown = await gate
      .open(principalFor(), intentFor({ purpose: "research" }), () => {
        rendered = true;
        return Buffer.alloc(0);
      })
      .catch((thrown: unknown) => thrown);
    expect(rendered).toBe(false);
    expect(error).toMatchObject({ code: "purpose_not_allowed", evidence: "0" });
    expect((await leaves())[0]).toMatchObject({ type: "denial", code: "purpose_not_allowed", purpose: "research" });
  });

  it("refuses what a rule blocks, names the type and never the value", async () => {
    rules = { ...rules, request: { EMAIL: "block" } };
    const error = (await gate
      .open(principalFor(), intentFor(), render)
      .catch((thrown: unknown) => thrown)) as SluiceError;
    expect(error.code).toBe("category_blocked");
    expect(error.message).toContain("EMAIL");
    expect(error.message).not.toContain(EMAIL);
    expect((await leaves())[0]).toMatchObject({ type: "denial", found: { EMAIL: 1 } });
  });

  it("lets an exchange count against its credential until it has ended", async () => {
    const principal = principalFor({ limits: { requestsPerMinute: 1000, concurrentStreams: 1 } });
    const exchange = await gate.open(principal, intentFor(), render);
    await expect(gate.open(principal, intentFor(), render)).rejects.toMatchObject({ code: "streams_limited" });
    await exchange.end(OUTCOME);
    await (await gate.open(principal, intentFor(), render)).end(OUTCOME);
  });

  it("gives no permit when the intent cannot be recorded", async () => {
    await log.close();
    await expect(gate.open(principalFor(), intentFor(), render)).rejects.toMatchObject({
      code: "evidence_unavailable",
    });
  });

  it("records a refusal from before the gate, with nothing known but its code", async () => {
    const error = new SluiceError("json_invalid", "not JSON");
    expect(await gate.refuse(undefined, { bytes: 7 }, error)).toBe("0");
    expect(await gate.refuse(undefined, { bytes: 7 }, error)).toBe("0");
    const all = await leaves();
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({ type: "denial", code: "json_invalid", bytes: 7 });
  });

  it("counts a flood of refusals instead of recording each", async () => {
    for (let each = 0; each < 200; each++)
      await gate.refuse(undefined, {}, new SluiceError("key_invalid", "no such key"));
    expect(log.size).toBeLessThan(80);
    expect(ended).toHaveLength(200);
  });
});

describe("what the data subject says while a request is under way", () => {
  const optOut = (): void => {
    said = { state: "none", optedOut: true };
    gate.consentChanged((subject) => subject === "c-1");
  };

  it("while its text is read: nothing is recorded as sent, nor sent", async () => {
    const opening = gate.open(principalFor(), intentFor({ subject: "c-1" }), (segments) => {
      optOut();
      return render(segments);
    });
    await expect(opening).rejects.toMatchObject({ code: "subject_opted_out" });
    expect(await leaves()).toEqual([expect.objectContaining({ type: "denial", code: "subject_opted_out" })]);
  });

  it("while its intent becomes durable: it is cut, whenever the protocol begins to listen", async () => {
    const exchange = await gate.open(principalFor(), intentFor({ subject: "c-1" }), (segments) => {
      setImmediate(optOut);
      return render(segments);
    });
    const cut = await new Promise<SluiceError>((resolve) => exchange.onCut(resolve));
    expect(cut.code).toBe("subject_opted_out");
    await exchange.end({ ...OUTCOME, status: "failed", code: cut.code });
  });

  it("is about nobody else", async () => {
    const exchange = await gate.open(principalFor(), intentFor({ subject: "c-2" }), render);
    exchange.onCut(() => expect.fail("cut for another person"));
    optOut();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await exchange.end(OUTCOME);
  });
});

describe("somebody who is shut out while a request is under way", () => {
  const senderWhoIs = (identify: Sender["identify"]): Sender => ({
    identifiedAt: identityChanges,
    identify,
    travels: () => ({ path: "", query: "", headers: [] }),
  });
  const disabled = (): never => {
    throw new SluiceError("account_disabled", "disabled");
  };

  it("while the text is read: nothing is recorded as sent", async () => {
    const sender = senderWhoIs(disabled);
    const opening = gate.open(principalFor(), intentFor({ sender }), (segments) => {
      identityChanges += 1;
      return render(segments);
    });
    await expect(opening).rejects.toMatchObject({ code: "account_disabled" });
    expect(await leaves()).toEqual([expect.objectContaining({ type: "denial", code: "account_disabled" })]);
  });

  it("while the intent becomes durable: gets no exchange, and the intent's outcome says so", async () => {
    const sender = senderWhoIs(disabled);
    const opening = gate.open(principalFor(), intentFor({ sender }), (segments) => {
      setImmediate(() => {
        identityChanges += 1;
      });
      return render(segments);
    });
    await expect(opening).rejects.toMatchObject({ code: "account_disabled", evidence: "0" });
    const limited = { limits: { requestsPerMinute: 1000, concurrentStreams: 1 } };
    await (await gate.open(principalFor(limited), intentFor(), render)).end(OUTCOME);
    expect((await leaves()).slice(0, 2)).toEqual([
      expect.objectContaining({ type: "intent" }),
      expect.objectContaining({ type: "outcome", intent: 0, status: "failed", code: "account_disabled" }),
    ]);
  });

  it("and not anybody else, who is identified again and goes on", async () => {
    let asked = 0;
    const sender = senderWhoIs(() => {
      asked += 1;
      return principalFor();
    });
    const exchange = await gate.open(principalFor(), intentFor({ sender }), (segments) => {
      identityChanges += 1;
      return render(segments);
    });
    expect(asked).toBe(1);
    await exchange.end(OUTCOME);
  });

  it("a request to which nothing happens is identified once, by its protocol", async () => {
    const sender = senderWhoIs(disabled);
    await (await gate.open(principalFor(), intentFor({ sender }), render)).end(OUTCOME);
  });
});

describe("F11 the detector", () => {
  it("that fails refuses the request, and drops its message", async () => {
    await log.close();
    rmSync(dir, { recursive: true, force: true });
    await build({ scrub: () => Promise.reject(new Error(`cannot parse ${EMAIL}`)) });
    const error = (await gate
      .open(principalFor(), intentFor(), render)
      .catch((thrown: unknown) => thrown)) as SluiceError;
    expect(error).toBeInstanceOf(SluiceError);
    expect(error.message).not.toContain(EMAIL);
    expect((await leaves())[0]).toMatchObject({ type: "denial", code: "internal" });
  });
});
