import { describe, expect, it } from "vitest";
import { principalFor } from "../core/test/connection.ts";
import { createAuthorizer } from "./authorizer.ts";
import { runTable, type TableResult } from "./table-test.ts";
import { REGISTER, setOf, VOCABULARY } from "./test/setup.ts";

const POLICIES = `
  @id("staff") permit (principal in Group::"staff", action in Action::"request", resource);
  @id("agents") forbid (principal, action in Action::"request", resource in Tag::"production") when { context.agent };
  @id("risky") @duty @approve("2 of privacy-officers") @mask("contact=drop") @retain("7d") @limit("9/h")
  permit (principal, action in Action::"request", resource) when { context.risk >= 30 };
  @id("audit") permit (principal in Role::"auditor", action == Action::"read-evidence", resource) when { context.hour >= 8 };
`;

const subject = {
  authorizer: createAuthorizer(REGISTER, setOf(POLICIES)),
  vocabulary: VOCABULARY,
  principals: new Map([["service:crm", principalFor({ id: "service:crm", groups: ["staff"] })]]),
};

const run = (rows: string): TableResult => runTable("main.test.yaml", `tests:\n${rows}`, subject);

/** The row's differences, or why it could not be asked. */
function said(row: string): readonly string[] {
  const { rows, problems } = run(`  - { it: x, ${row} }`);
  return [...problems.map(({ message }) => message), ...rows.flatMap(({ differences }) => differences)];
}

describe("a row that is as expected has no difference:", () => {
  it.each([
    "as: { groups: [staff] }, connection: eu, purpose: support, expect: allow, policies: [staff]",
    "as: service:crm, connection: eu, expect: allow",
    "as: { groups: [staff] }, connection: eu, purpose: care, found: { health: 1 }, expect: allow, approve: 2 of privacy-officers, mask: contact=drop, retain: 7d, limit: 9/h",
    "as: { groups: [staff] }, connection: eu, purpose: support, expect: allow, approve: none, mask: none, retain: none, limit: none",
    "as: { groups: [staff], agents: [agent:x] }, connection: eu, purpose: support, expect: deny, code: policy_denied, policies: [agents]",
    "as: { groups: [staff] }, connection: eu, purpose: support, found: { HEALTH_ID: 1 }, expect: deny, code: condition_missing",
    "as: { groups: [staff], purposes: [care] }, connection: eu, purpose: support, expect: deny, code: purpose_not_allowed",
    "as: { groups: [staff] }, connection: eu, purpose: study, consent: withdrawn, expect: deny, code: consent_withdrawn",
    "as: { groups: [staff] }, connection: eu, purpose: support, consent: opted-out, expect: deny, code: subject_opted_out",
    "as: { roles: [auditor] }, action: read-evidence, at: '2026-01-05T07:59:59Z', expect: deny",
    "as: { roles: [auditor] }, action: read-evidence, at: '2026-01-05T08:00:00Z', expect: allow, policies: [audit]",
  ])("%s", (row) => {
    expect(said(row)).toEqual([]);
  });
});

describe("a row says what is different:", () => {
  it.each([
    ["as: { groups: [staff] }, connection: eu, purpose: support, expect: deny", "expected deny, got allow (staff)"],
    ["connection: eu, purpose: support, expect: allow", "expected allow, got deny (policy_denied: no policy permits"],
    [
      "as: service:crm, connection: eu, expect: allow, policies: [risky]",
      'policies: expected ["risky"], got ["staff"]',
    ],
    ["as: service:crm, connection: eu, expect: allow, retain: 3d", 'retain: expected "P3D", got none'],
    [
      "connection: eu, purpose: support, expect: deny, code: consent_missing",
      'code: expected "consent_missing", got "policy_denied"',
    ],
  ])("%s", (row, difference) => {
    expect(said(row)).toEqual([expect.stringContaining(difference)]);
  });
});

describe("a row that cannot be asked is a problem, never a pass:", () => {
  it.each([
    ["connection: eu, purpose: suport, expect: deny", 'unknown purpose "suport"; did you mean "support"?'],
    ["connection: eww, purpose: support, expect: deny", 'unknown connection "eww"'],
    ["purpose: support, expect: deny", "infer needs a connection"],
    [
      "as: service:cmr, connection: eu, expect: deny",
      'unknown key or principal "service:cmr"; did you mean "service:crm"?',
    ],
    ["as: { groups: [stuff] }, connection: eu, expect: deny", 'unknown group "stuff"; did you mean "staff"?'],
    ["connection: eu, found: { EMIAL: 1 }, expect: deny", 'unknown type or category "EMIAL"; did you mean "EMAIL"?'],
    ["connection: eu, expects: deny", "expect"],
    ["connection: eu, expect: maybe", "expect"],
    ["connection: eu, expect: allow, approve: 2 of nobody", 'unknown group "nobody"'],
  ])("%s", (row, message) => {
    expect(said(row)).toEqual([expect.stringContaining(message)]);
  });

  it("and so is a file that is no table", () => {
    for (const text of ["", "tests: []", "rows: []", "tests: [\n", "- a"]) {
      const { rows, problems } = runTable("x.test.yaml", text, subject);
      expect(rows).toEqual([]);
      expect(problems).toHaveLength(1);
    }
  });
});

it("rows have their place in the file", () => {
  const { rows } = run(
    "  - it: one\n    connection: eu\n    expect: deny\n\n  - it: two\n    connection: us\n    expect: deny\n",
  );
  expect(rows.map(({ it: name, line, column }) => [name, line, column])).toEqual([
    ["one", 2, 5],
    ["two", 6, 5],
  ]);
});
