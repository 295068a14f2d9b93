/** Policies and facts drawn at random from what policies are made of, for properties that hold of all of them. */
import * as fc from "fast-check";
import type { Connection } from "../../core/connection.ts";
import type { FoundFacts } from "../../core/decision.ts";
import type { Role } from "../../core/principal.ts";
import { principalFor } from "../../core/test/connection.ts";
import type { Facts } from "../facts.ts";
import { specialFound } from "../special.ts";
import { REQUEST_ACTIONS } from "../schema.ts";
import { CONNECTIONS, PURPOSES } from "./setup.ts";

const principalScope = fc.constantFrom(
  "principal",
  "principal is Principal",
  'principal in Group::"staff"',
  'principal in Group::"doctors"',
  'principal in Role::"auditor"',
  'principal == Principal::"service:a"',
  'principal is Principal in Group::"agents"',
);
const actionScope = fc.constantFrom(
  'action in Action::"request"',
  'action == Action::"infer"',
  'action in [Action::"infer", Action::"embed"]',
  'action in [Action::"scrub", Action::"restore"]',
);
const resourceScope = fc.constantFrom(
  "resource",
  'resource == Connection::"eu"',
  'resource in Tag::"production"',
  'resource in Tag::"lab"',
  "resource is Connection",
  'resource is Connection in Tag::"trusted"',
);
const atom = fc.constantFrom(
  'context.purpose == Purpose::"support"',
  'context.purpose == Purpose::"care"',
  'context.purpose in [Purpose::"support", Purpose::"fraud"]',
  'context has purpose && context.purpose == Purpose::"fraud"',
  'context.purpose != Purpose::"care"',
  'context.basis == "eu-gdpr:A6-1-b"',
  "context.risk > 30",
  "context.risk >= 31",
  "context.risk < 10",
  "context.risk <= 80",
  "context.hour < 8",
  "context.hour >= 18",
  "context.weekday > 5",
  "context.agent",
  "!context.agent",
  'context.categories.contains("health")',
  'context.special.contains("health")',
  'context.types.containsAny(["EMAIL", "IBAN"])',
  "context.counts.contact > 3",
  "context.counts.total >= 2 || context.agent",
  "resource.eea",
  'resource.country == "US"',
  'resource.tags.contains("trusted")',
  'resource in Tag::"production"',
  'principal in Group::"doctors"',
  'principal.kind == "human"',
  'context has network && context.network.isInRange(ip("10.0.0.0/8"))',
  "context.risk * 9007199254740991 * 9007199254740991 >= 0",
);
const condition = fc
  .tuple(
    fc.constantFrom("when", "unless"),
    fc.array(atom, { minLength: 1, maxLength: 3 }),
    fc.constantFrom(" && ", " || "),
  )
  .map(([kind, atoms, join]) => `${kind} { ${atoms.map((each) => `(${each})`).join(join)} }`);

const annotations = fc.constantFrom(
  "",
  '@duty @retain("5d")',
  '@approve("privacy-officers")',
  '@mask("contact=drop")',
  '@retain("3d")',
  '@limit("5/min")',
);

const policy = fc
  .record({
    effect: fc.constantFrom("permit", "permit", "permit", "forbid"),
    annotation: annotations,
    scope: fc.tuple(principalScope, actionScope, resourceScope),
    conditions: fc.array(condition, { maxLength: 2 }),
  })
  .map(
    ({ effect, annotation, scope, conditions }) =>
      `${effect === "permit" ? annotation : ""} ${effect} (${scope.join(", ")}) ${conditions.join(" ")};`,
  );

/** The text of a file that loads. */
export const policiesText: fc.Arbitrary<string> = fc
  .array(policy, { minLength: 1, maxLength: 8 })
  .map((all) => all.join("\n"));

const count = fc.constantFrom(0, 1, 4, 2_000);
const found: fc.Arbitrary<FoundFacts> = fc.record({
  found: fc.record({ EMAIL: count, IBAN: count }, { requiredKeys: [] }),
  categories: fc.record({ contact: count, financial: count, health: count }, { requiredKeys: [] }),
  special: fc.record({ health: count, religion: count }, { requiredKeys: [] }),
});

export const facts: fc.Arbitrary<Facts> = fc
  .record({
    id: fc.constantFrom("service:a", "service:b"),
    kind: fc.constantFrom("human" as const, "service" as const, "agent" as const),
    groups: fc.subarray(["staff", "doctors", "agents"]),
    roles: fc.subarray<Role>(["user", "auditor"]),
    action: fc.constantFrom(...REQUEST_ACTIONS),
    connection: fc.constantFrom<Connection>(...CONNECTIONS),
    purpose: fc.constantFrom(...PURPOSES.values()),
    found,
    risk: fc.constantFrom(0, 5, 10, 30, 31, 80, 100),
    now: fc.integer({ min: 0, max: 24 * 14 }).map((hours) => Date.UTC(2026, 10, 2) + hours * 3_600_000),
    network: fc.constantFrom(undefined, "10.1.2.3", "203.0.113.9", "2001:db8::1"),
  })
  .map(({ id, kind, groups, roles, found: each, ...rest }) => ({
    ...rest,
    found: each,
    principal: principalFor({ id, kind, groups, roles }),
    special: specialFound(each),
  }));
