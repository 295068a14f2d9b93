import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { principalFor } from "../core/test/connection.ts";
import { createAuthorizer } from "./authorizer.ts";
import { explain, type Explanation } from "./explain.ts";
import type { Question } from "./question.ts";
import { facts as anyFacts, policiesText } from "./test/random.ts";
import { EU_CONNECTION, MONDAY, NOTHING, PURPOSES, REGISTER, setOf } from "./test/setup.ts";

const doctor = principalFor({ kind: "human", groups: ["doctors"], purposes: ["care", "support"] });

function explained(policies: string, question: Partial<Question> = {}): Explanation {
  const set = setOf(policies);
  const whole: Question = {
    principal: doctor,
    action: "infer",
    purpose: "care",
    found: NOTHING,
    now: MONDAY,
    ...question,
  };
  return explain(createAuthorizer(REGISTER, set), set, whole, EU_CONNECTION, { purposes: PURPOSES });
}

describe("an explanation", () => {
  it("names of each policy the first condition that does not hold, as Cedar writes it", () => {
    const { considered } = explained(`
      @id("a") permit (principal in Group::"doctors", action, resource);
      @id("b") permit (principal in Group::"staff", action, resource);
      @id("c") @description("why") forbid (principal, action in Action::"request", resource)
        when { context.purpose == Purpose::"care" && context.risk > 50 } unless { context.agent };
      @id("d") @duty @retain("3d") permit (principal, action in Action::"request", resource) unless { resource.eea };
    `);
    expect(considered).toEqual([
      { policy: "a", effect: "permit", applies: true },
      { policy: "b", effect: "permit", applies: false, because: 'principal in Group::"staff"' },
      { policy: "c", effect: "forbid", description: "why", applies: false, because: "context.risk > 50" },
      { policy: "d", effect: "duty", applies: false, because: "!resource.eea" },
    ]);
  });

  it("leaves out policies for other actions and other connections", () => {
    const { considered } = explained(`
      permit (principal, action == Action::"scrub", resource);
      permit (principal, action, resource == Connection::"us");
    `);
    expect(considered).toEqual([]);
  });

  it("says what the law or the credential lacks and asks no policy then", () => {
    const { decision, considered } = explained("permit (principal, action, resource);", { purpose: "fraud" });
    expect(decision).toMatchObject({ effect: "deny", code: "purpose_not_allowed" });
    expect(considered).toEqual([]);
  });

  it("of any policies says the same as the decision", () => {
    fc.assert(
      fc.property(policiesText, anyFacts, (text, { principal, action, found, now, network, connection }) => {
        const set = setOf(text);
        const question: Question = {
          principal: { ...principal, purposes: ["care"] },
          action,
          purpose: "care",
          found,
          now,
          network,
        };
        const { decision, considered } = explain(createAuthorizer(REGISTER, set), set, question, connection, {
          purposes: PURPOSES,
        });
        if (decision.effect === "deny" && decision.code !== "policy_denied") return;
        const applying = considered.filter(({ applies }) => applies);
        const forbids = applying.filter(({ effect }) => effect === "forbid").map(({ policy }) => policy);
        const permits = applying.filter(({ effect }) => effect !== "forbid").map(({ policy }) => policy);
        const isOpened = applying.some(({ effect }) => effect === "permit");
        expect(decision.effect).toBe(forbids.length === 0 && isOpened ? "allow" : "deny");
        expect(decision.policies).toEqual(forbids.length > 0 ? forbids : isOpened ? permits : []);
      }),
      { numRuns: 40 },
    );
  });
});
