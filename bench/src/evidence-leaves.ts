/** Leaves as the gateway writes them: made by its own constructors, with what differs from exchange to exchange drawn anew. */
import { randomBytes, randomInt } from "node:crypto";
import type { Connection } from "../../gateway/src/core/connection.ts";
import type { Intent } from "../../gateway/src/core/intent.ts";
import { type EvidenceLog, intentLeaf, type Leaf, outcomeLeaf } from "../../gateway/src/evidence/index.ts";

const TYPES = ["EMAIL", "PHONE", "PERSON", "IBAN", "ORDER_NUMBER", "CARD"] as const;
const PRINCIPALS = 50;

export interface ExchangeLeaves {
  readonly digest: Uint8Array;
  intent(): Leaf;
  outcome(intent: number): Leaf;
}

export function exchangeLeaves(log: Pick<EvidenceLog, "pseudonym">): ExchangeLeaves {
  const connection = {
    name: "openai",
    recipient: { id: "acme", name: "Acme AI", country: "DE", role: "processor" },
    rules: { opaqueParts: "block" },
  } as unknown as Connection;
  const purpose = { id: "support", dpv: "dpv:CustomerCare", basis: "eu-gdpr:A6-1-b", retention: "P30D" };
  const policy = randomBytes(32).toString("base64url");
  const counts = (): Record<string, number> =>
    Object.fromEntries(TYPES.slice(0, randomInt(1, 5)).map((type) => [type, randomInt(1, 4)]));
  return {
    digest: randomBytes(32),
    intent() {
      const found = counts();
      const principal = log.pseudonym(`service:bench-${randomInt(PRINCIPALS)}`);
      const intent: Intent = {
        action: "infer",
        family: "openai",
        target: "gpt-5",
        endpoint: "chat.completions",
        segments: [],
        opaqueParts: {},
        streaming: true,
        requestBytes: randomInt(100, 5_000),
      };
      const scrubbed = {
        found,
        categories: { contact: randomInt(1, 5), "direct-identifier": 1 },
        special: {},
        operators: Object.fromEntries(Object.keys(found).map((type) => [type, "placeholder" as const])),
      };
      return intentLeaf({
        time: Date.now(),
        principal,
        credential: principal,
        intent,
        connection,
        model: "gpt-5",
        purpose,
        policy,
        scrubbed,
      });
    },
    outcome(intent) {
      return outcomeLeaf({
        time: Date.now(),
        intent,
        outcome: {
          status: "completed",
          upstreamStatus: 200,
          responseBytes: randomInt(100, 3_000),
          upstreamMs: randomInt(50_000) / 10,
          inputTokens: randomInt(500),
          outputTokens: randomInt(1_000),
        },
        back: { restored: counts(), masked: {}, withheld: {}, unknownPlaceholders: 0 },
        totalMs: randomInt(50_000) / 10,
        overheadMs: randomInt(100) / 10,
      });
    },
  };
}
