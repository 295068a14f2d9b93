/** A connection and a principal with ordinary settings, for tests that need one and do not care which. */
import type { Connection, Purpose } from "../connection.ts";
import type { Principal } from "../principal.ts";

export function connectionFor(change: Partial<Connection> = {}): Connection {
  return {
    name: "main",
    kind: "openai",
    url: new URL("http://127.0.0.1:9/v1"),
    headers: {},
    query: {},
    recipient: { id: "acme", name: "Acme AI", country: "DE", role: "processor", dpa: "DPA-1" },
    tags: [],
    models: ["*"],
    rules: {
      request: {},
      response: {},
      default: "placeholder",
      neverRestore: ["secret", "CARD", "national-id"],
      opaqueParts: "block",
    },
    limits: {
      responseBytesMax: 10_000_000,
      eventBytesMax: 1_000_000,
      connectTimeoutMs: 2_000,
      firstByteTimeoutMs: 5_000,
      idleTimeoutMs: 5_000,
      totalTimeoutMs: 20_000,
      retriesMax: 0,
    },
    allowPrivateAddress: true,
    rehearsal: false,
    endpoints: [],
    ...change,
  };
}

export function principalFor(change: Partial<Principal> = {}): Principal {
  return {
    id: "service:tests",
    kind: "service",
    groups: [],
    roles: ["user"],
    credential: "key-1",
    purposes: ["support"],
    defaultPurpose: "support",
    actors: [],
    limits: { requestsPerMinute: 6_000_000, concurrentStreams: 1_000 },
    ...change,
  };
}

export const SUPPORT: Purpose = {
  id: "support",
  dpv: "dpv:CustomerCare",
  basis: "eu-gdpr:A6-1-b",
  retention: "P30D",
};

export const RESEARCH: Purpose = {
  id: "research",
  dpv: "dpv:ResearchAndDevelopment",
  basis: "eu-gdpr:A6-1-f",
  assessment: "LIA-1",
  retention: "P30D",
};

export const PURPOSES: ReadonlyMap<string, Purpose> = new Map([
  ["support", SUPPORT],
  ["research", RESEARCH],
]);
