import { afterAll, describe, expect, test } from "vitest";
import picocolors from "picocolors";
import type { Found } from "@sluice/detector";
import { isObject } from "../config/plain.ts";
import { DetectionLines } from "./detection-lines.ts";
import { progressLine } from "./progress.ts";
import { folder } from "./test/sluice.ts";

const here = folder();
afterAll(() => here.remove());

const detect = (args: readonly string[], input = "") => here.sluice(["detect", ...args], input);
const TEXT = "first\nWrite to jane@example.org, or 😀 joe@example.org\n";

describe("detect", () => {
  test("says where and what, and no value, in the form that editors read", async () => {
    const path = here.write("a.txt", TEXT);
    const { code, out, err } = await detect([path]);
    expect(code).toBe(0);
    expect(out.split("\n").map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
      `${path}:2:10: EMAIL 0.98`,
      `${path}:2:34: EMAIL 0.98`,
      "",
    ]);
    expect(out + err).not.toContain("jane");
    expect(err).toBe("found: EMAIL 2\n");
  });

  test("shows values when asked to, without colours in a pipe", async () => {
    const { out } = await detect(["--show"], TEXT);
    expect(out).toContain("    Write to jane@example.org, or 😀 joe@example.org\n");
    expect(out.match(/Write to/g)).toHaveLength(1);
    expect(out).not.toContain("\u001b");
    expect((await detect(["--no-show"], TEXT)).out).not.toContain("jane");
  });

  test("ends with 1 for a hook when something was found, and only then", async () => {
    expect((await detect(["--fail-on-find"], TEXT)).code).toBe(1);
    expect((await detect(["--fail-on-find", "--types", "IBAN"], TEXT)).code).toBe(0);
    expect((await detect([], TEXT)).code).toBe(0);
    expect((await detect(["--fail-on-find", "none.txt"])).code).toBe(3);
  });

  test("as JSON names offsets in the document, and places in it", async () => {
    const source = '{"users": [{"mail": "jane\\u0040example.org"}]}';
    const paths = [here.write("b.json", source), here.write("empty.txt", "")];
    const value: unknown = JSON.parse((await detect([...paths, "--json"])).out);
    expect(value).toMatchObject({
      files: [
        { file: paths[0], format: "json", findings: [{ type: "EMAIL", place: "users[].mail", line: 1 }] },
        { file: paths[1], findings: [] },
      ],
      found: { EMAIL: 1 },
    });
    const files = isObject(value)
      ? (value["files"] as { findings: { start: number; end: number; value?: string }[] }[])
      : [];
    const [finding] = files[0]?.findings ?? [];
    expect(source.slice(finding?.start, finding?.end)).toBe("jane\\u0040example.org");
    expect(finding).not.toHaveProperty("value");
    const shown = JSON.parse((await detect([paths[0] ?? "", "--json", "--show"])).out) as { files: unknown[] };
    expect(shown.files[0]).toMatchObject({ findings: [{ value: "jane@example.org" }] });
  });

  test("writes its findings into a file, whole or not at all", async () => {
    expect(await detect(["-", "--output", "findings.txt", "--report", "report.json"], TEXT)).toMatchObject({
      code: 0,
      out: "",
    });
    expect(here.read("findings.txt")).toContain("stdin:2:10: EMAIL");
    expect(JSON.parse(here.read("report.json"))).toMatchObject({ found: { EMAIL: 2 } });
    expect((await detect(["-", "--output", "findings.txt"], TEXT)).code).toBe(2);
    expect((await detect(["none.txt", "--output", "more.txt"])).code).toBe(3);
    expect((await detect(["-", "--output", here.path], TEXT)).code).toBe(2);
  });

  test("finds in all forms with their context, and says when a document has another", async () => {
    expect((await detect(["--format", "csv"], "order no,x\n48213,1\n48214,2\n")).out).toMatch(
      /stdin:2:1: ORDER_NUMBER .*, in order no\n/,
    );
    expect((await detect(["--format", "json"], "no json")).err).toContain("stdin: not valid JSON from line 1 on");
  });
});

describe("lines for a terminal", () => {
  const found = (start: number, end: number): Found => ({
    type: "EMAIL",
    finding: undefined,
    value: "v",
    place: "",
    key: false,
    start,
    end,
  });
  const colors = picocolors.createColors(true);
  const linesOf = (text: string, ...spans: Found[]): string => {
    const lines = new DetectionLines("f", { json: false, show: true, colors });
    for (const each of spans) lines.add(each);
    return lines.settle(text) + lines.end();
  };

  test("mark the values, cut long lines and steer no terminal", () => {
    expect(linesOf("to jane and joe\n", found(3, 7), found(12, 15)).split("\n").at(-2)).toBe(
      `    to ${colors.inverse("jane")} and ${colors.inverse("joe")}`,
    );
    const long = linesOf(`${"x".repeat(500)}jane${"y".repeat(500)}`, found(500, 504));
    expect(long.split("\n").at(-2)).toMatch(/^ {4}…x{40}.*jane.*y{116}…$/);
    expect(linesOf("a\u001b[2Jb jane\n", found(7, 11))).toContain(`a·[2Jb ${colors.inverse("jane")}`);
  });

  test("number lines and columns over pieces, and do not hold an endless one", () => {
    const lines = new DetectionLines("f", { json: false, show: false, colors: picocolors.createColors(false) });
    let out = lines.settle("one\ntw");
    lines.add(found(7, 9));
    out += lines.settle("o jo\n");
    lines.add(found(11 + 20_000, 11 + 20_004));
    out += lines.settle("z".repeat(20_000));
    out += lines.settle("jane");
    expect(out + lines.end()).toBe("f:2:4: EMAIL\nf:3:20001: EMAIL\n");
  });
});

describe("the bar", () => {
  test.each([
    [0, undefined, 0, "0.0 MB"],
    [25e6, 100e6, 500, "[######------------------] 25 %  25.0 MB of 100.0 MB"],
    [25e6, 100e6, 5_000, "[######------------------] 25 %  25.0 MB of 100.0 MB  5.0 MB/s  0:15 left"],
    [120e6, 100e6, 60_000, "[########################] 100 %  120.0 MB of 100.0 MB  2.0 MB/s  0:00 left"],
    [25e6, undefined, 5_000, "25.0 MB  5.0 MB/s"],
    [0, 0, 0, "0.0 MB of 0.0 MB"],
  ])("after %d of %s bytes and %d ms reads %j", (done, total, ms, line) => {
    expect(progressLine(done, total, ms)).toBe(line);
  });
});
