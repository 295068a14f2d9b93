import { describe, expect, it } from "vitest";
import { SluiceError } from "../core/errors.ts";
import { loadPolicies, type PolicySet } from "./load.ts";
import { VOCABULARY } from "./test/setup.ts";

const load = (...files: (readonly [name: string, text: string])[]): PolicySet =>
  loadPolicies({ files: files.map(([name, text]) => ({ name, text })) }, VOCABULARY);

function refused(text: string): string {
  try {
    load(["main.cedar", text]);
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.code === "policy_invalid") return thrown.message;
    throw thrown;
  }
  return "";
}

const PERMIT = "permit (principal, action, resource);";

describe("policies load", () => {
  it("with the place of each, whatever stands around it", () => {
    const { policies } = load(
      ["b.cedar", `// ä "permit\n${PERMIT} // permit (principal, action, resource);\n\n  ${PERMIT}`],
      ["a.cedar", PERMIT],
    );
    expect(policies.map(({ id, line, column }) => [id, line, column])).toEqual([
      ["a.cedar:1", 1, 1],
      ["b.cedar:1", 2, 1],
      ["b.cedar:2", 4, 3],
    ]);
  });

  it("more than ten of a file in the order of the file", () => {
    const text = Array.from({ length: 12 }, (_, at) => `@id("p${at}") ${PERMIT}`).join("\n");
    expect(load(["a.cedar", text]).policies.map(({ id }) => id)).toEqual(
      Array.from({ length: 12 }, (_, at) => `p${at}`),
    );
  });

  it("and have one hash whatever order the files are read in", () => {
    const a = ["a.cedar", PERMIT] as const;
    const b = ["b.cedar", "// none"] as const;
    expect(load(a, b).hash).toBe(load(b, a).hash);
    expect(load(a, b).hash).not.toBe(load(["a.cedar", PERMIT + b[1]]).hash);
  });

  it("a slash in a string is no comment", () => {
    expect(
      load(["a.cedar", '@description("see https://intra/x") permit (principal, action, resource);']).policies[0],
    ).toMatchObject({
      description: "see https://intra/x",
    });
  });
});

describe("policies are refused", () => {
  it.each([
    [
      "that do not parse",
      "permit (principal, action, resource)\nwhen { context.  };",
      "main.cedar:2:18 unexpected token `}`",
    ],
    ["whose scope is no scope", "permit (principal, actio, resource);", "main.cedar:1:20 found an invalid variable"],
    [
      "that ask for a fact that is not there",
      'permit (principal, action in Action::"request", resource)\n  when { context.riks > 3 };',
      "main.cedar:2:10 attribute `riks` in context not found; did you mean `risk`?",
    ],
    [
      "that ask for what may be absent",
      "permit (principal, action, resource) when { context.network.isLoopback() };",
      "main.cedar:1:45 unable to guarantee safety",
    ],
    [
      "that compare what cannot be compared",
      'permit (principal, action, resource) when { context.hour == "nine" };',
      "not compatible",
    ],
    [
      "that name an unknown group",
      '// first\npermit (principal in Group::"stuff", action, resource);',
      'main.cedar:2:29 unknown Group::"stuff"; did you mean "staff"?',
    ],
    [
      "that name an unknown group in a condition",
      'permit (principal, action, resource) unless { principal in [Group::"staff", Group::"doktors"] };',
      'main.cedar:1:84 unknown Group::"doktors"; did you mean "doctors"?',
    ],
    [
      "that name an unknown connection",
      'permit (principal, action, resource == Connection::"uss");',
      'unknown Connection::"uss"; did you mean "us"?',
    ],
    ["that name an unknown tag", 'permit (principal, action, resource in Tag::"prod");', 'unknown Tag::"prod"'],
    ["that name an unknown role", 'permit (principal in Role::"admin", action, resource);', 'unknown Role::"admin"'],
    [
      "that name an unknown purpose",
      'permit (principal, action == Action::"infer", resource) when { context.purpose == Purpose::"suport" };',
      'unknown Purpose::"suport"; did you mean "support"?',
    ],
    [
      "that name an unknown action",
      'permit (principal, action == Action::"list", resource);',
      'unrecognized action `Action::"list"`',
    ],
    [
      "that have the same @id",
      `@id("a") ${PERMIT}\n@id("a") ${PERMIT}`,
      'main.cedar:2:1 @id("a") is taken by the policy at main.cedar:1',
    ],
    [
      "with an unknown annotation",
      `@aprove("staff") ${PERMIT}`,
      'main.cedar:1:1 unknown annotation @aprove; did you mean "approve"?',
    ],
    ["with an approval by an unknown group", `@approve("officers") ${PERMIT}`, '@approve: unknown group "officers"'],
    [
      "with numbers that a syntax tree in JSON cannot hold",
      "permit (principal, action, resource) when { context.hour < 9007199254740993 };",
      "a number beyond 9007199254740991",
    ],
    ["that are templates", "permit (principal == ?principal, action, resource);", "main.cedar:1:1 is a template"],
  ])("%s", (_, text, message) => {
    expect(refused(text)).toContain(message);
  });

  it("with every problem at once, in the order of the file", () => {
    const message = refused(
      `@x("1") ${PERMIT}\npermit (principal in Group::"y", action, resource);\n@z("1") ${PERMIT}`,
    );
    expect(message.split("\n").map((line) => line.slice(0, 14))).toEqual([
      "the policies h",
      "main.cedar:1:1",
      "main.cedar:2:2",
      "main.cedar:3:1",
    ]);
    expect(message).toContain("have 3 problems");
  });
});
