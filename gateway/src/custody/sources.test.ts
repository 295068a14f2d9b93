import { inspect } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Secret } from "../core/secret.ts";
import { awsSource } from "./source-aws.ts";
import { vaultSource } from "./source-vault.ts";
import { type FakeAws, SECRET_KEY, startFakeAws } from "./test/fake-aws.ts";
import { type FakeVault, startFakeVault } from "./test/fake-vault.ts";
import { Vault } from "./vault.ts";

let vault: FakeVault;
let aws: FakeAws;
beforeAll(async () => {
  [vault, aws] = [await startFakeVault(), await startFakeAws()];
  vault.secrets.set("apis/acme", [{ key: "old" }, { key: "sk-canary-1", port: 443 }]);
  vault.secrets.set("apis/deleted", [{ key: "x" }, undefined]);
  vault.secrets.set("apis/with space", [{ "odd#field": "y" }]);
  aws.secrets.set("acme", "sk-canary-2").set("acme-json", '{"key":"sk-canary-3","port":443}');
});
afterAll(async () => {
  await Promise.all([vault.close(), aws.close()]);
});

const approle = () =>
  ({
    method: "approle",
    mount: "approle",
    roleId: new Secret(vault.roleId),
    secretId: new Secret(vault.secretId),
  }) as const;
const open = (more: object = {}): Vault =>
  new Vault({ url: vault.url, ca: vault.ca, auth: approle(), ...more }, Date.now);

test("vault: the newest version's field", async () => {
  const source = vaultSource(open());
  expect(await source.read("kv/apis/acme#key")).toEqual({ value: "sk-canary-1" });
  expect(await source.read("kv/apis/with space#odd#field")).toEqual({ value: "y" });
});

test("vault: what is deleted, not there or without the field is gone; what is of another form is not", async () => {
  const source = vaultSource(open());
  for (const target of ["kv/apis/deleted#key", "kv/apis/none#key", "kv/apis/acme#none", "kv/apis/acme#__proto__"])
    expect(await source.read(target)).toMatchObject({ gone: true });
  for (const target of ["kv/apis/acme#port", "kv/apis/acme", "kv", "kv/../sys/seal#x", "kv//acme#key", "kv/./a#key"])
    expect(await source.read(target)).toMatchObject({ gone: false });
  expect(vault.asked.join()).not.toContain("sys");
});

test("vault: a server that is down, sealed, forbids or babbles is no reason to forget a secret", async () => {
  const source = vaultSource(open());
  expect(await source.read("kv/apis/acme#key")).toHaveProperty("value");
  for (const reply of [
    { status: 503, body: '{"errors":["Vault is sealed"]}' },
    { status: 403, body: "{}" },
    { status: 200, body: "<html>" },
    { status: 200, body: `"${"x".repeat(1_100_000)}"` },
    { status: 302, body: "" },
  ]) {
    vault.reply = reply;
    expect(await source.read("kv/apis/acme#key")).toMatchObject({ gone: false });
  }
  vault.reply = undefined;
  vault.down = true;
  const down = await source.read("kv/apis/acme#key");
  expect(down).toMatchObject({ gone: false, reason: /^vault:kv\/apis\/acme: localhost:\d+: / });
  vault.down = false;
});

test("vault: a token that was revoked or is over is replaced by another sign-in", async () => {
  const client = open();
  const source = vaultSource(client);
  const signIns = (): number => vault.asked.filter((each) => each.endsWith("/login")).length;
  const before = signIns();
  await Promise.all([source.read("kv/apis/acme#key"), source.read("kv/apis/acme#key")]);
  await source.read("kv/apis/acme#key");
  expect(signIns()).toBe(before + 1);
  vault.revoke();
  expect(await source.read("kv/apis/acme#key")).toHaveProperty("value");
  expect(signIns()).toBe(before + 2);
});

test("vault: a wrong secret id, an untrusted certificate and a wrong namespace are named without what signs in", async () => {
  const wrong = { ...approle(), secretId: new Secret("wrong-secret-id-71") };
  for (const [client, reason] of [
    [open({ auth: wrong }), "AppRole sign-in answered 400"],
    [new Vault({ url: vault.url, auth: approle() }, Date.now), "SELF_SIGNED"],
  ] as const) {
    const reading = await vaultSource(client).read("kv/apis/acme#key");
    expect(inspect(reading)).toContain(reason);
    expect(inspect(reading)).not.toMatch(/wrong-secret-id-71|canary/);
  }
  vault.namespace = "team-a";
  expect(await vaultSource(open()).read("kv/apis/acme#key")).toHaveProperty("reason");
  expect(await vaultSource(open({ namespace: "team-a" })).read("kv/apis/acme#key")).toHaveProperty("value");
  vault.namespace = undefined;
});

test("vault: a client that is printed shows neither its token nor what signs in", async () => {
  const client = open();
  await vaultSource(client).read("kv/apis/acme#key");
  const shown = inspect(client, { depth: Infinity, showHidden: true }) + JSON.stringify(client);
  expect(shown).not.toMatch(/canary|hvs\./);
});

test("aws-sm: the whole text, or a field of it", async () => {
  const source = awsSource({ endpoint: aws.endpoint });
  expect(await source.read("acme")).toEqual({ value: "sk-canary-2" });
  expect(await source.read("acme-json#key")).toEqual({ value: "sk-canary-3" });
  expect(await source.read("acme-json#none")).toMatchObject({ gone: true });
  expect(await source.read("acme-json#port")).toMatchObject({ gone: false });
  expect(await source.read("acme#key")).toMatchObject({
    gone: false,
    reason: "aws-sm:acme is not JSON, so it has no fields",
  });
  source.close();
});

test("aws-sm: what is not there is gone; what cannot be asked is not", async () => {
  const source = awsSource({ endpoint: aws.endpoint });
  expect(await source.read("none")).toEqual({ reason: "aws-sm:none: ResourceNotFoundException", gone: true });
  aws.down = true;
  const down = await source.read("acme");
  expect(down).toMatchObject({ gone: false });
  expect(inspect(down)).not.toContain(SECRET_KEY);
  aws.down = false;
  expect(await source.read("acme")).toEqual({ value: "sk-canary-2" });
  source.close();
});

test("aws-sm: without AWS's client it says what to install, and works once it is there", async () => {
  let installed = false;
  const load = () =>
    installed ? import("@aws-sdk/client-secrets-manager") : Promise.reject(new Error("ERR_MODULE_NOT_FOUND"));
  const source = awsSource({ endpoint: aws.endpoint, load });
  expect(await source.read("acme")).toMatchObject({
    reason: "aws-sm:acme needs the package @aws-sdk/client-secrets-manager; npm install it",
    gone: false,
  });
  installed = true;
  expect(await source.read("acme")).toEqual({ value: "sk-canary-2" });
  source.close();
});
