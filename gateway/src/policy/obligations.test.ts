import { TYPES } from "@sluice/detector";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { OPERATORS, type Operator } from "../core/connection.ts";
import type { Obligations } from "../core/decision.ts";
import { connectionFor } from "../core/test/connection.ts";
import {
  daysOf,
  mergeObligations,
  NO_OBLIGATIONS,
  readAnnotations,
  STRENGTH,
  stricterRules,
  stronger,
} from "./obligations.ts";

const NAMED = { groups: new Set(["privacy-officers", "doctors"]), types: new Set(["EMPLOYEE_NUMBER"]) };
const read = (annotations: Record<string, string | null>, effect: "permit" | "forbid" = "permit"): Obligations =>
  readAnnotations(annotations, "p1", effect, NAMED);

describe("annotations", () => {
  it.each<[Record<string, string | null>, Partial<Obligations>]>([
    [{ approve: "privacy-officers" }, { approvals: [{ group: "privacy-officers", people: 1 }] }],
    [{ approve: "2 of privacy-officers" }, { approvals: [{ group: "privacy-officers", people: 2 }] }],
    [
      { approve: "2 of privacy-officers, doctors" },
      {
        approvals: [
          { group: "doctors", people: 1 },
          { group: "privacy-officers", people: 2 },
        ],
      },
    ],
    [{ mask: "contact=placeholder, EMAIL=drop" }, { masks: { EMAIL: "drop", contact: "placeholder" } }],
    [{ mask: "EMPLOYEE_NUMBER=hash" }, { masks: { EMPLOYEE_NUMBER: "hash" } }],
    [{ retain: "30d" }, { retention: "P30D" }],
    [{ limit: "200/h" }, { limits: [{ policy: "p1", requests: 200, perMs: 3_600_000 }] }],
    [{ id: "x", description: "why" }, {}],
    [{ duty: null, retain: "3d" }, { retention: "P3D" }],
  ])("%j is understood", (annotations, obligations) => {
    expect(read(annotations)).toEqual({ ...NO_OBLIGATIONS, ...obligations });
  });

  it("special stands for the categories of GDPR Art. 9", () => {
    expect(Object.entries(read({ mask: "special=block" }).masks)).toHaveLength(8);
    expect(read({ mask: "special=block, health=placeholder" }).masks["health"]).toBe("block");
  });

  it.each<[Record<string, string | null>, string]>([
    [{ aprove: "x" }, 'unknown annotation @aprove; did you mean "approve"?'],
    [{ approve: "privacy-oficers" }, 'unknown group "privacy-oficers"; did you mean "privacy-officers"?'],
    [{ approve: "0 of doctors" }, "1 to 20 people"],
    [{ approve: "two of doctors" }, "not a group"],
    [{ approve: null }, "@approve needs a text"],
    [{ mask: "contact" }, "not a list of"],
    [{ mask: "contact=redacted" }, 'unknown operator "redacted"; did you mean "redact"?'],
    [{ mask: "contact=allow" }, "allow masks nothing"],
    [{ mask: "contcat=redact" }, 'unknown type or category "contcat"; did you mean "contact"?'],
    [{ retain: "1 month" }, "not a number of days"],
    [{ limit: "200/fortnight" }, "not a number of requests"],
    [{ id: "" }, "@id needs a text"],
    [{ duty: null }, "without an obligation has no effect"],
    [{ duty: "yes", retain: "1d" }, "@duty has no text"],
  ])("%j is refused", (annotations, message) => {
    expect(() => read(annotations)).toThrow(message);
  });

  it("on a forbid are refused, because a denial obliges to nothing", () => {
    expect(() => read({ limit: "1/h" }, "forbid")).toThrow("no effect");
  });
});

test("every operator has its place in the order of strength", () => {
  expect(STRENGTH.toSorted()).toEqual([...OPERATORS].toSorted());
  expect(STRENGTH[0]).toBe("allow");
  expect(STRENGTH.at(-1)).toBe("block");
});

const names = fc.constantFrom("contact", "EMAIL", "health", "financial");
const operator = fc.constantFrom<Operator>(...OPERATORS);
const obligations: fc.Arbitrary<Obligations> = fc
  .record({
    approvals: fc.array(fc.record({ group: fc.constantFrom("a", "b", "c"), people: fc.integer({ min: 1, max: 4 }) })),
    masks: fc.dictionary(names, operator),
    retention: fc.option(
      fc.integer({ min: 1, max: 99 }).map((days) => `P${days}D`),
      { nil: undefined },
    ),
    limits: fc.array(
      fc.record({
        policy: fc.constantFrom("p", "q"),
        requests: fc.integer({ min: 1, max: 3 }),
        perMs: fc.constantFrom(1_000, 60_000),
      }),
    ),
  })
  .map(({ retention, ...rest }) => (retention === undefined ? rest : { ...rest, retention }));

/** As strict in every respect. */
function isAtLeast(a: Obligations, b: Obligations): boolean {
  return (
    b.approvals.every(({ group, people }) =>
      a.approvals.some((each) => each.group === group && each.people >= people),
    ) &&
    Object.entries(b.masks).every(
      ([name, weaker]) => a.masks[name] !== undefined && stronger(a.masks[name], weaker) === a.masks[name],
    ) &&
    (b.retention === undefined || (a.retention !== undefined && daysOf(a.retention) <= daysOf(b.retention))) &&
    b.limits.every((limit) => a.limits.some((each) => JSON.stringify(each) === JSON.stringify(limit)))
  );
}

describe("the strictest wins:", () => {
  it("merging does not depend on the order", () => {
    fc.assert(
      fc.property(obligations, obligations, (a, b) => {
        expect(mergeObligations([a, b])).toEqual(mergeObligations([b, a]));
      }),
    );
  });

  it("merging does not depend on how it is grouped", () => {
    fc.assert(
      fc.property(obligations, obligations, obligations, (a, b, c) => {
        const all = mergeObligations([a, b, c]);
        expect(mergeObligations([mergeObligations([a, b]), c])).toEqual(all);
        expect(mergeObligations([a, mergeObligations([b, c])])).toEqual(all);
      }),
    );
  });

  it("merging with itself changes nothing", () => {
    fc.assert(
      fc.property(obligations, (a) => {
        expect(mergeObligations([a, a])).toEqual(mergeObligations([a]));
        expect(mergeObligations([mergeObligations([a])])).toEqual(mergeObligations([a]));
      }),
    );
  });

  it("the whole is never weaker than a part", () => {
    fc.assert(
      fc.property(fc.array(obligations, { minLength: 1 }), (parts) => {
        const whole = mergeObligations(parts);
        for (const part of parts) expect(isAtLeast(whole, part)).toBe(true);
      }),
    );
  });
});

describe("the rules of a connection made stricter", () => {
  const rules = connectionFor().rules;

  it("are never weaker for any type than the connection's or the obligations'", () => {
    fc.assert(
      fc.property(
        fc.dictionary(names, operator),
        operator,
        fc.dictionary(names, operator),
        (request, byDefault, masks) => {
          const strict = stricterRules({ ...rules, request, default: byDefault }, masks, TYPES);
          for (const [type, { category }] of Object.entries(TYPES)) {
            const own = request[type] ?? request[category] ?? byDefault;
            const made = strict.request[type] ?? strict.request[category] ?? strict.default;
            for (const each of [own, masks[type], masks[category]]) {
              if (each !== undefined) expect(stronger(made, each)).toBe(made);
            }
          }
        },
      ),
    );
  });

  it("are the same object for the same obligations, and the connection's own without any", () => {
    const masks = { contact: "drop" } as const;
    expect(stricterRules(rules, masks, TYPES)).toBe(stricterRules(rules, masks, TYPES));
    expect(stricterRules(rules, {}, TYPES)).toBe(rules);
  });
});
