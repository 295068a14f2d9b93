/** What writers of a benchmark put on record: as large as the gateway's own entries, about 600 bytes. */
import type { Leaf } from "../../gateway/src/evidence/index.ts";

export const benchDigest = new Uint8Array(32).fill(7);

export function benchLeaf(principal: string): Leaf {
  return {
    type: "intent",
    time: "2026-11-21T10:00:00.000Z",
    principal,
    action: "infer",
    connection: "bench",
    recipient: "bench",
    purpose: "dpv:CustomerCare",
    basis: "eu-gdpr:A6-1-b",
    endpoint: "chat.completions",
    model: "bench-model",
    segments: 2,
    bytes: 1203,
    found: { EMAIL: 2, PHONE: 1, IBAN: 1, CARD: 1, IP_ADDRESS: 1 },
    operators: { placeholder: 6 },
    decision: "permit",
  };
}
