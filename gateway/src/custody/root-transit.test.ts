import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { Secret } from "../core/secret.ts";
import { openTransitRoot } from "./root-transit.ts";
import { rootKeyContract } from "./test/contract.ts";
import { startFakeVault } from "./test/fake-vault.ts";
import { Vault } from "./vault.ts";

rootKeyContract("Vault or OpenBao transit, AppRole", async () => {
  const fake = await startFakeVault();
  const auth = {
    method: "approle",
    mount: "approle",
    roleId: new Secret(fake.roleId),
    secretId: new Secret(fake.secretId),
  } as const;
  const vault = (): Vault => new Vault({ url: fake.url, ca: fake.ca, auth }, Date.now);
  return {
    open: () => openTransitRoot({ vault: vault(), mount: "transit", key: "sluice" }, true),
    openOther: () => openTransitRoot({ vault: vault(), mount: "transit", key: "other" }, true),
    async fail(down) {
      fake.down = down;
    },
    secrets: () => [fake.secretId, fake.roleId, "hvs."],
    close: () => fake.close(),
  };
});

test("a transit key that is missing, sealed away, not trusted or of another type is named", async () => {
  const fake = await startFakeVault();
  const auth = { method: "token", token: new Secret(fake.rootToken) } as const;
  const vault = new Vault({ url: fake.url, ca: fake.ca, auth }, Date.now);
  const open = (key: string, mayCreate: boolean) => openTransitRoot({ vault, mount: "transit", key }, mayCreate);
  await expect(open("none", false)).rejects.toThrow("transit:transit/none does not exist");
  await vault.ask("POST", "transit/keys/odd", { type: "chacha20-poly1305" });
  await expect(open("odd", true)).rejects.toThrow("is not of the type aes256-gcm96");
  fake.reply = { status: 503, body: '{"errors":["Vault is sealed"]}' };
  await expect(open("key", true)).rejects.toMatchObject({ code: "key_unavailable", message: /answered 503/ });
  fake.reply = { status: 502, body: "<html>proxy</html>" };
  await expect(open("key", true)).rejects.toThrow("did not answer in JSON");
  fake.reply = undefined;
  const stranger = new Vault({ url: fake.url, auth }, Date.now);
  const untrusted = openTransitRoot({ vault: stranger, mount: "transit", key: "key" }, true);
  await expect(untrusted).rejects.toThrow(/DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED/);
  expect(fake.asked).not.toContain("GET /v1/transit/keys/key/");
  await fake.close();
});

test("a key in another form of the same ciphertext is refused before the engine is asked", async () => {
  const fake = await startFakeVault();
  const auth = { method: "token", token: new Secret(fake.rootToken) } as const;
  const vault = new Vault({ url: fake.url, ca: fake.ca, auth }, Date.now);
  const root = await openTransitRoot({ vault, mount: "transit", key: "key" }, true);
  const aad = Buffer.from("x");
  const wrapped = Buffer.from(await root.wrap(randomBytes(32), aad)).toString("latin1");
  for (const other of [wrapped.replace(":v1:", ":v0:"), `${wrapped}\n`, wrapped.replace(":v1:", ":v01:")]) {
    await expect(root.unwrap(Buffer.from(other), aad)).rejects.toMatchObject({ code: "seal_invalid" });
  }
  await fake.close();
});
