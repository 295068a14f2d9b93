/** `sluice scrub` as a user runs it: documents of every form, files that must not be lost, and more text than memory. */
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { OPERATORS as OPERATOR_ROWS } from "@sluice/detector";
import { afterAll, describe, expect, test } from "vitest";
import { isObject } from "../config/plain.ts";
import { OPERATORS } from "../core/connection.ts";
import { type Ended, folder } from "./test/sluice.ts";

const here = folder();
afterAll(() => here.remove());

const scrub = (args: readonly string[], input = "") => here.sluice(["scrub", ...args], input);

function json(ended: Ended): Record<string, unknown> {
  const value: unknown = JSON.parse(ended.out);
  if (!isObject(value)) throw new Error("not an object");
  return value;
}

const CSV = 'name,order no,mail\r\nx,48213,jane@example.org\r\n"y, z",48214,"joe@example.org; 48213"\r\n';

describe("what the detector section of a configuration says", () => {
  test("holds for documents too, and flags win over it", async () => {
    const config = here.write(
      "own.yaml",
      `detector:\n  allow: ["Gregor Havelmann"]\n  recognizers:\n    - { type: BADGE, category: direct-identifier, patterns: [{ name: badge, regex: "B-[0-9]{4}" }] }\n`,
    );
    const text = "Theresa Wolkenstein and Gregor Havelmann have badge B-1234.\n";
    expect((await scrub(["--config", config], text)).out).toBe(
      "[PERSON_1] and Gregor Havelmann have badge [BADGE_1].\n",
    );
    expect((await scrub(["--config", config, "--names", "off"], text)).out).toBe(
      "Theresa Wolkenstein and Gregor Havelmann have badge [BADGE_1].\n",
    );
    expect((await scrub(["--config", config, "--types", "BADGE"], text)).out).toContain("Theresa Wolkenstein");
    const wrong = here.write("wrong.yaml", "detector: { names: some }\n");
    expect(await scrub(["--config", wrong], text)).toMatchObject({ code: 2, out: "" });
  });
});

describe("the form of a document", () => {
  test("is guessed, from stdin too, and gives values their context", async () => {
    const expected =
      'name,order no,mail\r\nx,[ORDER_NUMBER_1],[EMAIL_1]\r\n"y, z",[ORDER_NUMBER_2],"[EMAIL_2]; 48213"\r\n';
    expect(await scrub([here.write("a.csv", CSV)])).toMatchObject({ code: 0, out: expected });
    expect(await scrub(["-"], CSV)).toMatchObject({ code: 0, out: expected });
    expect((await scrub(["--format", "text"], CSV)).out).toBe(
      CSV.replace("jane@example.org", "[EMAIL_1]").replace("joe@example.org", "[EMAIL_2]"),
    );
  });

  test("that a document does not keep to is said, with its place and none of its content", async () => {
    const path = here.write("broken.json", '{"a": 1,\n "b": jane@example.org}');
    const { code, out, err } = await scrub([path]);
    expect({ code, out }).toEqual({ code: 0, out: '{"a": 1,\n "b": [EMAIL_1]}' });
    expect(err).toContain("broken.json: not valid JSON from line 2 on: read as text from there\n");
    expect(err).not.toContain("jane");
  });

  test("of JSON survives the way there and back", async () => {
    const source = '{"to": "\\"Jane\\" jane@example.org", "text": "[EMAIL_1]\\n-----", "n": [1, 2]}\n';
    const scrubbed = await scrub([here.write("b.json", source), "--map", "b.map"]);
    expect(JSON.parse(scrubbed.out)).toEqual({ to: '"Jane" [EMAIL_1]', text: "[LITERAL_1]\n-----", n: [1, 2] });
    expect((await here.sluice(["restore", "-", "--map", "b.map"], scrubbed.out)).out).toBe(source);
  });

  test("restore escapes values for JSON, and leaves other text as it is", async () => {
    const map = { entities: [{ placeholder: "[ADDRESS_1]", type: "ADDRESS", value: 'A "b"\nC' }], bareWords: [] };
    here.write("address.map", JSON.stringify(map));
    const restored = async (text: string, ...args: string[]) =>
      (await here.sluice(["restore", "-", "--map", "address.map", ...args], text)).out;
    expect(await restored('{"a":"[ADDRESS_1]"}\n{"a":1}\n')).toBe('{"a":"A \\"b\\"\\nC"}\n{"a":1}\n');
    expect(await restored("{a} [ADDRESS_1]")).toBe('{a} A "b"\nC');
    expect(await restored('"[ADDRESS_1]"', "--format", "text")).toBe('"A "b"\nC"');
  });
});

describe("operators", () => {
  const TEXT = "jane@example.org and 4111 1111 1111 1111";

  test("are chosen by type, category and DEFAULT, the nearest wins", async () => {
    const rules = (...all: string[]) =>
      scrub(
        all.flatMap((rule) => ["--operator", rule]),
        TEXT,
      );
    expect((await rules("EMAIL=mask", "financial=redact")).out).toBe("j***@e***.org and [CARD]");
    expect((await rules("default=drop", "email=allow")).out).toBe("jane@example.org and ");
    expect((await rules("contact=drop", "EMAIL=redact", "DEFAULT=allow")).out).toBe("[EMAIL] and 4111 1111 1111 1111");
  });

  test("hash with a key of one's own gives the same everywhere, and without one differs from run to run", async () => {
    here.write("key", "k".repeat(32));
    const hashed = async (...args: string[]) => (await scrub(["--operator", "EMAIL=hash", ...args], TEXT)).out;
    const keyed = await hashed("--key", "key");
    expect(keyed).toMatch(/^\[EMAIL:[0-9a-f]{16}\] and /);
    expect(await hashed("--key", "key")).toBe(keyed);
    expect(await hashed()).not.toBe(keyed);
    here.write("short", "k");
    expect(await scrub(["--key", "short"], TEXT)).toMatchObject({ code: 2, out: "" });
  });

  test("encrypt with a key that is kept, and restore takes it back; a changed token fails as a whole", async () => {
    here.write("master", "m".repeat(32));
    const source = `[{"to": "jane@example.org", "note": "order 48213\\n"}, 4111111111111111]\n`;
    const sealed = await scrub(["--operator", "DEFAULT=encrypt", "--key", "master"], source);
    expect(sealed.out).toContain("[EMAIL~");
    expect(sealed.out).not.toMatch(/jane|48213|4111/);
    const back = (text: string, ...args: string[]) => here.sluice(["restore", "-", "--key", "master", ...args], text);
    expect((await back(sealed.out)).out).toBe(source.replace("4111111111111111", '"4111111111111111"'));
    const changed = sealed.out.replace(
      /(\[EMAIL~.{40})(.)/,
      (_, head: string, sign: string) => head + (sign === "A" ? "B" : "A"),
    );
    for (const ended of [await back(changed), await back(sealed.out, "--purpose", "another")]) {
      expect(ended).toMatchObject({ code: 1, out: "" });
      expect(ended.err).not.toMatch(/jane|~/);
    }
    expect(await scrub(["--operator", "EMAIL=encrypt"], source)).toMatchObject({ code: 2, out: "" });
    expect((await here.sluice(["restore", "-"], source)).code).toBe(2);
  });

  test("surrogate and format-preserving put values of the same form there, and the map puts the own ones back", async () => {
    const rules = ["--operator", "EMAIL=surrogate", "--operator", "PHONE=format-preserving", "--map", "stand-ins.map"];
    const source = '{"a": "jane@example.org", "b": "+49 30 901820, jane@example.org \\" "}';
    const { out } = await scrub(rules, source);
    const written = JSON.parse(out) as { a: string; b: string };
    expect(written.a).toMatch(/^[^@ ]+@[^@ ]+$/);
    expect(written.b).toMatch(/^\+49 \d/);
    expect(out).not.toMatch(/jane@|901820/);
    expect((await here.sluice(["restore", "-", "--map", "stand-ins.map"], out)).out).toBe(source);
  });

  test("of the command line are those of the detector", () => {
    expect(OPERATORS).toEqual(Object.keys(OPERATOR_ROWS));
  });

  test("block ends with 1, writes no file and says the type, not the value", async () => {
    const ended = await scrub(["--operator", "CARD=block", "--output", "blocked.txt", "-"], TEXT);
    expect(ended).toMatchObject({ code: 1, out: "" });
    expect(ended.err).toContain("stdin holds CARD");
    expect(ended.err).not.toContain("4111");
    expect(readdirSync(here.path).filter((name) => name.includes("blocked"))).toEqual([]);
    const asJson = await scrub(["--operator", "CARD=block", "--json"], TEXT);
    expect(asJson.code).toBe(1);
    expect(json(asJson)).toMatchObject({ ok: false, error: { code: "type_blocked" } });
  });

  test("that do not exist, and types that do not, are refused with what was meant", async () => {
    for (const [args, said] of [
      [["--operator", "EMAIL=maks"], "one of placeholder"],
      [["--operator", "EMIAL=mask"], 'did you mean "EMAIL"?'],
      [["--types", "EMAIL,IBAM"], 'did you mean "IBAN"?'],
      [["--format", "xml"], "Allowed choices are auto, text"],
      [["--min-score", "2"], "0 to 1"],
    ] as const) {
      const { code, out, err } = await scrub(args, TEXT);
      expect({ code, out }, args.join(" ")).toEqual({ code: 2, out: "" });
      expect(err).toContain(said);
    }
  });

  test("apply to the types that are asked for only", async () => {
    expect((await scrub(["--types", "card"], TEXT)).out).toBe("jane@example.org and [CARD_1]");
    expect((await scrub(["--min-score", "1"], TEXT)).out).toBe(TEXT);
  });

  test("keep keys of JSON apart", async () => {
    const source = '{"jane@example.org":1,"joe@example.org":"jane@example.org"}';
    const { out } = await scrub(["--operator", "EMAIL=redact"], source);
    expect(out).toBe('{"[EMAIL_1]":1,"[EMAIL_2]":"[EMAIL]"}');
  });
});

describe("what is written", () => {
  test("to a file is there as a whole, never over another one unless told, and may replace its own source", async () => {
    const text = here.write("own.txt", "to jane@example.org");
    expect((await scrub([text, "--output", "own.txt"])).code).toBe(2);
    expect(here.read("own.txt")).toBe("to jane@example.org");
    expect(await scrub([text, "--output", "own.txt", "--force"])).toMatchObject({ code: 0, out: "" });
    expect(here.read("own.txt")).toBe("to [EMAIL_1]");
    const binary = here.write("binary.txt", new Uint8Array([0x61, 0xff]));
    expect(await scrub([binary, "--output", "own.txt", "--force"])).toMatchObject({ code: 2 });
    expect(here.read("own.txt")).toBe("to [EMAIL_1]");
    expect((await scrub([text, "--output", "none/own.txt"])).code).toBe(3);
    expect(readdirSync(here.path).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  test.skipIf(process.platform === "win32")("as a map can be read by its owner only, and no map is lost", async () => {
    const before = await scrub(["--map", "first.map"], "jane@example.org");
    expect(before.code).toBe(0);
    expect(statSync(`${here.path}/first.map`).mode & 0o777).toBe(0o600);
    const again = await scrub(["--map", "first.map"], "joe@example.org");
    expect(again).toMatchObject({ code: 2, out: "" });
    expect(again.err).toContain("first.map is there already; --force replaces it");
    expect(here.read("first.map")).toContain("jane@example.org");
    expect((await scrub(["--map", "first.map", "--force"], "joe@example.org")).code).toBe(0);
    expect(here.read("first.map")).not.toContain("jane@example.org");
  });

  test("for several documents goes into a folder or one after the other, with one map", async () => {
    const [one, two] = [
      here.write("one.txt", "a@example.org b@example.org\n"),
      here.write("two.txt", "b@example.org\n"),
    ];
    expect((await scrub([one, two])).out).toBe("[EMAIL_1] [EMAIL_2]\n[EMAIL_2]\n");
    mkdirSync(`${here.path}/clean`);
    expect((await scrub([one, two, "--output", "clean"])).code).toBe(0);
    expect([here.read("clean/one.txt"), here.read("clean/two.txt")]).toEqual(["[EMAIL_1] [EMAIL_2]\n", "[EMAIL_2]\n"]);
    expect((await scrub([one, two, "--output", "clean"])).code).toBe(2);
    expect((await scrub([one, two, "--output", "new.txt"])).code).toBe(2);
    expect((await scrub([one, one, "--output", "clean", "--force"])).code).toBe(2);
    const documents = json(await scrub([one, two, "--json"]));
    expect(documents).toMatchObject({
      files: [
        { file: one, scrubbed: "[EMAIL_1] [EMAIL_2]\n" },
        { file: two, scrubbed: "[EMAIL_2]\n" },
      ],
      entities: [{ placeholder: "[EMAIL_1]", value: "a@example.org" }, { placeholder: "[EMAIL_2]" }],
      found: { EMAIL: 3 },
    });
  });

  test("as JSON is one document whatever the text holds", async () => {
    const text = `"quoted" \\ \u0007 😀 ${"jane@example.org ".repeat(3)}`;
    expect(json(await scrub(["--json"], text))["scrubbed"]).toBe(text.replaceAll("jane@example.org", "[EMAIL_1]"));
    expect(json(await scrub(["--json"], ""))).toEqual({
      scrubbed: "",
      entities: [],
      bareWords: [],
      found: {},
      notes: [],
    });
  });
});

describe("the report", () => {
  test("counts by type and by column, without a value", async () => {
    const path = here.write("c.csv", CSV);
    const { code } = await scrub([path, "--report", "c.report.json", "--output", "c.out"]);
    expect(code).toBe(0);
    expect(JSON.parse(here.read("c.report.json"))).toMatchObject({
      documents: [
        {
          file: path,
          format: "csv",
          characters: CSV.length,
          found: { EMAIL: 2, ORDER_NUMBER: 2 },
          places: { "order no": { ORDER_NUMBER: 2 }, mail: { EMAIL: 2 } },
        },
      ],
      found: { EMAIL: 2, ORDER_NUMBER: 2 },
      charactersPerSecond: expect.any(Number) as unknown,
    });
    const { err } = await scrub([path, "--report"]);
    expect(err).toContain("  in mail: EMAIL 2\n");
    for (const value of ["jane", "48213"]) expect(here.read("c.report.json") + err).not.toContain(value);
  });

  test("never takes the place of the document that stood behind it", async () => {
    const path = here.write("d.csv", CSV);
    for (const args of [
      ["--report", path],
      ["--report", path, "--force"],
      [path, "--report", path],
      [path, "--map", "m", "--report", "m"],
    ]) {
      const { code, out } = await scrub(args);
      expect({ code, out }, args.join(" ")).toEqual({ code: 2, out: "" });
    }
    expect(readFileSync(path, "utf8")).toBe(CSV);
  });
});

describe("a source", () => {
  test("that is missing, a folder, or named twice as stdin is refused by name", async () => {
    expect(await scrub(["none.txt"])).toMatchObject({
      code: 3,
      out: "",
      err: "sluice: cannot read none.txt (ENOENT)\n",
    });
    expect(await scrub([here.path])).toMatchObject({ code: 2, out: "" });
    expect(await scrub(["-", "-"])).toMatchObject({ code: 2, out: "" });
    expect(existsSync(`${here.path}/none.txt`)).toBe(false);
  });

  test("that is not UTF-8 in its middle is refused, and a byte order mark is kept", async () => {
    const bytes = Buffer.concat([Buffer.from("x".repeat(70_000)), Buffer.from([0xc3, 0x28])]);
    const ended = await here.sluice(["scrub", here.write("latin.txt", bytes), "--output", "latin.out"]);
    expect(ended).toMatchObject({ code: 2 });
    expect(ended.err).toContain("latin.txt is not UTF-8 text");
    expect(existsSync(`${here.path}/latin.out`)).toBe(false);
    expect((await scrub(["-"], "\ufeffa,b\n1,2\n")).out).toBe("\ufeffa,b\n1,2\n");
  });

  test("whose characters are cut by the pieces in which it is read comes out whole", async () => {
    const text = "😀é".repeat(40_000);
    expect((await scrub([here.write("wide.txt", text)])).out === text).toBe(true);
  });

  test.skipIf(process.platform === "win32")("that is live is written as it comes", async () => {
    const child = here.spawn(["scrub", "--format", "log"]);
    child.stdin?.write("2026-11-21T10:14:00Z INFO to jane@example.org\n");
    const [first] = (await once(child.stdout ?? child, "data")) as [Buffer];
    expect(String(first)).toContain("to [EMAIL_1]");
    child.stdin?.end();
    await once(child, "close");
  });

  test.skipIf(process.platform !== "linux")(
    "of 20 MB passes through a small heap, and its memory does not grow with it",
    async () => {
      const rows = (from: number): string =>
        Array.from(
          { length: 1000 },
          (_, index) => `${from + index},"Anna ""Annie"" Smith",kim${index % 50}@example.org,${"word ".repeat(12)}\n`,
        ).join("");
      const child = here.spawn(["scrub", "-", "--format", "csv"], { NODE_OPTIONS: "--max-old-space-size=48" });
      let peak = 0;
      let written = 0;
      let tail = "";
      child.stdout?.on("data", (piece: Buffer) => {
        written += piece.length;
        tail = (tail + String(piece)).slice(-200);
      });
      child.stdin?.write("id,name,mail,text\n");
      let sent = 0;
      for (let block = 0; sent < 20e6; block++) {
        const text = rows(block * 1000);
        sent += text.length;
        if (child.stdin?.write(text) === false) await once(child.stdin, "drain");
        const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
        peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
      }
      child.stdin?.end();
      const [code] = (await once(child, "close")) as [number];
      expect(code).toBe(0);
      expect(tail).toMatch(/,"\[PERSON_1\]",\[EMAIL_50\],(word )+\n$/);
      expect(written).toBeGreaterThan(16e6);
      // A document that was kept would take its 20 MB at least twice, once as bytes and once as text.
      expect(peak / 1024).toBeLessThan(220);
    },
  );
});
