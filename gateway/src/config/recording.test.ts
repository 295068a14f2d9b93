import { resolve as resolvePath } from "node:path";
import { expect, test } from "vitest";
import { formatProblem } from "./problem.ts";
import { resolveRecording } from "./recording.ts";
import { recordingSchema } from "./sections/recording.ts";
import { parseSource, Report } from "./source.ts";

const MIB = 1024 * 1024;

function resolve(document: object): [settings: ReturnType<typeof resolveRecording>, problems: string[]] {
  const report = new Report(parseSource("", "sluice.yaml"));
  const context = {
    report,
    purposeNames: ["support"],
    connectionNames: ["main"],
    baseDir: "/etc/sluice",
    hasOwnLogs: false,
  };
  return [resolveRecording(recordingSchema.parse(document), context), report.problems.map(formatProblem)];
}

test("nothing is recorded unless it is said", () => {
  expect(resolve({})).toEqual([
    { mode: "none", shared: "all-of", rules: [], exchangeBytesMax: 8 * MIB, atLimit: "end", fileBytesMax: 64 * MIB },
    [],
  ]);
});

test("rules speak of connections and purposes, and of what is scrubbed here", () => {
  const rules = [
    { connection: "main", purpose: "support", mode: "sealed", shared: "any-of" },
    { connection: "local", mode: "scrubbed" },
  ];
  const [settings, problems] = resolve({
    default: "scrubbed",
    rules,
    exchange_bytes_max: "32MiB",
    at_limit: "segment",
  });
  expect(settings).toMatchObject({ mode: "scrubbed", rules, exchangeBytesMax: 32 * MIB, atLimit: "segment" });
  expect(problems).toEqual([]);
});

test("a name that is not there is a problem, with its place", () => {
  const [, problems] = resolve({ rules: [{ connection: "mian", purpose: "sport", mode: "sealed" }] });
  expect(problems).toEqual([
    expect.stringContaining('unknown connection "mian"'),
    expect.stringContaining('unknown purpose "sport"'),
  ]);
});

test.each([
  { default: "all" },
  { shared: "some-of" },
  { rules: [{ connection: "main" }] },
  { rules: [{ mode: "sealed", connections: "main" }] },
  { exchange_bytes_max: "1KiB" },
  { exchange_bytes_max: "33MiB" },
  { at_limit: "go on" },
  { file_bytes_max: "2GiB" },
])("%j is refused", (document) => {
  expect(recordingSchema.safeParse(document).success).toBe(false);
});

test("a folder of recordings is relative to the file, and shared by those that share a log", () => {
  const [settings, problems] = resolve({ dir: "./recordings" });
  expect([settings.dir, problems]).toEqual([resolvePath("/etc/sluice/recordings"), []]);
  const report = new Report(parseSource("", "sluice.yaml"));
  const context = { report, purposeNames: [], connectionNames: [], baseDir: "/etc/sluice", hasOwnLogs: true };
  resolveRecording(recordingSchema.parse({ dir: "./recordings" }), context);
  expect(report.problems.map(formatProblem)).toEqual([expect.stringContaining("needs `evidence.shared`")]);
});
