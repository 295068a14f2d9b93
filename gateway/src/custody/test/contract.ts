/** What every root key provider keeps, whoever runs the hardware. One call from the test of each. */
import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SluiceError } from "../../core/errors.ts";
import type { RootKey } from "../root.ts";

export interface ContractSetting {
  /** Opens the same root key again, as another process would. */
  open(): Promise<RootKey>;
  /** Another root key of the same provider. */
  openOther(): Promise<RootKey>;
  /** Makes the provider fail until it is called with false. */
  fail(down: boolean): Promise<void>;
  /** Texts and hex strings that must show nowhere: PINs, tokens, keys where they can be known. */
  secrets(): readonly string[];
  close(): Promise<void>;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "none",
    (thrown: unknown) => (thrown instanceof SluiceError ? thrown.code : String(thrown)),
  );
}

export function rootKeyContract(name: string, set: () => Promise<ContractSetting>): void {
  describe(`root key: ${name}`, () => {
    let setting: ContractSetting;
    let root: RootKey;
    const aad = Buffer.from("ring/1");
    const key = randomBytes(32);

    beforeAll(async () => {
      setting = await set();
      root = await setting.open();
    });
    afterAll(async () => {
      await root.close();
      await setting.close();
    });

    test("a key that was wrapped opens again, for another process too", async () => {
      const wrapped = await root.wrap(key, aad);
      expect(await root.unwrap(wrapped, aad)).toEqual(key);
      const again = await setting.open();
      expect(again.id).toBe(root.id);
      expect(await again.unwrap(wrapped, aad)).toEqual(key);
      await again.close();
    });

    test("two wraps of one key differ, and neither holds it", async () => {
      const [one, two] = [Buffer.from(await root.wrap(key, aad)), Buffer.from(await root.wrap(key, aad))];
      expect(one.equals(two)).toBe(false);
      expect(one.includes(key) || one.includes(key.toString("base64")) || one.includes(key.toString("hex"))).toBe(
        false,
      );
    });

    test("what is bound to something else does not open", async () => {
      const wrapped = await root.wrap(key, aad);
      for (const other of ["ring/2", "", "ring/1 "]) {
        await expect(root.unwrap(wrapped, Buffer.from(other))).rejects.toMatchObject({ code: "seal_invalid" });
      }
    });

    test("what is altered in any byte, cut or longer does not open", async () => {
      const wrapped = await root.wrap(key, aad);
      const altered: Uint8Array[] = [wrapped.subarray(0, -1), wrapped.subarray(1), Buffer.concat([wrapped, wrapped])];
      for (let at = 0; at < wrapped.length; at++) altered.push(wrapped.map((byte, i) => (i === at ? byte ^ 1 : byte)));
      for (const each of altered) {
        const opened = root.unwrap(each, aad);
        // A version that never was is unknown; everything else is not genuine.
        expect(await codeOf(opened)).toMatch(/^(?:seal_invalid|key_unknown)$/);
      }
      await expect(root.unwrap(new Uint8Array(0), aad)).rejects.toMatchObject({ code: "seal_invalid" });
    });

    test("another root key of the provider does not open it", async () => {
      const other = await setting.openOther();
      expect(other.id).not.toBe(root.id);
      const opened = other.unwrap(await root.wrap(key, aad), aad);
      expect(await codeOf(opened)).toMatch(/^(?:seal_invalid|key_unknown)$/);
      await other.close();
    });

    test("after a rotation old wraps open, and new ones are made by another version", async () => {
      const old = await root.wrap(key, aad);
      const before = await root.describe();
      await root.rotate();
      const after = await root.describe();
      expect(after.version).not.toBe(before.version);
      expect(await root.unwrap(old, aad)).toEqual(key);
      const fresh = await root.wrap(key, aad);
      // Where the provider tells; another that does not says nothing about either.
      expect([root.versionOf(old), root.versionOf(fresh)]).toEqual(
        root.versionOf(old) === undefined ? [undefined, undefined] : [before.version, after.version],
      );
      const again = await setting.open();
      expect(await again.unwrap(old, aad)).toEqual(key);
      expect(await again.unwrap(fresh, aad)).toEqual(key);
      expect((await again.describe()).version).toBe(after.version);
      await again.close();
    });

    test("many may use it at once", async () => {
      const keys = Array.from({ length: 20 }, () => randomBytes(32));
      const wrapped = await Promise.all(keys.map((each, at) => root.wrap(each, Buffer.from(`ring/${at}`))));
      const opened = await Promise.all(wrapped.map((each, at) => root.unwrap(each, Buffer.from(`ring/${at}`))));
      expect(opened).toEqual(keys);
    });

    test("a provider that is away is named as such, may be tried again, and works when it is back", async () => {
      const wrapped = await root.wrap(key, aad);
      await setting.fail(true);
      const away = { code: "key_unavailable", retriable: true };
      await expect(root.wrap(key, aad)).rejects.toMatchObject(away);
      await expect(root.unwrap(wrapped, aad)).rejects.toMatchObject(away);
      const error: unknown = await root.wrap(key, aad).catch((thrown: unknown) => thrown);
      await setting.fail(false);
      expect(await root.unwrap(wrapped, aad)).toEqual(key);
      const shown = inspect(error, { depth: Infinity, showHidden: true }) + JSON.stringify(error);
      for (const secret of [...setting.secrets(), key.toString("hex"), key.toString("base64")])
        expect(shown).not.toContain(secret);
    });

    test("nothing of it shows when it is printed", async () => {
      const shown = inspect(root, { depth: Infinity, showHidden: true }) + JSON.stringify(root);
      const told = JSON.stringify(await root.describe());
      for (const secret of [...setting.secrets(), key.toString("hex")]) {
        expect(shown).not.toContain(secret);
        expect(told).not.toContain(secret);
      }
    });
  });
}
