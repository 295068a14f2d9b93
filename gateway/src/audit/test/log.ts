/** A real log with exchanges of two principals, for the tests of this room. */
import type { Source } from "@sluice/verifier";
import { connectionFor } from "../../core/test/connection.ts";
import type { Intent } from "../../core/intent.ts";
import { denialLeaf, type EvidenceLog, eventLeaf, intentLeaf, outcomeLeaf } from "../../evidence/index.ts";

export const START = Date.parse("2026-11-20T10:00:00.000Z");
const MINUTE_MS = 60_000;

const PURPOSE = { id: "support", dpv: "dpv:CustomerCare", basis: "eu-gdpr:A6-1-b", retention: "P30D" };

export interface Sent {
  readonly principal: string;
  readonly minute: number;
  readonly ended?: "completed" | "failed" | "open";
  readonly allowed?: boolean;
}

/** An intent, and its outcome at once unless it stays open. Gives the intent's index. */
export async function exchange(log: EvidenceLog, sent: Sent): Promise<number> {
  const { principal, minute, ended = "completed", allowed = false } = sent;
  const time = START + minute * MINUTE_MS;
  const intent: Intent = {
    action: "infer",
    family: "test",
    target: "crm",
    endpoint: "chat",
    segments: [],
    opaqueParts: {},
    streaming: false,
    requestBytes: 100,
  };
  const { index } = await log.append(
    intentLeaf({
      time,
      principal: log.pseudonym(principal),
      intent,
      connection: connectionFor({ name: "crm" }),
      model: "m-1",
      purpose: PURPOSE,
      policy: "p".repeat(43),
      scrubbed: {
        found: { EMAIL: 2, PERSON: 1 },
        categories: { contact: 2, "direct-identifier": 1 },
        special: {},
        operators: { EMAIL: "placeholder", PERSON: allowed ? "allow" : "placeholder" },
      },
    }),
    new Uint8Array(32),
  );
  if (ended === "open") return index;
  await log.append(
    outcomeLeaf({
      time: time + 1_000,
      intent: index,
      outcome: {
        status: ended,
        responseBytes: ended === "completed" ? 50 : 0,
        upstreamMs: 10,
        ...(ended === "completed" ? { upstreamStatus: 200 } : { code: "upstream_unreachable" }),
      },
      back: { restored: { EMAIL: 1 }, masked: {}, withheld: {}, unknownPlaceholders: 0 },
      totalMs: 12,
      overheadMs: 2,
    }),
  );
  return index;
}

export async function refusal(log: EvidenceLog, principal: string, minute: number): Promise<void> {
  await log.append(
    denialLeaf({
      time: START + minute * MINUTE_MS,
      code: "policy_denied",
      policy: "p".repeat(43),
      principal: log.pseudonym(principal),
    }),
  );
}

export async function event(log: EvidenceLog, principal: string, minute: number, name: string): Promise<void> {
  await log.append(
    eventLeaf({
      time: START + minute * MINUTE_MS,
      event: { name, actor: principal },
      actor: log.pseudonym(principal),
    }),
  );
}

export function sourceOf(log: EvidenceLog): Source {
  return { read: async (path) => (await log.file(path))?.body };
}
