/** A configuration with one key, ready to be changed by a test. JSON is YAML. */
import { randomBytes } from "node:crypto";
import { newKey } from "../../identity/keys.ts";

export interface Configured {
  readonly token: string;
  readonly document: Document;
}

export interface Document {
  [section: string]: unknown;
  connections: Record<string, Record<string, unknown>>;
  keys: Record<string, Record<string, unknown>>;
}

export async function documentFor(connections: Document["connections"]): Promise<Configured> {
  const { id, token, hash } = await newKey(randomBytes);
  return {
    token,
    document: {
      controller: { name: "Test GmbH", contact: "privacy@test.example", country: "DE" },
      purposes: {
        support: { dpv: "dpv:CustomerCare", basis: "eu-gdpr:A6-1-b", retention: "P30D" },
        research: {
          dpv: "dpv:ResearchAndDevelopment",
          basis: "eu-gdpr:A6-1-f",
          assessment: "LIA-1",
          retention: "P30D",
        },
      },
      recipients: { acme: { name: "Acme AI", country: "DE", role: "processor", dpa: "DPA-1" } },
      connections,
      keys: {
        [id]: { hash, principal: "service:test", purposes: ["support", "research"], default_purpose: "support" },
      },
      listeners: [{ address: "127.0.0.1:0" }],
      evidence: { dir: "./data", origin: "test.example/log", public: true },
      observability: { log_level: "silent" },
    },
  };
}
