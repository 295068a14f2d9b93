import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { principalFor } from "../core/test/connection.ts";
import { cedar } from "./cedar.ts";
import { createEvaluator } from "./evaluate.ts";
import { createReader } from "./facts.ts";
import { FACTS, SCHEMA } from "./schema.ts";
import { facts, policiesText } from "./test/random.ts";
import { EU_CONNECTION, MONDAY, NOTHING, PURPOSES, setOf } from "./test/setup.ts";
import { usesOf } from "./uses.ts";

const RUNS = { numRuns: 60 };

describe("an answer", () => {
  it("from the cache is the one without a cache", () => {
    fc.assert(
      fc.property(policiesText, fc.array(facts, { minLength: 2, maxLength: 12 }), (text, all) => {
        const set = setOf(text);
        const cached = createEvaluator(set, { cacheMax: 3 });
        const cold = createEvaluator(set, { cacheMax: 0 });
        for (const each of [...all, ...all]) expect(cached.answer(each)).toEqual(cold.answer(each));
      }),
      RUNS,
    );
  });

  it("of the policies that can matter is the one of all policies", () => {
    fc.assert(
      fc.property(policiesText, fc.array(facts, { minLength: 2, maxLength: 12 }), (text, all) => {
        const set = setOf(text);
        const parted = createEvaluator(set, { cacheMax: 0 });
        const whole = createEvaluator(set, { cacheMax: 0, whole: true });
        const crowded = createEvaluator(set, { cacheMax: 0, preparedMax: set.policies.length });
        for (const each of all) {
          expect(parted.answer(each)).toEqual(whole.answer(each));
          expect(crowded.answer(each)).toEqual(whole.answer(each));
        }
      }),
      RUNS,
    );
  });

  it("to the facts that policies ask for is the one to all facts", () => {
    fc.assert(
      fc.property(policiesText, facts, (text, each) => {
        const set = setOf(text);
        const everything = createReader({
          asks: () => true,
          principals: new Set([each.principal.id]),
          groups: new Set(each.principal.groups),
          roles: new Set(each.principal.roles),
          tags: new Set(each.connection?.tags),
          actions: new Set(["request"]),
        });
        const full = cedar().isAuthorized({
          ...everything.request(each),
          schema: SCHEMA,
          validateRequest: true,
          policies: { staticPolicies: Object.fromEntries(set.policies.map(({ id, text: own }) => [id, own])) },
        });
        if (full.type === "failure") throw new Error(JSON.stringify(full.errors));
        const answer = createEvaluator(set, { cacheMax: 0 }).answer(each);
        const { decision, diagnostics } = full.response;
        const opened = set.policies.some(({ id, duty }) => !duty && diagnostics.reason.includes(id));
        expect(answer.effect).toBe(diagnostics.errors.length > 0 || !opened ? "deny" : decision);
        expect(answer.failed.toSorted()).toEqual(diagnostics.errors.map(({ policyId }) => policyId).toSorted());
        if (diagnostics.errors.length === 0 && answer.effect === decision)
          expect(answer.policies.toSorted()).toEqual(diagnostics.reason.toSorted());
      }),
      RUNS,
    );
  });
});

test("every fact of the table has a value that the schema takes", () => {
  const rows = [...FACTS.principal, ...FACTS.connection, ...FACTS.request];
  const reader = createReader({ ...usesOf([]), asks: () => true });
  const request = reader.request({
    principal: principalFor({ provider: "corp" }),
    action: "infer",
    connection: {
      ...EU_CONNECTION,
      recipient: { ...EU_CONNECTION.recipient, transfer: { mechanism: "scc", reference: "R" } },
    },
    purpose: PURPOSES.get("care"),
    found: NOTHING,
    special: {},
    risk: 3,
    now: MONDAY,
    network: "10.0.0.1",
    consent: { state: "given", optedOut: false },
  });
  const [principal, resource] = request.entities;
  const read: Record<string, unknown> = {
    principal: principal?.attrs,
    resource: resource?.attrs,
    context: request.context,
  };
  for (const { path } of rows) {
    const value = path
      .split(".")
      .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], read);
    expect(value, path).toBeDefined();
  }
  expect(
    cedar().checkParseContext({ context: request.context, schema: SCHEMA, action: { type: "Action", id: "infer" } }),
  ).toEqual({
    type: "success",
  });
});

test("what no policy asks for does not keep requests apart", () => {
  const reader = createReader(
    usesOf(setOf("permit (principal, action, resource) when { context.agent };").policies.map(({ json }) => json)),
  );
  fc.assert(
    fc.property(facts, facts, (a, b) => {
      const isSame = reader.key(a) === reader.key({ ...b, action: a.action });
      const agent = ({ principal }: typeof a): boolean => principal.kind === "agent";
      expect(isSame).toBe(agent(a) === agent(b));
    }),
  );
});

test("a hundred policies load", () => {
  const text = Array.from(
    { length: 100 },
    (_, at) => `@id("p${at}") permit (principal, action in Action::"request", resource) when { context.risk > ${at} };`,
  );
  const set = setOf(text.join("\n"));
  expect(set.policies).toHaveLength(100);
  expect(set.policies[99]).toMatchObject({ id: "p99", line: 100, column: 1 });
  const evaluator = createEvaluator(set, { cacheMax: 0 });
  const answer = evaluator.answer({
    principal: principalFor(),
    action: "infer",
    connection: EU_CONNECTION,
    found: NOTHING,
    special: {},
    risk: 2,
    now: MONDAY,
  });
  expect(answer.policies).toEqual(["p0", "p1"]);
});
