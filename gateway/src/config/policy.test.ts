import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { type Checked, checkConfig, formatProblem } from "./load.ts";
import { policyVocabulary } from "./policy.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-policies-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  for (const name of ["policies", "other"]) rmSync(join(folder, name), { recursive: true, force: true });
});

const PERMIT = "permit (principal, action, resource);";

function write(name: string, content: string | Uint8Array): void {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, content);
}

function check(yaml: string): Promise<Checked> {
  write("sluice.yaml", `rehearsal: true\n${yaml}`);
  return checkConfig({ file: join(folder, "sluice.yaml"), detections: { types: {} }, env: {} });
}

const problems = async (yaml: string): Promise<string[]> =>
  (await check(yaml)).problems.map((each) => formatProblem(each).slice(folder.length + 1));

describe("the section policies", () => {
  test("absent means none, and what each credential may do is enough", async () => {
    const { config } = await check("");
    expect(config).not.toHaveProperty("policies");
  });

  test("reads the *.cedar files of its directory in the order of their names, and nothing else", async () => {
    write("policies/b.cedar", PERMIT);
    write("policies/a.cedar", "// a");
    write("policies/a.test.yaml", "tests: []");
    write("policies/.#a.cedar", "half");
    write("policies/deeper/c.cedar", PERMIT);
    const { config } = await check("policies: {}");
    expect(config?.policies).toEqual({
      dir: join(folder, "policies"),
      files: [
        { name: "a.cedar", text: "// a" },
        { name: "b.cedar", text: PERMIT },
      ],
    });
  });

  test("takes a directory relative to the configuration", async () => {
    write("other/a.cedar", PERMIT);
    expect((await check("policies: { dir: other }")).config?.policies?.files).toHaveLength(1);
  });

  test("is part of the version: another text is another policy version", async () => {
    const versions = new Set<string | undefined>();
    for (const text of [PERMIT, `${PERMIT} `, "// none"]) {
      write("policies/a.cedar", text);
      versions.add((await check("policies: {}")).config?.hash);
    }
    versions.add((await check("")).config?.hash);
    expect(versions.size).toBe(4);
  });
});

describe("a configuration is refused", () => {
  test("whose directory of policies is not there, for then the machine must change", async () => {
    const checked = await check("policies: { dir: other }");
    expect(checked.problems).toMatchObject([{ environment: true, message: "other cannot be read (ENOENT)" }]);
  });

  test("whose directory holds no policy", async () => {
    write("policies/readme.md", "");
    expect(await problems("policies: {}")).toEqual(["sluice.yaml:2:1 policies.dir: ./policies holds no *.cedar file"]);
  });

  test("whose section is there and empty, since that would look like policies and be none", async () => {
    expect(await problems("policies:")).toEqual([expect.stringContaining("policies: names no directory")]);
  });

  test.each([
    ["not UTF-8", new Uint8Array([0xff, 0xfe]), "is not UTF-8 text"],
    ["too large", " ".repeat(262_145), "is larger than 262144 bytes"],
  ])("with a file that is %s", async (_, content, reason) => {
    write("policies/a.cedar", content);
    expect(await problems("policies: {}")).toEqual([`sluice.yaml:2:1 policies.dir: policies/a.cedar ${reason}`]);
  });

  test("with too many files, or too much in them", async () => {
    for (let at = 0; at < 201; at++) write(`policies/${at}.cedar`, "");
    expect(await problems("policies: {}")).toEqual([expect.stringContaining("more than 200 files")]);
    rmSync(join(folder, "policies"), { recursive: true });
    for (let at = 0; at < 9; at++) write(`policies/${at}.cedar`, " ".repeat(262_144));
    expect(await problems("policies: {}")).toEqual([expect.stringContaining("more than 2097152 bytes")]);
  });

  test("with a key that is not known", async () => {
    write("policies/a.cedar", PERMIT);
    expect(await problems("policies: { folder: policies }")).toEqual([
      expect.stringContaining("policies.folder: unknown key"),
    ]);
  });
});

test("policies may name the groups of identity, of certificates and of keys", async () => {
  const { config, problems: none } = await check(`
purposes: { support: { dpv: dpv:CustomerCare, basis: eu-gdpr:A6-1-b, retention: P30D } }
identity:
  providers: { corp: { kind: oidc, issuer: https://login.example.com, audience: [a], groups_claim: groups } }
  groups: { staff: { from: ["corp:Staff"], purposes: [support] } }
  certificates: { batch: { san: "DNS:batch", principal: service:batch, purposes: [support], groups: [machines] } }
`);
  expect(none).toEqual([]);
  if (config === undefined) throw new Error("no configuration");
  expect(policyVocabulary(config, []).groups).toEqual(["machines", "staff"]);
});
