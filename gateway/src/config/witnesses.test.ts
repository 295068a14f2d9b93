import { formatVkey, parsePolicy } from "@sluice/verifier";
import { describe, expect, test } from "vitest";
import type { WitnessesDocument } from "./sections/witnesses.ts";
import { witnessesSchema } from "./sections/witnesses.ts";
import { parseSource, Report } from "./source.ts";
import { resolveWitnesses, witnessFiles } from "./witnesses.ts";

const [vkey, other] = keys();

/** Two well-formed keys, made by what makes keys. */
function keys(): [string, string] {
  const make = (byte: number): string =>
    formatVkey({ name: `witness.example/${byte}`, type: 0x04, publicKey: new Uint8Array(32).fill(byte) });
  return [make(1), make(2)];
}

function resolve(document: unknown, file?: string) {
  const report = new Report(parseSource("{}", "sluice.yaml"));
  const references = new Map(file === undefined ? [] : [["file:witnesses.policy", { value: file }]]);
  const parsed = witnessesSchema.parse(document);
  const settings = resolveWitnesses(parsed, { references, report });
  return {
    settings,
    problems: report.problems.map(({ path, message }) => `${path}: ${message}`),
    warnings: report.warnings,
  };
}

const list = [
  { name: "one", vkey, url: "https://one.example/" },
  { name: "two", vkey: other, url: "http://127.0.0.1:7380" },
];

describe("a list of witnesses", () => {
  test.each<[WitnessesDocument["quorum"], string]>([
    [undefined, "all"],
    ["all", "all"],
    ["any", "any"],
    [2, "2"],
  ])("with the quorum %s is a policy of one group", (quorum, word) => {
    const { settings, problems } = resolve({ policy: list, ...(quorum === undefined ? {} : { quorum }) });
    expect(problems).toEqual([]);
    expect(settings?.policy).toContain(`group witnesses ${word} one two\nquorum witnesses\n`);
    expect(parsePolicy(settings?.policy ?? "").witnesses.map(({ url }) => url)).toEqual(list.map(({ url }) => url));
    expect(settings).toMatchObject({ everyMs: 60_000, graceMs: 300_000, required: false });
  });

  test("may need nobody, and may hold a name that the group would have had", () => {
    expect(resolve({ policy: list, quorum: "none" }).settings?.policy).toMatch(/quorum none\n$/);
    const named = resolve({ policy: [{ ...list[0], name: "witnesses" }, list[1]] });
    expect(named.problems).toEqual([]);
    expect(named.settings?.policy).toContain("group witnesses- all witnesses two\n");
  });

  test.each<[string, unknown, string]>([
    ["a quorum beyond its members", { policy: list, quorum: 3 }, "the threshold is"],
    ["a key that is none", { policy: [{ ...list[0], vkey: vkey.slice(1) }] }, "key"],
    ["one key twice", { policy: [list[0], { ...list[1], vkey }] }, "same public key"],
    ["one name twice", { policy: [list[0], { ...list[1], name: "one" }] }, "the name is defined"],
    ["plaintext to another machine", { policy: [{ ...list[0], url: "http://one.example" }] }, "must be an https URL"],
    ["a URL with a query", { policy: [{ ...list[0], url: "https://one.example/?a=b" }] }, "a query or a fragment"],
    ["a URL with a password", { policy: [{ ...list[0], url: "https://a:b@one.example/" }] }, "a user or password"],
    ["asking less often than is missed", { policy: list, every: "10m" }, "must be longer than `witnesses.every`"],
  ])("with %s is a problem", (_, document, message) => {
    const { problems } = resolve(document);
    expect(problems.join("\n")).toContain(message);
  });
});

describe("a policy file", () => {
  const text = `witness one ${vkey} https://one.example/\nwitness two ${other}\ngroup w any one two\nquorum w`;

  test("is read beside the configuration, and a witness without a URL is a warning", () => {
    expect(witnessFiles({ witnesses: { policy: "witnesses.policy" } })).toEqual(["file:witnesses.policy"]);
    const { settings, problems, warnings } = resolve({ policy: "witnesses.policy", every: "checkpoint" }, text);
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({ policy: `${text}\n`, everyMs: 0 });
    expect(warnings.map(({ message }) => message)).toEqual(["the witness two has no URL and is never asked"]);
  });

  test("that is malformed is a problem with its line, and its quorum is its own", () => {
    expect(resolve({ policy: "witnesses.policy" }, "quorum none\nquorum none").problems.join()).toContain(
      "witnesses.policy, line 2: ",
    );
    expect(resolve({ policy: "witnesses.policy", quorum: "all" }, text).problems.join()).toContain(
      "stands in the policy file",
    );
    expect(resolve({ policy: "missing.policy" }).problems.join()).toContain("was not looked up");
  });
});
