import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkPolicies, type CheckFinding } from "./check.ts";
import { createEvaluator } from "./evaluate.ts";
import { facts, policiesText } from "./test/random.ts";
import { setOf } from "./test/setup.ts";

const REQUEST = 'principal, action in Action::"request", resource';
const found = (text: string): CheckFinding[] => checkPolicies(setOf(text)).filter(({ kind }) => kind !== "closed");
const said = (text: string): string[] =>
  found(text).map(({ kind, policy, by }) => [kind, policy, ...(by === undefined ? [] : [by])].join(" "));

describe("unreachable is a rule", () => {
  it.each([
    [
      "whose action is not for its resource",
      '@id("a") permit (principal, action == Action::"infer", resource == Evidence::"log");',
    ],
    ["whose principal is no principal", '@id("a") permit (principal == Group::"staff", action, resource);'],
    [
      "whose conditions the schema makes false",
      '@id("a") permit (principal is Principal, action, resource) when { resource is Principal };',
    ],
    [
      "that wants two purposes at once",
      `@id("a") permit (${REQUEST}) when { context.purpose == Purpose::"care" && context.purpose == Purpose::"support" };`,
    ],
    [
      "that wants a purpose and not that purpose",
      `@id("a") permit (${REQUEST}) when { context.purpose in [Purpose::"care"] } unless { context.purpose == Purpose::"care" };`,
    ],
    [
      "whose numbers leave nothing between them",
      `@id("a") permit (${REQUEST}) when { context.risk > 50 && 50 >= context.risk };`,
    ],
    ["that wants a number beyond what there is", `@id("a") permit (${REQUEST}) when { context.risk > 100 };`],
    ["that wants an hour that no day has", `@id("a") permit (${REQUEST}) when { context.hour == 24 };`],
    [
      "that wants something and its opposite",
      `@id("a") permit (${REQUEST}) when { context.agent } unless { context.agent };`,
    ],
    [
      "for a connection that is not what it wants",
      '@id("a") permit (principal, action in Action::"request", resource == Connection::"us") when { resource.eea };',
    ],
    [
      "for tags of which no connection is what it wants",
      '@id("a") permit (principal, action in Action::"request", resource in Tag::"production") when { resource.country == "JP" };',
    ],
  ])("%s", (_, text) => {
    expect(said(text)).toEqual(["unreachable a"]);
  });

  it("and not one that some request matches", () => {
    expect(
      found(`permit (${REQUEST}) when { context.risk > 50 && context.risk < 52 && resource.country == "US" };`),
    ).toEqual([]);
  });
});

describe("shadowed is a permit", () => {
  it("that a forbid without conditions covers", () => {
    expect(
      said(
        `@id("no") forbid (principal, action, resource in Tag::"production"); @id("yes") permit (${REQUEST.replace("resource", 'resource == Connection::"us"')});`,
      ),
    ).toEqual(["shadowed yes no"]);
  });

  it("whose conditions say all that the forbid wants", () => {
    expect(
      said(`@id("no") forbid (${REQUEST}) when { context.risk >= 80 };
        @id("yes") permit (${REQUEST}) when { context.risk > 90 && context.agent };`),
    ).toEqual(["shadowed yes no"]);
  });

  it("and not one that reaches beyond the forbid", () => {
    expect(
      found(`forbid (${REQUEST}) when { context.risk > 80 }; permit (${REQUEST}) when { context.risk > 70 };`),
    ).toEqual([]);
    expect(
      found('forbid (principal, action, resource in Tag::"production"); permit (principal, action, resource);'),
    ).toEqual([]);
  });
});

describe("redundant is a rule", () => {
  it("that stands there twice, once", () => {
    const text = `permit (${REQUEST}) when { context.agent };`;
    expect(said(`@id("a") ${text} @id("b") ${text}`)).toEqual(["redundant a b"]);
  });

  it("that a wider one of the same effect contains", () => {
    expect(
      said(
        `@id("a") permit (${REQUEST}); @id("b") permit (principal in Group::"staff", action == Action::"infer", resource);`,
      ),
    ).toEqual(["redundant b a"]);
    expect(
      said(
        `@id("a") forbid (${REQUEST}) when { context.risk > 50 }; @id("b") forbid (${REQUEST}) when { context.risk > 60 };`,
      ),
    ).toEqual(["redundant b a"]);
  });

  it("and not one that obliges to more", () => {
    expect(
      found(`permit (${REQUEST}); @approve("staff") permit (principal, action == Action::"infer", resource);`),
    ).toEqual([]);
    expect(
      said(
        `@id("a") @retain("3d") permit (${REQUEST}); @id("b") @retain("9d") permit (principal, action == Action::"infer", resource);`,
      ),
    ).toEqual(["redundant b a"]);
  });
});

it("a permit is not redundant beside a duty, and opens what a duty does not", () => {
  const duty = `@id("d") @duty @retain("3d") permit (${REQUEST});`;
  expect(found(`@id("p") @retain("9d") permit (${REQUEST}); ${duty}`)).toEqual([]);
  expect(said(`@id("p") @retain("2d") permit (${REQUEST}); ${duty}`)).toEqual(["redundant d p"]);
  expect(checkPolicies(setOf(duty)).some(({ message }) => message.includes('connection "eu"'))).toBe(true);
});

it("what no policy opens is told", () => {
  const closed = checkPolicies(
    setOf(
      'permit (principal, action == Action::"infer", resource in Tag::"production"); permit (principal, action == Action::"approve", resource);',
    ),
  );
  expect(closed.map(({ message }) => message)).toEqual([
    'no policy permits anything on connection "lab"',
    "no policy permits reveal, break-glass, read-evidence, export",
  ]);
});

describe("what is reported is certain:", () => {
  it("unreachable rules determine nothing, shadowed and redundant ones can go", () => {
    let reports = 0;
    fc.assert(
      fc.property(policiesText, fc.array(facts, { minLength: 30, maxLength: 30 }), (text, all) => {
        const set = setOf(text);
        const findings = checkPolicies(set).filter(({ kind }) => kind !== "closed");
        reports += findings.length;
        const without = createEvaluator(
          { ...set, policies: set.policies.filter(({ id }) => findings.every(({ policy }) => policy !== id)) },
          { cacheMax: 0 },
        );
        const evaluator = createEvaluator(set, { cacheMax: 0 });
        for (const each of all) {
          const [before, after] = [evaluator.answer(each), without.answer(each)];
          // A policy that cannot be evaluated denies; that it also adds nothing is another matter.
          if (before.failed.length > 0) continue;
          expect(after.effect).toBe(before.effect);
          expect(after.obligations).toEqual(before.obligations);
          const gone = new Set(findings.filter(({ kind }) => kind === "unreachable").map(({ policy }) => policy));
          expect(before.policies.filter((id) => gone.has(id))).toEqual([]);
        }
      }),
      { numRuns: 80 },
    );
    expect(reports, "a property that saw no report proves nothing").toBeGreaterThan(20);
  });
});
