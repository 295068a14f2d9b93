import { parseLeaf } from "@sluice/verifier";
import { expect, test } from "vitest";
import type { Connection, Purpose } from "../core/connection.ts";
import type { Intent } from "../core/intent.ts";
import { canonicalJson } from "./canonical-json.ts";
import { type Leaf, configLeaf, denialLeaf, eventLeaf, intentLeaf, outcomeLeaf, startLeaf, stopLeaf } from "./leaf.ts";

const time = Date.parse("2026-11-21T09:00:00.123Z");
const connection = {
  name: "drafts",
  rules: { opaqueParts: "withhold" },
  url: new URL("https://upstream.example/secret-path"),
  recipient: { id: "acme", name: "ACME Ltd", country: "IE", role: "processor" },
} as unknown as Connection;
const purpose: Purpose = { id: "support", dpv: "dpv:CustomerCare", basis: "eu-gdpr:A6-1-b", retention: "P30D" };
const scrubbed = {
  found: { EMAIL: 2, IBAN: 1 },
  categories: { contact: 2, financial: 1 },
  operators: { EMAIL: "placeholder", IBAN: "redact" },
  special: {},
} as const;
const intent: Intent = {
  action: "infer",
  family: "chat",
  target: "drafts/large",
  session: "session-of-mara",
  endpoint: "chat.completions",
  segments: [{ path: "messages.0.content", text: "I am mara@example.com", final: true, origin: "user" }],
  opaqueParts: { image: 1 },
  streaming: true,
  requestBytes: 4096,
};

function recorded(leaf: Leaf): unknown {
  expect(Object.keys(leaf), "fields are set in the order in which they are written").toEqual(
    Object.keys(leaf).toSorted(),
  );
  return parseLeaf(Buffer.from(canonicalJson(leaf)));
}

test("an intent names types, counts, purpose and recipient, and nothing of the text", () => {
  const leaf = intentLeaf({
    time,
    principal: "pseudonym",
    intent,
    connection,
    model: "large",
    purpose,
    policy: "hash",
    scrubbed,
  });
  expect(recorded(leaf)).toEqual({
    v: 1,
    type: "intent",
    time: "2026-11-21T09:00:00.123Z",
    principal: "pseudonym",
    action: "infer",
    family: "chat",
    endpoint: "chat.completions",
    streaming: true,
    bytes: 4096,
    opaque: { image: 1 },
    opaqueRule: "withhold",
    policy: "hash",
    connection: "drafts",
    model: "large",
    recipient: { id: "acme", country: "IE" },
    purpose: "support",
    dpv: "dpv:CustomerCare",
    basis: "eu-gdpr:A6-1-b",
    retention: "P30D",
    found: scrubbed.found,
    categories: scrubbed.categories,
    operators: scrubbed.operators,
  });
  expect(canonicalJson(leaf)).not.toMatch(/mara|secret-path|ACME/);
});

test("an intent says on whose yes it went ahead, and which condition of Art. 9 it rests on", () => {
  const leaf = intentLeaf({
    time,
    principal: "pseudonym",
    intent,
    connection,
    model: "large",
    purpose: { ...purpose, condition: "eu-gdpr:A9-2-h" },
    policy: "hash",
    scrubbed: { ...scrubbed, special: { health: 1 } },
    authority: { actors: ["bot"], policies: ["health-needs-a-yes"], risk: 70, grant: "g-1", retention: "P1D" },
  });
  expect(recorded(leaf)).toMatchObject({
    actors: ["bot"],
    policies: ["health-needs-a-yes"],
    risk: 70,
    grant: "g-1",
    retention: "P1D",
    special: { health: 1 },
    condition: "eu-gdpr:A9-2-h",
  });
});

test("an event says who did what to what", () => {
  const event = { name: "review.granted", actor: "corp:mara", target: "r-1", facts: { people: 2, by: ["x"] } };
  const leaf = eventLeaf({ time, event, actor: "pseudonym" });
  expect(recorded(leaf)).toEqual({
    v: 1,
    type: "event",
    time: "2026-11-21T09:00:00.123Z",
    name: "review.granted",
    actor: "pseudonym",
    target: "r-1",
    facts: { by: ["x"], people: 2 },
  });
  expect(canonicalJson(leaf)).not.toContain("mara");
  expect(recorded(eventLeaf({ time, event: { name: "keys.rotated" } }))).not.toHaveProperty("actor");
});

test("a denial says why, and leaves out what was not known yet", () => {
  expect(recorded(denialLeaf({ time, code: "key_invalid", policy: "hash" }))).toEqual({
    v: 1,
    type: "denial",
    time: "2026-11-21T09:00:00.123Z",
    code: "key_invalid",
    policy: "hash",
  });
  const late = denialLeaf({
    time,
    code: "category_blocked",
    policy: "hash",
    suppressed: 3,
    principal: "pseudonym",
    action: "infer",
    family: "chat",
    endpoint: "chat.completions",
    streaming: false,
    bytes: 0,
    opaque: {},
    connection,
    purpose,
    scrubbed,
  });
  expect(recorded(late)).toMatchObject({
    suppressed: 3,
    streaming: false,
    bytes: 0,
    connection: "drafts",
    purpose: "support",
    found: { EMAIL: 2, IBAN: 1 },
  });
  expect(recorded(late)).not.toHaveProperty("commitment");
});

test("an outcome names its intent, and what was not reported is absent", () => {
  const leaf = outcomeLeaf({
    time,
    intent: 12,
    outcome: { status: "cancelled", responseBytes: 0, upstreamMs: 0 },
    back: { restored: {}, masked: {}, withheld: {}, unknownPlaceholders: 0 },
    totalMs: 3.14159,
    overheadMs: 3.14159,
  });
  expect(recorded(leaf)).toEqual({
    v: 1,
    type: "outcome",
    time: "2026-11-21T09:00:00.123Z",
    intent: 12,
    status: "cancelled",
    bytes: 0,
    restored: {},
    masked: {},
    withheld: {},
    unknown: 0,
    ms: { total: 3.1, upstream: 0, overhead: 3.1 },
  });
  const full = outcomeLeaf({
    time,
    intent: 0,
    outcome: {
      status: "denied",
      code: "category_blocked",
      upstreamStatus: 200,
      responseBytes: 10,
      upstreamMs: 1190.04,
      inputTokens: 10,
    },
    back: { restored: { EMAIL: 1 }, masked: { PHONE: 2 }, withheld: {}, unknownPlaceholders: 4 },
    totalMs: 1200,
    overheadMs: 9.96,
  });
  expect(recorded(full)).toMatchObject({
    status: "failed",
    code: "category_blocked",
    upstreamStatus: 200,
    tokens: { in: 10 },
    restored: { EMAIL: 1 },
    masked: { PHONE: 2 },
    unknown: 4,
    ms: { total: 1200, upstream: 1190, overhead: 10 },
  });
});

test("a start lists the orphans it found, up to a thousand, and how many there were", () => {
  const orphans = Array.from({ length: 1500 }, (_, i) => i * 2);
  const start = startLeaf({ now: time, version: "1.0.0", policy: "hash", orphans });
  expect(recorded(start)).toMatchObject({ type: "start", version: "1.0.0", orphansTotal: 1500 });
  expect((start["orphans"] as number[]).length).toBe(1000);
  expect(Buffer.byteLength(canonicalJson(start))).toBeLessThan(65_535);
});

test("stop and config name the version and the policy", () => {
  const running = { now: time, version: "1.0.0", policy: "hash" };
  expect(recorded(stopLeaf(running))).toMatchObject({ type: "stop", version: "1.0.0" });
  expect(recorded(configLeaf(running))).toMatchObject({
    type: "config",
    policy: "hash",
  });
});
