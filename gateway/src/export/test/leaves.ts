/** A leaf of each kind, with what each kind may hold, as the log has them. */
import { canonicalJson } from "@sluice/verifier";
import { exportRecord, type ExportRecord } from "../record.ts";

export const ORIGIN = "log.example/evidence";
const TIME = "2026-11-21T09:00:00.000Z";
const WHO = "kq2mZ5yXfQ0Jt8cVb1nRdg";
const POLICY = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

const asked = {
  action: "infer",
  basis: "eu-gdpr:A6-1-b",
  bytes: 412,
  categories: { contact: 2, financial: 1 },
  connection: "openai",
  dpv: "dpv:CustomerCare",
  endpoint: "chat.completions",
  family: "openai",
  found: { EMAIL: 2, IBAN: 1 },
  model: "gpt-5",
  opaque: {},
  operators: { EMAIL: "placeholder", IBAN: "placeholder" },
  policy: POLICY,
  principal: WHO,
  purpose: "support",
  recipient: { country: "US", id: "openai" },
  retention: "P30D",
  streaming: true,
};

const LEAVES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  start: { type: "start", orphans: [3], orphansTotal: 1, policy: POLICY, version: "0.1.0" },
  intent: {
    type: "intent",
    ...asked,
    actors: ["hX3uQ1ytTq7oJ2mVb0nRdw"],
    risk: 20,
    policies: ["support.cedar"],
    commitment: "q83v",
  },
  outcome: {
    type: "outcome",
    intent: 1,
    status: "completed",
    upstreamStatus: 200,
    bytes: 911,
    restored: { EMAIL: 1 },
    masked: {},
    withheld: {},
    unknown: 0,
    tokens: { in: 10, out: 20 },
    ms: { overhead: 3, total: 1200, upstream: 1190 },
  },
  failure: {
    type: "outcome",
    intent: 1,
    status: "failed",
    code: "upstream_timeout",
    bytes: 0,
    restored: {},
    masked: {},
    withheld: {},
    unknown: 0,
    ms: { overhead: 3, total: 9, upstream: 6 },
  },
  denial: { type: "denial", ...asked, code: "category_blocked", special: { health: 1 }, suppressed: 2 },
  login: { type: "event", name: "login.succeeded", actor: WHO, facts: { provider: "corp" } },
  logout: { type: "event", name: "logout.by-provider", facts: { ended: 2, provider: "corp" } },
  granted: { type: "event", name: "grant.revoked", actor: WHO, target: "g_1", facts: { purpose: "support" } },
  rotated: { type: "event", name: "key.rotated", actor: WHO, target: "reviews/2" },
  erased: { type: "event", name: "subject.erased", actor: WHO, target: "e_1", facts: { subjects: 2 } },
  read: { type: "event", name: "evidence.read", actor: WHO, facts: { method: "GET", route: "/evidence/*" } },
  alarm: { type: "event", name: "alarm.raised", target: "a|1=2\\3", facts: { alarm: true, kind: "log-broken" } },
  away: { type: "event", name: "export.away", target: "siem", facts: { code: "export_unavailable", lag: 12 } },
  config: { type: "config", policy: POLICY, version: "0.1.0" },
  stop: { type: "stop", policy: POLICY, version: "0.1.0" },
  unknown: { type: "tomorrow", secret: "nobody knows what this is" },
};

export const NAMES = Object.keys(LEAVES);

export function entryOf(leaf: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(canonicalJson({ time: TIME, v: 1, ...leaf }), "utf8");
}

/** One of each, in the order of the log. */
export const RECORDS: readonly ExportRecord[] = Object.values(LEAVES).map((leaf, index) =>
  exportRecord(index, entryOf(leaf), ORIGIN),
);

export function recordOf(name: string): ExportRecord {
  const record = RECORDS[NAMES.indexOf(name)];
  if (record === undefined) throw new Error(`no leaf ${name}`);
  return record;
}
