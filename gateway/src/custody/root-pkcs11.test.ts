import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { renameSync } from "node:fs";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { Secret } from "../core/secret.ts";
import { openPkcs11Root } from "./root-pkcs11.ts";
import { rootKeyContract } from "./test/contract.ts";
import { makeToken, SOFTHSM_MODULE } from "./test/softhsm.ts";

const [major = 0] = process.versions.node.split(".").map(Number);

describe.skipIf(SOFTHSM_MODULE === undefined || major < 26)("SoftHSM2", () => {
  const module = SOFTHSM_MODULE ?? "";

  rootKeyContract("PKCS#11", async () => {
    const token = makeToken("sluice test");
    const options = { module, token: "sluice test", key: "root", pin: new Secret(token.pin), random: randomBytes };
    return {
      open: () => openPkcs11Root(options, true),
      openOther: () => openPkcs11Root({ ...options, key: "other" }, true),
      async fail(down) {
        if (down) renameSync(token.tokens, `${token.tokens}.away`);
        else renameSync(`${token.tokens}.away`, token.tokens);
      },
      secrets: () => [token.pin],
      async close() {
        token.remove();
      },
    };
  });

  test("a wrong PIN, a token that is not there and a module that is none are named, without the PIN", async () => {
    const token = makeToken("sluice test");
    const options = { module, token: "sluice test", key: "root", pin: new Secret("wrong-pin-1"), random: randomBytes };
    const wrong: unknown = await openPkcs11Root(options, true).catch((thrown: unknown) => thrown);
    expect(wrong).toMatchObject({ code: "key_unavailable" });
    expect(String(wrong)).toContain("CKR_PIN_INCORRECT");
    expect(inspect(wrong, { depth: Infinity })).not.toContain("wrong-pin-1");
    const right = { ...options, pin: new Secret(token.pin) };
    await expect(openPkcs11Root({ ...right, token: "none" }, true)).rejects.toThrow("is not in any slot");
    await expect(openPkcs11Root({ ...right, module: "/nowhere.so" }, true)).rejects.toThrow("cannot be loaded");
    await expect(openPkcs11Root(right, false)).rejects.toThrow("keys are wrapped under it");
    token.remove();
  });

  test("two roots in one process keep to their tokens when one of them makes the module start anew", async () => {
    const token = makeToken("first");
    token.add("second");
    const options = { module, key: "root", pin: new Secret(token.pin), random: randomBytes };
    const [first, second] = [
      await openPkcs11Root({ ...options, token: "first" }, true),
      await openPkcs11Root({ ...options, token: "second" }, true),
    ];
    const [key, aad] = [randomBytes(32), Buffer.from("x")];
    const wrapped = [await first.wrap(key, aad), await second.wrap(key, aad)] as const;
    // Asks for a token that is not there, and so starts the module anew.
    await expect(openPkcs11Root({ ...options, token: "none" }, true)).rejects.toThrow("is not in any slot");
    expect(await second.unwrap(wrapped[1], aad)).toEqual(key);
    expect(await first.unwrap(wrapped[0], aad)).toEqual(key);
    await expect(first.unwrap(wrapped[1], aad)).rejects.toMatchObject({ code: "seal_invalid" });
    await Promise.all([first.close(), second.close()]);
    token.remove();
  });

  test("keys on the token cannot be extracted", async () => {
    const token = makeToken("sluice test");
    const root = await openPkcs11Root(
      { module, token: "sluice test", key: "root", pin: new Secret(token.pin), random: randomBytes },
      true,
    );
    const args = ["--module", module, "--login", "--pin", token.pin, "--token-label", "sluice test", "-O"];
    const listed = run("pkcs11-tool", args);
    // OpenSC's own eyes, where they are installed.
    if (listed !== undefined) expect(listed).toMatch(/Access:\s+sensitive, always sensitive, never extract/);
    await root.close();
    token.remove();
  });
});

function run(command: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: "pipe" });
  } catch {
    return undefined;
  }
}
