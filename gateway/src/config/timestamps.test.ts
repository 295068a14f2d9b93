import { expect, test } from "vitest";
import { issue, pem } from "../../../verifier/src/timestamp/test/authority.ts";
import { timestampsSchema } from "./sections/timestamps.ts";
import { parseSource, Report } from "./source.ts";
import { resolveTimestamps, timestampFiles } from "./timestamps.ts";

const root = issue(Date.now(), { subject: "Root", ca: true });
const ROOTS = pem(root.certificate);
const FILES = new Map([
  ["file:roots.pem", { value: ROOTS }],
  ["file:signer.pem", { value: pem(issue(Date.now(), { subject: "Signer", by: root }).certificate) }],
  ["file:notes.txt", { value: "nothing" }],
  ["file:away.pem", { reason: "away.pem is not there" }],
]);

function resolve(document: unknown) {
  const report = new Report(parseSource("{}", "sluice.yaml"));
  const settings = resolveTimestamps(timestampsSchema.parse(document), { references: FILES, report });
  const problems = report.problems.map(({ message }) => message);
  return { settings, problems, warnings: report.warnings.map(({ message }) => message) };
}

const one = { url: "https://one.example/tsr", roots: "roots.pem" };
const two = { url: "http://two.example:8080/tsr", roots: "roots.pem", policies: ["1.2.3.4"] };

test("nobody is asked for stamps unless somebody is named", () => {
  expect(resolve({})).toEqual({ settings: { authorities: [], everyMs: 600_000 }, problems: [], warnings: [] });
});

test("authorities are known by their hosts, each with roots of its own", () => {
  expect(resolve({ authorities: [one, two], every: "1h" })).toEqual({
    settings: {
      authorities: [
        { name: "one.example", url: one.url, roots: ROOTS, allowPrivateAddress: false },
        { name: "two.example:8080", url: two.url, roots: ROOTS, policies: ["1.2.3.4"], allowPrivateAddress: false },
      ],
      everyMs: 3_600_000,
    },
    problems: [],
    warnings: [],
  });
});

test("one authority alone is warned of", () => {
  expect(resolve({ authorities: [one] }).warnings).toEqual([expect.stringContaining("one authority only")]);
});

test.each<[string, unknown, string]>([
  ["a URL that is none", { ...one, url: "tsa.example" }, "must be a URL"],
  ["a password in the URL", { ...one, url: "https://me:secret@one.example" }, "user or password"],
  ["a file that is not there", { ...one, roots: "away.pem" }, "away.pem is not there"],
  ["a file without certificates", { ...one, roots: "notes.txt" }, "no certificate in PEM"],
  ["a certificate that is no authority's", { ...one, roots: "signer.pem" }, "no certificate of an authority"],
  ["the same authority twice", { ...two, url: "https://two.example:8080/other" }, "asked already"],
])("%s is a problem", (_, authority, message) => {
  const { problems } = resolve({ authorities: [two, authority] });
  expect(problems).toEqual([expect.stringContaining(message)]);
});

test.each([
  { every: "30s" },
  { authorities: [{ ...one, policies: [] }] },
  { authorities: [{ ...one, policies: ["1"] }] },
])("%j is not in the shape of the section", (document) => {
  expect(timestampsSchema.safeParse(document).success).toBe(false);
});

test("the files to read are found before the document is known to be one", () => {
  expect(timestampFiles({ timestamps: { authorities: [one, two, { roots: 7 }, null] } })).toEqual([
    "file:roots.pem",
    "file:roots.pem",
  ]);
  expect(timestampFiles({ timestamps: "no" })).toEqual([]);
});
