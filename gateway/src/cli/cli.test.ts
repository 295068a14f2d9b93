/** Every verb as a user runs it: a process, its output, its exit code. */
import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { isObject } from "../config/plain.ts";
import { VERSION } from "../server/version.ts";
import { type Ended, folder } from "./test/sluice.ts";

const here = folder();
afterAll(() => here.remove());

function json(ended: Ended): Record<string, unknown> {
  const value: unknown = JSON.parse(ended.out);
  if (!isObject(value)) throw new Error("not an object");
  return value;
}

const KEY = /sluice_[a-z0-9-]{8,64}_[0-9A-Za-z]{49}/;

describe("every verb", () => {
  const VERBS = [
    "start",
    "init",
    "login",
    "check-config",
    "key new",
    "key hash",
    "detect",
    "scrub",
    "restore",
    "log",
    "verify",
    "fsck",
    "witness",
    "witness key",
    "witness show",
    "policy check",
    "policy test",
    "policy explain",
    "approve",
    "reviews list",
    "subject find",
    "subject export",
    "subject erase",
    "hold list",
    "hold place",
    "retention show",
    "retention run",
    "keys status",
    "keys rotate",
    "completion",
    "version",
  ];

  test.each(VERBS)("%s explains itself with examples and exit codes, and knows --json", async (verb) => {
    const { code, out } = await here.sluice([...verb.split(" "), "--help"]);
    expect(code).toBe(0);
    for (const part of [
      "Usage: sluice",
      "--json",
      "\nExamples:\n  sluice",
      "\nExit codes:\n  0  done",
      "  2  ",
      "  3  ",
    ])
      expect(out).toContain(part);
  });

  test("is listed by help, and an unknown one is a usage error that says so", async () => {
    const { code, out } = await here.sluice(["--help"]);
    expect(code).toBe(0);
    for (const verb of VERBS) expect(out).toMatch(new RegExp(`^  ${verb.split(" ")[0]}\\b`, "m"));
    for (const wrong of [
      ["frobnicate"],
      ["version", "--frobnicate"],
      ["start", "--port", "99999"],
      ["fsck"],
      ["key", "new"],
      ["completion", "tcsh"],
    ]) {
      const ended = await here.sluice(wrong);
      expect(ended.code, wrong.join(" ")).toBe(2);
      expect(ended.err).toContain("error:");
      expect(ended.out).toBe("");
    }
  });

  test("prints no colour into a pipe, even where CI or FORCE_COLOR ask for it", async () => {
    for (const env of [{ CI: "1" }, { FORCE_COLOR: "1" }]) {
      const { out, err } = await here.sluice(["check-config", "none.yaml"], "", env);
      expect(out + err).not.toContain("\u001b[");
    }
  });

  test("version is the package's", async () => {
    expect((await here.sluice(["version"])).out).toBe(`${VERSION}\n`);
    expect((await here.sluice(["--version"])).out).toBe(`${VERSION}\n`);
    expect(json(await here.sluice(["version", "--json"]))).toEqual({ version: VERSION, node: process.versions.node });
  });
});

describe("init and check-config", () => {
  test("init writes a configuration that passes check-config, with a key that it shows once and does not write", async () => {
    const made = await here.sluice(["init"]);
    expect(made.code).toBe(0);
    const key = KEY.exec(made.out)?.[0] ?? "";
    expect(key).not.toBe("");
    const text = here.read("sluice.yaml");
    expect(text).not.toContain(key);
    expect(text).not.toContain(key.split("_")[2]);
    expect(text).toContain(`  ${key.split("_")[1]}:\n    hash: scrypt$`);

    const checked = await here.sluice(["check-config", "--json"]);
    expect(checked.code).toBe(0);
    expect(json(checked)).toMatchObject({ ok: true, file: "sluice.yaml", problems: [] });
    expect((await here.sluice(["check-config"])).out).toMatch(
      /^sluice\.yaml: ok, 0 connections, 1 key, 1 purpose, 1 warning, and the rehearsal$/m,
    );
  });

  test("what init has commented out is right as well, once it is made active", async () => {
    const text = here.read("sluice.yaml");
    const active = text.replace(/^# {4}tls:.*\n/m, "").replaceAll(/^#(?! \S)/gm, "");
    here.write("active.yaml", active);
    const env = { OPENAI_API_KEY: "a", ANTHROPIC_API_KEY: "b", AZURE_OPENAI_API_KEY: "c" };
    const { code, out } = await here.sluice(["check-config", "active.yaml", "--json"], "", env);
    expect(out).toContain('"problems": []');
    expect(code).toBe(0);
    expect((await here.sluice(["check-config", "active.yaml"], "", env)).out).toContain("4 connections, 1 key");
  });

  test("init does not overwrite unless it is told to", async () => {
    const before = here.read("sluice.yaml");
    const refused = await here.sluice(["init"]);
    expect(refused).toMatchObject({ code: 2, out: "" });
    expect(refused.err).toContain("--force");
    expect(here.read("sluice.yaml")).toBe(before);
    const forced = json(await here.sluice(["init", "--force", "--json"]));
    expect(forced).toMatchObject({ file: "sluice.yaml", key: expect.stringMatching(KEY) as unknown });
    expect(here.read("sluice.yaml")).not.toBe(before);
    expect((await here.sluice(["init", "none/sluice.yaml"])).code).toBe(3);
  });

  test("check-config prints every problem with its place and ends with 2; with 3 when only the machine is at fault", async () => {
    here.write("wrong.yaml", "purposess: {}\nconnections:\n  a: { kind: openai, urll: x }\n");
    const wrong = await here.sluice(["check-config", "wrong.yaml"]);
    expect(wrong.code).toBe(2);
    expect(wrong.out).toContain('error   wrong.yaml:1:1 purposess: unknown key; did you mean "purposes"?\n');
    expect(wrong.out).toContain('error   wrong.yaml:3:22 connections.a.urll: unknown key; did you mean "url"?\n');
    const asJson = json(await here.sluice(["check-config", "wrong.yaml", "--json"]));
    expect(asJson).toMatchObject({
      ok: false,
      problems: expect.arrayContaining([expect.objectContaining({ line: 1, column: 1, path: "purposess" })]) as unknown,
    });

    here.write(
      "machine.yaml",
      "recipients: { a: { name: A, country: DE, role: processor } }\nconnections: { a: { kind: openai, url: 'https://a.example/v1', credential: env:NOT_SET, recipient: a, models: ['*'] } }\n",
    );
    const missing = await here.sluice(["check-config", "machine.yaml"]);
    expect(missing.code).toBe(3);
    expect(missing.out).toContain("environment variable NOT_SET is not set");
    expect((await here.sluice(["check-config", "machine.yaml"], "", { NOT_SET: "x" })).code).toBe(0);

    const none = await here.sluice(["check-config", "none.yaml"]);
    expect(none.code).toBe(2);
    expect(none.err).toContain("none.yaml: no such file");
    expect(json(await here.sluice(["check-config", "none.yaml", "--json"]))).toMatchObject({
      ok: false,
      error: { code: "config_invalid" },
    });
  });

  test.skipIf(process.platform === "win32")("a reader that leaves early changes no exit code", async () => {
    const child = here.spawn(["check-config", "wrong.yaml"]);
    child.stdout?.destroy();
    expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(2);
  });

  test("check-config --schema prints the schema for editors", async () => {
    expect(json(await here.sluice(["check-config", "--schema"]))).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
    });
  });
});

describe("key", () => {
  test("new prints a key once and what to paste, and that passes check-config", async () => {
    const purposes = "purposes: { support: { dpv: 'dpv:CustomerCare', basis: 'eu-gdpr:A6-1-b', retention: P30D } }\n";
    const flags = [
      "--principal",
      "service:crm",
      "--purpose",
      "support",
      "--expires",
      "2099-01-01",
      "--role",
      "auditor",
      "--id",
      "crm-production",
    ];
    const made = await here.sluice(["key", "new", ...flags]);
    expect(made.code).toBe(0);
    const pasted = made.out.slice(made.out.indexOf("keys:"));
    expect(pasted).toContain("crm-production:");
    expect(made.out.match(new RegExp(KEY, "g"))).toHaveLength(1);
    here.write("pasted.yaml", purposes + pasted);
    expect((await here.sluice(["check-config", "pasted.yaml", "--json"])).code).toBe(0);
  });

  test("a new key ends in a year unless something else is said; one that never ends is named by check-config", async () => {
    const expires = async (...flags: string[]): Promise<unknown> => {
      const { keys } = json(
        await here.sluice(["key", "new", "--principal", "a", "--purpose", "b", "--json", ...flags]),
      );
      const [entry] = Object.values(keys as Record<string, Record<string, unknown>>);
      return entry?.["expires"];
    };
    const inAYear = new Date(Date.now() + 365 * 86_400_000).toISOString().slice(0, 10);
    expect(await expires()).toBe(inAYear);
    expect(await expires("--expires", "2099-01-01")).toBe("2099-01-01");
    expect(await expires("--expires", "never")).toBeUndefined();
    const made = await here.sluice(["key", "new", "--principal", "a", "--purpose", "b", "--expires", "never"]);
    const purposes = "purposes: { b: { dpv: 'dpv:CustomerCare', basis: 'eu-gdpr:A6-1-b', retention: P30D } }\n";
    here.write("endless.yaml", purposes + made.out.slice(made.out.indexOf("keys:")));
    expect((await here.sluice(["check-config", "endless.yaml"])).out).toContain("has no `expires`");
  });

  test("hash reads a key from stdin and gives another hash of it; what is no key is not repeated", async () => {
    const made = json(
      await here.sluice([
        "key",
        "new",
        "--principal",
        "service:a",
        "--purpose",
        "a",
        "--purpose",
        "b",
        "--default-purpose",
        "b",
        "--json",
      ]),
    );
    expect(made["keys"]).toMatchObject({ [String(made["id"])]: { purposes: ["a", "b"], default_purpose: "b" } });
    const hashed = await here.sluice(["key", "hash"], `${String(made["key"])}\n`);
    expect(hashed.code).toBe(0);
    expect(hashed.out).toMatch(/^scrypt\$32768\$8\$1\$/);
    const wrong = await here.sluice(["key", "hash"], "sluice_typo_pasted-secret");
    expect(wrong.code).toBe(2);
    expect(wrong.err + wrong.out).not.toContain("pasted-secret");
  });

  test("new refuses what the configuration would refuse", async () => {
    for (const flags of [
      ["--principal", "a b", "--purpose", "support"],
      ["--principal", "a", "--purpose", "Support"],
      ["--principal", "a", "--purpose", "b", "--id", "x"],
    ]) {
      const { code, out } = await here.sluice(["key", "new", ...flags]);
      expect(code).toBe(2);
      expect(out).not.toMatch(KEY);
    }
  });
});

describe("scrub and restore", () => {
  const TEXT = "Write to john.doe@example.com, IBAN DE89 3704 0044 0532 0130 00.\nNo line break at the end 😀";

  test("scrub takes the values out, restore puts them back, byte for byte", async () => {
    const letter = here.write("letter.txt", TEXT);
    const scrubbed = await here.sluice(["scrub", letter, "--map", "map.json"]);
    expect(scrubbed.code).toBe(0);
    expect(scrubbed.out).toContain("[EMAIL_1]");
    for (const value of ["john.doe", "3704"]) expect(scrubbed.out + scrubbed.err).not.toContain(value);
    expect(scrubbed.err).toContain("EMAIL 1");
    if (process.platform !== "win32") expect(statSync(`${here.path}/map.json`).mode & 0o777).toBe(0o600);

    const restored = await here.sluice(["restore", "-", "--map", "map.json"], scrubbed.out);
    expect(restored).toMatchObject({ code: 0, out: TEXT });
  });

  test("with --json, from stdin, and the output of scrub is a map for restore", async () => {
    const scrubbed = await here.sluice(["scrub", "--json"], TEXT);
    expect(json(scrubbed)).toMatchObject({ found: { EMAIL: 1, IBAN: 1 } });
    const map = here.write("scrubbed.json", scrubbed.out);
    const restored = await here.sluice(["restore", "--map", map, "--json"], String(json(scrubbed)["scrubbed"]));
    expect(json(restored)).toEqual({ restored: TEXT });
  });

  test("what cannot be read, is not UTF-8 or is no map, is refused without repeating it", async () => {
    expect((await here.sluice(["scrub", "none.txt"])).code).toBe(3);
    const binary = await here.sluice(["scrub"], new Uint8Array([0x61, 0xff, 0x62]));
    expect(binary).toMatchObject({ code: 2, out: "" });
    for (const map of ['{"secret@example.com": 1}', "secret@example.com", '{"entities":[{"placeholder":"x"}]}']) {
      const ended = await here.sluice(["restore", "--map", here.write("not-a-map.json", map)], "x");
      expect(ended.code).toBe(2);
      expect(ended.err).not.toContain("secret@example.com");
    }
  });
});

describe("completion", () => {
  const has = (shell: string): boolean => ["/bin", "/usr/bin"].some((folder) => existsSync(`${folder}/${shell}`));

  test.skipIf(!has("bash"))("for bash offers verbs, options and words, in a real bash", async () => {
    here.write("completion.bash", (await here.sluice(["completion", "bash"])).out);
    const complete = (...words: string[]): string[] => {
      const line = words.map((word) => `'${word}'`).join(" ");
      const script = `source completion.bash; COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _sluice; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return execFileSync("bash", ["-c", script], { cwd: here.path, encoding: "utf8" }).trim().split("\n");
    };
    expect(complete("sluice", "ver")).toEqual(["verify", "version"]);
    expect(complete("sluice", "key", "")).toEqual(["new", "hash", "--help"]);
    expect(complete("sluice", "key", "new", "--pr")).toEqual(["--principal"]);
    expect(complete("sluice", "completion", "z")).toEqual(["zsh"]);
    expect(complete("sluice", "start", "--config", "sluice.yaml", "--po")).toEqual(["--port"]);
  });

  test.each(["zsh", "fish"])(
    "for %s names every verb, and is syntax that %s takes where it is installed",
    async (shell) => {
      const { code, out } = await here.sluice(["completion", shell]);
      expect(code).toBe(0);
      for (const verb of ["start", "check-config", "verify", "new"]) expect(out).toContain(verb);
      if (has(shell)) execFileSync(shell, ["-n"], { input: out });
      expect(json(await here.sluice(["completion", shell, "--json"]))).toMatchObject({ shell, script: out });
    },
  );
});
