/** An organisation with ordinary settings, for tests of policies that need one and do not care which. */
import type { Connection, Purpose, Recipient } from "../../core/connection.ts";
import type { FoundFacts } from "../../core/decision.ts";
import { connectionFor } from "../../core/test/connection.ts";
import type { AdmitRequest, Admitted, Authorizer } from "../authorizer.ts";
import { loadPolicies, type PolicySet, type Vocabulary } from "../load.ts";

export const EU: Recipient = { id: "eu", name: "EU AI", country: "DE", role: "processor", dpa: "DPA-1" };
export const US: Recipient = {
  id: "us",
  name: "US AI",
  country: "US",
  role: "processor",
  dpa: "DPA-2",
  transfer: { mechanism: "scc", reference: "SCC-1", assessment: "TIA-1" },
};

export const CONNECTIONS: readonly Connection[] = [
  connectionFor({ name: "eu", recipient: EU, tags: ["production", "trusted"] }),
  connectionFor({ name: "us", recipient: US, tags: ["production"] }),
  connectionFor({ name: "lab", recipient: EU, tags: ["lab"] }),
];
export const [EU_CONNECTION, US_CONNECTION] = CONNECTIONS as [Connection, Connection];

const purpose = (id: string, change: Partial<Purpose> = {}): Purpose => ({
  id,
  dpv: "dpv:CustomerCare",
  basis: "eu-gdpr:A6-1-b",
  retention: "P30D",
  ...change,
});

export const PURPOSES: ReadonlyMap<string, Purpose> = new Map(
  [
    purpose("support"),
    purpose("care", { condition: "eu-gdpr:A9-2-h" }),
    purpose("study", { basis: "eu-gdpr:A6-1-a", condition: "eu-gdpr:A9-2-a" }),
    purpose("fraud", { basis: "eu-gdpr:A6-1-f", assessment: "LIA-1" }),
    purpose("marketing", { basis: "eu-gdpr:A6-1-f" }),
  ].map((each) => [each.id, each]),
);

export const VOCABULARY: Vocabulary = {
  connections: CONNECTIONS,
  groups: ["agents", "doctors", "privacy-officers", "staff"],
  purposes: PURPOSES,
  types: ["EMPLOYEE_NUMBER"],
};

export const REGISTER = { purposes: PURPOSES, recipients: new Map([EU, US].map((each) => [each.id, each])) };

export const NOTHING: FoundFacts = { found: {}, categories: {}, special: {} };

/** Monday, 09:30 UTC. */
export const MONDAY = Date.UTC(2026, 10, 2, 9, 30);

export function setOf(text: string, vocabulary: Vocabulary = VOCABULARY): PolicySet {
  return loadPolicies({ files: [{ name: "main.cedar", text }] }, vocabulary);
}

/** Throws when it is not admitted. */
export function admit(
  authorizer: Authorizer,
  request: Partial<AdmitRequest> & Pick<AdmitRequest, "principal">,
): Admitted {
  const admitted = authorizer.admit({
    action: "infer",
    connection: EU_CONNECTION,
    hasSubject: false,
    opaqueParts: {},
    now: MONDAY,
    ...request,
  });
  if (admitted.effect === "deny") throw new Error(`not admitted: ${admitted.message}`);
  return admitted;
}
