/** Secrets that are rotated under a running gateway: real processes' parts, real sockets, a Vault that answers over TLS. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { newKey } from "../identity/keys.ts";
import { type Document, documentFor } from "../server/test/config.ts";
import { type Started, startForTest } from "../server/test/running.ts";
import { startUpstream, type Upstream } from "../server/test/upstream.ts";
import { startFakeVault } from "./test/fake-vault.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function upstreamOf(answer: (res: ServerResponse, credential: string) => void): Promise<Upstream> {
  const started = await startUpstream((_body, res, req) => answer(res, String(req.headers.authorization)));
  closers.push(() => started.close());
  return started;
}

async function sluice(document: Document): Promise<Started> {
  const started = await startForTest(() => JSON.stringify(document));
  closers.push(() => started.stop());
  return started;
}

const connection = (url: string, credential: string) => ({
  kind: "openai",
  url,
  credential,
  recipient: "acme",
  models: ["*"],
  allow_private_address: true,
});

const ask = (base: string, token: string, stream = false): Promise<Response> =>
  fetch(`${base}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: "Hello" }] }),
  });

const ANSWER = JSON.stringify({ id: "1", object: "chat.completion", choices: [] });
const answerTo = (res: ServerResponse): void => {
  res.writeHead(200, { "content-type": "application/json" }).end(ANSWER);
};

test("a secret in Vault is rotated under load: no exchange is dropped, and a running one keeps what it began with", async () => {
  const vault = await startFakeVault();
  closers.push(() => vault.close());
  vault.secrets.set("apis/acme", [{ key: "old-key" }]);
  const good = new Set(["Bearer old-key"]);
  let release = (): void => {};
  let held = false;
  const target = await upstreamOf((res, credential) => {
    if (!good.has(credential)) return void res.writeHead(401).end("{}");
    if (held) return answerTo(res);
    // The first exchange is answered after the rotation.
    held = true;
    release = () => answerTo(res);
  });
  const { document, token } = await documentFor({ main: connection(target.url, "vault:kv/apis/acme#key") });
  const dir = mkdtempSync(join(tmpdir(), "sluice-rotation-"));
  closers.push(async () => rmSync(dir, { recursive: true }));
  for (const [name, text] of [
    ["ca", vault.ca],
    ["role", vault.roleId],
    ["secret", vault.secretId],
  ] as const)
    writeFileSync(join(dir, name), text);
  const approle = { role_id: `file:${join(dir, "role")}`, secret_id: `file:${join(dir, "secret")}` };
  const started = await sluice({
    ...document,
    custody: { refresh: "1s", vault: { url: vault.url.href, ca: join(dir, "ca"), approle } },
  });

  const running = ask(started.url, token);
  await vi.waitFor(() => expect(held).toBe(true));
  // Both are good for a while, as providers have it; then the old one is not.
  good.add("Bearer new-key");
  vault.secrets.get("apis/acme")?.push({ key: "new-key" });
  const statuses: number[] = [];
  await vi.waitFor(
    async () => {
      statuses.push((await ask(started.url, token)).status);
      expect(target.received.at(-1)?.headers.authorization).toBe("Bearer new-key");
    },
    { timeout: 8_000, interval: 50 },
  );
  good.delete("Bearer old-key");
  for (let at = 0; at < 10; at++) statuses.push((await ask(started.url, token)).status);
  release();
  statuses.push((await running).status);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(target.received[0]?.headers.authorization).toBe("Bearer old-key");
});

test("a 401 of the target makes its secret be read at once; the exchange itself is answered as it is and not sent twice", async () => {
  const target = await upstreamOf((res, credential) =>
    credential === "Bearer new-key" ? answerTo(res) : void res.writeHead(401).end("{}"),
  );
  const dir = mkdtempSync(join(tmpdir(), "sluice-rotation-"));
  closers.push(async () => rmSync(dir, { recursive: true }));
  const file = join(dir, "key");
  writeFileSync(file, "old-key\n");
  const { document, token } = await documentFor({ main: connection(target.url, `file:${file}`) });
  vi.useFakeTimers({ toFake: ["Date"] });
  closers.push(async () => void vi.useRealTimers());
  // Longer than the test: only the refusal can make it be read.
  const started = await sluice({ ...document, custody: { refresh: "1h" } });
  writeFileSync(file, "new-key\n");
  vi.setSystemTime(Date.now() + 11_000);
  expect((await ask(started.url, token)).status).not.toBe(200);
  expect(target.received).toHaveLength(1);
  await vi.waitFor(async () => expect((await ask(started.url, token)).status).toBe(200), { timeout: 5_000 });
});

test("SIGHUP reads secrets again; one whose source is away keeps its value, and one that is taken out is gone", async () => {
  const target = await upstreamOf((res) => answerTo(res));
  const vault = await startFakeVault();
  closers.push(() => vault.close());
  vault.secrets.set("apis/acme", [{ key: "from-vault" }]);
  const { document, token } = await documentFor({ main: connection(target.url, "vault:kv/apis/acme#key") });
  const dir = mkdtempSync(join(tmpdir(), "sluice-rotation-"));
  closers.push(async () => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, "ca"), vault.ca);
  writeFileSync(join(dir, "token"), vault.rootToken);
  const settings = { url: vault.url.href, ca: join(dir, "ca"), token: `file:${join(dir, "token")}` };
  const started = await sluice({ ...document, custody: { refresh: "1h", vault: settings } });
  const credential = async (): Promise<string | undefined> => {
    expect((await ask(started.url, token)).status).toBe(200);
    return target.received.at(-1)?.headers.authorization;
  };
  expect(await credential()).toBe("Bearer from-vault");
  vault.secrets.get("apis/acme")?.push({ key: "newer" });
  await started.reload();
  expect(await credential()).toBe("Bearer newer");
  vault.down = true;
  await started.reload();
  expect(started.printed.at(-1)).toMatch(/is in force$/);
  expect(await credential()).toBe("Bearer newer");
  vault.down = false;
  vault.secrets.get("apis/acme")?.push(undefined);
  await started.reload();
  let refused = "";
  await vi.waitFor(
    async () => {
      const response = await ask(started.url, token);
      expect(response.status).toBe(502);
      refused = await response.text();
    },
    { timeout: 6_000, interval: 250 },
  );
  expect(refused).toContain("secret_unavailable");
  // Where the secret is kept is no client's business.
  expect(refused).not.toMatch(/vault|apis/);
});

test("keys are turned through the control API by an operator alone, and what was sealed before still opens", async () => {
  const target = await upstreamOf((res) => answerTo(res));
  const { document, token } = await documentFor({ main: connection(target.url, "none") });
  const operator = await newKey(randomBytes);
  const officer = await newKey(randomBytes);
  const entry = (hash: string, role: string) => ({
    hash,
    principal: `service:${role}`,
    purposes: ["support"],
    roles: [role],
  });
  const started = await sluice({
    ...document,
    keys: {
      ...document.keys,
      [operator.id]: entry(operator.hash, "operator"),
      [officer.id]: entry(officer.hash, "privacy-officer"),
    },
  });
  const call = (method: string, path: string, who: string, body?: object): Promise<Response> =>
    fetch(`${started.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${who}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  for (const who of [token, officer.token]) expect((await call("POST", "/api/keys/rotate", who, {})).status).toBe(403);
  const turn = async (body: object) =>
    (await (await call("POST", "/api/keys/rotate", operator.token, body)).json()) as unknown;
  expect(await turn({ ring: "secrets" })).toEqual({ keys: [{ ring: "secrets", version: 1 }] });
  expect(await turn({})).toMatchObject({ keys: [{ ring: "secrets", version: 2 }] });
  expect(await turn({ root: true })).toEqual({ rewrapped: expect.toSatisfy((count: number) => count >= 2) as unknown });
  expect(await turn({ ring: "other" })).toMatchObject({ code: "field_invalid" });
  const told = await (await call("GET", "/api/keys", officer.token)).text();
  expect(JSON.parse(told)).toMatchObject({
    root: { version: "2" },
    rings: [{ ring: "secrets", keys: [{ version: 1 }, { version: 2 }] }, { ring: "reviews" }, { ring: "subjects" }],
  });
  const folder = join(started.dir, "data", "custody");
  for (const name of readdirSync(folder).filter((each) => each.startsWith("root.key"))) {
    const key = readFileSync(join(folder, name));
    for (const form of ["hex", "base64", "base64url"] as const) expect(told).not.toContain(key.toString(form));
  }
});
