/**
 * The contract of root keys, and reading secrets, against a Vault or OpenBao of one's own, where there is one: the other tests
 * speak to a stand-in, because no package of the registries that this project uses carries such a server. As the command line of both
 * has it: VAULT_ADDR, VAULT_TOKEN, VAULT_CACERT. The engines `transit` and `secret` (KV, version 2) have to be there, as on `bao server
 * -dev` after `bao secrets enable transit`. Keys and a secret named sluice-test-… stay behind.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { VaultSettings } from "../core/custody.ts";
import { Secret } from "../core/secret.ts";
import { openTransitRoot } from "./root-transit.ts";
import { vaultSource } from "./source-vault.ts";
import { rootKeyContract } from "./test/contract.ts";
import { Vault } from "./vault.ts";

const { VAULT_ADDR: address = "", VAULT_TOKEN: token = "", VAULT_CACERT: authorities } = process.env;
const NOBODY = new URL("http://127.0.0.1:9");

describe.skipIf(address === "" || token === "")("a Vault or OpenBao of one's own", () => {
  let down = false;
  const settings = (): VaultSettings => ({
    get url() {
      return down ? NOBODY : new URL(address);
    },
    ...(authorities === undefined ? {} : { ca: readFileSync(authorities, "utf8") }),
    auth: { method: "token", token: new Secret(token) },
  });
  const open = (): Vault => new Vault(settings(), Date.now);
  const name = `sluice-test-${randomBytes(6).toString("hex")}`;

  rootKeyContract("transit, token", async () => ({
    open: () => openTransitRoot({ vault: open(), mount: "transit", key: name }, true),
    openOther: () => openTransitRoot({ vault: open(), mount: "transit", key: `${name}-other` }, true),
    fail: (away) => Promise.resolve(void (down = away)),
    secrets: () => [token],
    close: () => Promise.resolve(),
  }));

  test("the newest version of a secret is read, and one that is deleted is gone", async () => {
    const vault = open();
    for (const key of ["older", "newer"]) {
      const { status } = await vault.ask("POST", `secret/data/${name}`, { data: { key } });
      expect(status).toBe(200);
    }
    const source = vaultSource(vault);
    expect(await source.read(`secret/${name}#key`)).toEqual({ value: "newer" });
    expect(await source.read(`secret/${name}#other`)).toMatchObject({ gone: true });
    await vault.ask("POST", `secret/delete/${name}`, { versions: [2] });
    expect(await source.read(`secret/${name}#key`)).toMatchObject({ gone: true });
  });
});
