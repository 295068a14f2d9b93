/** `sluice keys` as an operator runs it, from the first secret to a rotation, with real files and a real log. */
import { chmodSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { filesHolding } from "../server/test/running.ts";
import { folder } from "./test/sluice.ts";

const CANARY = "sk-canary-operator-6612";
const CONFIG = `
controller: { name: Example GmbH, contact: privacy@example.com, country: DE }
purposes: { support: { dpv: "dpv:CustomerCare", basis: "eu-gdpr:A6-1-b", retention: P30D } }
recipients: { acme: { name: Acme AI SA, country: FR, role: processor, dpa: DPA-1 } }
connections:
  main: { kind: openai, url: "http://127.0.0.1:9/v1", credential: "sealed:acme", recipient: acme, models: ["*"] }
listeners: [{ address: "127.0.0.1:0" }]
`;

const here = folder();
here.write("sluice.yaml", CONFIG);
afterAll(() => here.remove());

const shown: string[] = [];
async function sluice(args: readonly string[], input = ""): Promise<{ code: number | null; out: string; err: string }> {
  const ended = await here.sluice(args, input);
  shown.push(ended.out, ended.err);
  return ended;
}

test("before the first secret there is no key, and nothing is made by looking", async () => {
  const { code, err } = await sluice(["keys", "status"]);
  expect([code, err]).toEqual([3, "sluice: there is no key yet; `sluice keys rotate` makes the first\n"]);
  expect(existsSync(join(here.path, "sluice-data"))).toBe(false);
  const checked = await sluice(["check-config"]);
  expect(checked.code).toBe(3);
  expect(checked.out).toContain("sealed:acme is not there; put it in with `sluice keys seal acme`");
});

test("a secret is put in, and the configuration finds it", async () => {
  expect(await sluice(["keys", "seal", "acme"], `${CANARY}\n`)).toMatchObject({
    code: 0,
    out: "sealed; refer to it as sealed:acme\n",
  });
  expect((await sluice(["check-config"])).code).toBe(0);
  const { code, out } = await sluice(["keys", "status"]);
  expect(code).toBe(0);
  expect(out).toMatch(
    /^root key {3}file:.*root\.key, version 1, 0 days old\nsealed by {2}secrets\/1, 0 days old, 1 value\nnote /,
  );
  expect((await sluice(["keys", "seal", "../acme"], "x")).code).toBe(2);
  expect((await sluice(["keys", "seal", "empty"], "\n")).code).toBe(2);
});

test("keys and the root key are turned, and each is told", async () => {
  expect((await sluice(["keys", "rotate"])).out).toBe("secrets/2 seals from now on; 1 value brought over\n");
  expect((await sluice(["keys", "rotate", "--root"])).out).toBe("the root key has a new version; 2 keys under it\n");
  const { code, out } = await sluice(["keys", "list", "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    root: { version: "2" },
    rings: [
      {
        ring: "secrets",
        keys: [
          { version: 1, state: "opens", rows: 0, rootVersion: "2" },
          { version: 2, state: "seals", rows: 1, rootVersion: "2" },
        ],
      },
      { ring: "reviews", keys: [] },
      { ring: "subjects", keys: [] },
    ],
  });
  expect((await sluice(["keys", "list"])).out).toMatch(
    /^secrets {2}generation 2, 0 days old, 0 values under older keys\n {2}secrets\/1 {2}opens .*\n {2}secrets\/2 {2}seals .* 1 value .*\nreviews {2}no key yet\nsubjects {2}no key yet\n$/,
  );
  expect((await sluice(["check-config"])).code).toBe(0);
});

test("each ring is turned alone or with the others, and one that there is not is a mistake", async () => {
  expect((await sluice(["keys", "rotate", "--ring", "reviews"])).out).toBe(
    "reviews/1 seals from now on; 0 values brought over\n",
  );
  const { out } = await sluice(["keys", "rotate", "--all", "--json"]);
  expect(JSON.parse(out)).toMatchObject({
    keys: [
      { ring: "secrets", version: 3, done: 1, failed: 0 },
      { ring: "reviews", version: 2, done: 0, failed: 0 },
    ],
  });
  expect((await sluice(["keys", "rotate", "--ring", "romo"])).code).toBe(2);
  expect((await sluice(["keys", "rotate", "--ring", "reviews", "--root"])).code).toBe(2);
  const script = (await sluice(["completion", "bash"])).out;
  expect(script).toMatch(/"keys rotate"\) choices="[^"]*--ring --all --root/);
});

test("a key file that others can read is a warning and exit code 1", async () => {
  const path = join(here.path, "sluice-data", "custody", "root.key");
  chmodSync(path, 0o640);
  const { code, out } = await sluice(["keys", "status"]);
  expect(code).toBe(1);
  expect(out).toContain("root.key can be read by others (mode 640); chmod 600 it");
  chmodSync(path, 0o600);
});

test("every operation is on the log, which verifies; neither it nor anything that was printed holds the secret", async () => {
  const data = join(here.path, "sluice-data");
  expect((await sluice(["fsck", data])).code).toBe(0);
  for (const name of ["key.created", "secret.sealed", "key.rotated", "key.rewrapped", "root.rotated", "root.rewrapped"])
    expect(filesHolding(join(data, "public"), [`"name":"${name}"`])).not.toEqual([]);
  expect(filesHolding(here.path, [CANARY])).toEqual([]);
  expect(shown.join("\n")).not.toContain(CANARY);
});

test("while a gateway runs, keys can be looked at and are turned through it alone", async () => {
  const child = here.spawn(["start"]);
  let out = "";
  child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
  await vi.waitFor(() => expect(out).toContain("listens on"), { timeout: 20_000, interval: 50 });
  expect((await sluice(["keys", "status"])).code).toBe(0);
  const { code, err } = await sluice(["keys", "rotate"]);
  expect(code).toBe(3);
  expect(err).toContain("POST /api/keys/rotate");
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
  // With a database of its own by now, which is looked at as it is.
  expect((await sluice(["keys", "list"])).out).toContain("reviews  generation 2");
  const turned = await sluice(["keys", "rotate"]);
  expect(turned.out).toContain("secrets/4 seals from now on; 1 value brought over");
});

test("a secret is removed once", async () => {
  expect((await sluice(["keys", "remove", "acme"])).code).toBe(0);
  expect((await sluice(["keys", "remove", "acme"])).code).toBe(1);
  rmSync(join(here.path, "sluice-data"), { recursive: true });
});
