import fc from "fast-check";
import { createDecipheriv, hkdfSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromBase64Url, toBase64Url } from "./bytes.ts";
import { OperatorKeys } from "./keys.ts";
import {
  aead,
  decryptText,
  decryptToken,
  encryptValue,
  readToken,
  SEAL_ALGORITHMS,
  type SealAlgorithm,
} from "./seal.ts";

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const MASTER = Uint8Array.from({ length: 32 }, (_, at) => at);
const options = { master: MASTER, keyId: "k1", purpose: "support", epoch: "1" };
const keys = new OperatorKeys(options);

/** Not random, and different each time: what a test needs. */
function counting(): (bytes: number) => Uint8Array {
  let next = 0;
  return (bytes) => {
    const nonce = new Uint8Array(bytes);
    new DataView(nonce.buffer).setUint32(0, next++);
    return nonce;
  };
}
const seal = (type: string, value: string, algorithm: SealAlgorithm, by = keys): string =>
  encryptValue(type, value, { keys: by, algorithm, nonce: counting() });

describe("vectors", () => {
  const key = "01000000000000000000000000000000 00000000000000000000000000000000";
  const nonce = "030000000000000000000000";
  /** https://www.rfc-editor.org/rfc/rfc8452#appendix-C.2 */
  it.each([
    ["", "", "07f5f4169bbf55a8400cd47ea6fd400f"],
    ["0100000000000000", "", "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28"],
    ["010000000000000000000000", "", "9aab2aeb3faa0a34aea8e2b18ca50da9ae6559e48fd10f6e5c9ca17e"],
    ["0200000000000000", "01", "1de22967237a813291213f267e3b452f02d01ae33e4ec854"],
    ["02000000000000000000000000000000", "01", "c91545823cc24f17dbb0e9e807d5ec17b292d28ff61189e8e49f3875ef91aff7"],
  ])("RFC 8452, AEAD_AES_256_GCM_SIV, %s with data %s", (plaintext, data, result) => {
    const cipher = (): ReturnType<typeof aead> => aead("aes-256-gcm-siv", hex(key), hex(nonce), hex(data));
    expect(toHex(cipher().encrypt(hex(plaintext)))).toBe(result);
    expect(toHex(cipher().decrypt(hex(result)))).toBe(plaintext);
  });

  it("the GCM specification, test case 14", () => {
    const cipher = aead("aes-256-gcm", new Uint8Array(32), new Uint8Array(12), new Uint8Array(0));
    expect(toHex(cipher.encrypt(new Uint8Array(16)))).toBe(
      "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
    );
  });

  it("draft-irtf-cfrg-xchacha-03, A.3.1", () => {
    const key = Uint8Array.from({ length: 32 }, (_, at) => 0x80 + at);
    const nonce = Uint8Array.from({ length: 24 }, (_, at) => 0x40 + at);
    const data = hex("50515253c0c1c2c3c4c5c6c7");
    const text =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
    const sealed = aead("xchacha20-poly1305", key, nonce, data).encrypt(Uint8Array.from(Buffer.from(text)));
    expect(toHex(sealed.subarray(0, 16))).toBe("bd6d179d3e83d43b9576579493c0e939");
    expect(toHex(sealed.subarray(-16))).toBe("c0875924c1c7987947deafd8780acf49");
  });
});

describe("tokens", () => {
  it.each(SEAL_ALGORITHMS)("%s gives every string back as it was", (algorithm) => {
    const strings = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string(),
      fc.constantFrom("", "\ud800", "\ufeffx", "a\udfffb", "\u0000"),
    );
    fc.assert(
      fc.property(strings, fc.constantFrom("EMAIL", "PERSON", "MY_TYPE_2"), (value, type) => {
        const token = seal(type, value, algorithm);
        expect(token).toMatch(new RegExp(`^\\[${type}~[A-Za-z0-9_-]{24,}\\]$`));
        expect(decryptToken(token, [keys])).toBe(value);
        expect(readToken(token)).toEqual({ type, algorithm, keyId: "k1" });
      }),
      { numRuns: 60 },
    );
  });

  it("are opened by OpenSSL from what docs/operators.md says of them", () => {
    const token = seal("EMAIL", "jane@example.org", "aes-256-gcm");
    const bytes = Buffer.from(token.slice("[EMAIL~".length, -1), "base64url");
    expect([...bytes.subarray(0, 5)]).toEqual([1, 3, 2, ..."k1".split("").map((letter) => letter.charCodeAt(0))]);
    const framed = (...parts: readonly string[]): Buffer =>
      Buffer.from(`\0${parts.map((part) => `${part.length}:${part}`).join("")}`);
    const key = hkdfSync("sha256", MASTER, "", framed("sluice operators 1", "encrypt", "support", "1", "EMAIL"), 32);
    const decipher = createDecipheriv("aes-256-gcm", Buffer.from(key), bytes.subarray(5, 17));
    decipher.setAAD(Buffer.concat([bytes.subarray(0, 5), framed("sluice token 1", "EMAIL", "support", "1")]));
    decipher.setAuthTag(bytes.subarray(-16));
    const plain = Buffer.concat([decipher.update(bytes.subarray(17, -16)), decipher.final()]);
    expect(plain.toString()).toBe("\0jane@example.org");
  });

  it("are equal for equal values only when asked to be", () => {
    const nonce = counting();
    const random = (value: string): string =>
      encryptValue("EMAIL", value, { keys, algorithm: "xchacha20-poly1305", nonce });
    expect(random("jane@example.org")).not.toBe(random("jane@example.org"));
    const deterministic = (value: string, type = "EMAIL"): string => seal(type, value, "aes-256-gcm-siv");
    expect(deterministic("jane@example.org")).toBe(deterministic("jane@example.org"));
    expect(deterministic("jane@example.org")).not.toBe(deterministic("Jane@example.org"));
    expect(deterministic("jane@example.org").slice(8)).not.toBe(deterministic("jane@example.org", "PERSON").slice(9));
  });

  it.each(SEAL_ALGORITHMS)(
    "%s: a change of any bit is refused, and the error holds nothing of the value",
    (algorithm) => {
      const token = seal("EMAIL", "jane@example.org", algorithm);
      const body = fromBase64Url(token.slice(7, -1)) as Uint8Array;
      for (let bit = 0; bit < body.length * 8; bit += 3) {
        const changed = body.slice();
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(() => decryptToken(`[EMAIL~${toBase64Url(changed)}]`, [keys])).toThrow(
          expect.objectContaining({
            code: expect.stringMatching(/^(?:token_tampered|not_a_token|key_unknown)$/) as string,
          }),
        );
      }
      for (const other of [token.replace("EMAIL", "PERSON"), `${token.slice(0, -3)}]`]) {
        let message = "";
        try {
          decryptToken(other, [keys]);
        } catch (error) {
          message = String(error);
        }
        expect(message).toMatch(/token/);
        expect(message).not.toMatch(/jane|example/);
      }
    },
  );

  it("do not open under another purpose, epoch, key or type", () => {
    const token = seal("EMAIL", "jane@example.org", "aes-256-gcm-siv");
    for (const change of [{ purpose: "billing" }, { epoch: "2" }, { master: MASTER.map((byte) => byte ^ 1) }]) {
      const other = new OperatorKeys({ ...options, ...change });
      expect(() => decryptToken(token, [other])).toThrow(expect.objectContaining({ code: "token_tampered" }));
    }
    const renamed = new OperatorKeys({ ...options, keyId: "k2" });
    expect(() => decryptToken(token, [renamed])).toThrow(expect.objectContaining({ code: "key_unknown" }));
    expect(() => decryptToken(token, [])).toThrow(expect.objectContaining({ code: "key_unknown" }));
  });

  it("of old keys open after a rotation", () => {
    const next = new OperatorKeys({ ...options, keyId: "k2", epoch: "2" });
    const old = seal("EMAIL", "jane@example.org", "aes-256-gcm-siv");
    const fresh = seal("EMAIL", "jane@example.org", "aes-256-gcm-siv", next);
    expect(fresh).not.toBe(old);
    for (const token of [old, fresh]) expect(decryptToken(token, [next, keys])).toBe("jane@example.org");
  });

  it("have one spelling each", () => {
    const token = seal("EMAIL", "jane@example.or", "aes-256-gcm-siv");
    const last = token.at(-2) as string;
    for (const other of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") {
      if (other !== last) expect(() => decryptToken(`${token.slice(0, -2)}${other}]`, [keys])).toThrow(/token/);
    }
  });

  it("that are none are named so", () => {
    for (const token of [
      "",
      "jane",
      "[EMAIL_1]",
      "[EMAIL:9f8a9f8a9f8a9f8a]",
      "[EMAIL~]",
      "[EMAIL~AQEC]",
      "[email~AQEC]",
    ])
      expect(() => decryptToken(token, [keys])).toThrow(expect.objectContaining({ code: "not_a_token" }));
  });
});

describe("decryptText", () => {
  it("puts the values of all tokens back, and leaves other text", () => {
    const jane = seal("EMAIL", "jane@example.org", "xchacha20-poly1305");
    const joe = seal("PERSON", "Joe [x~y]", "aes-256-gcm-siv");
    const text = `${jane}${joe} wrote [NOTE~x] and [EMAIL_1] to (${jane})`;
    expect(decryptText(text, [keys])).toBe(
      "jane@example.orgJoe [x~y] wrote [NOTE~x] and [EMAIL_1] to (jane@example.org)",
    );
  });

  it("fails as a whole when one token was changed", () => {
    const token = seal("EMAIL", "jane@example.org", "aes-256-gcm-siv");
    expect(() => decryptText(`a ${token} b ${token.replace("EMAIL", "PHONE")}`, [keys])).toThrow(
      expect.objectContaining({ code: "token_tampered" }),
    );
  });

  it("takes time in proportion to the text", () => {
    const text = "[A".repeat(50_000) + "[A~".repeat(50_000);
    const startedAt = performance.now();
    expect(decryptText(text, [keys])).toBe(text);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe("wrong arguments are TypeErrors that name them", () => {
  it.each([
    ["type", () => encryptValue("email", "x", { keys, algorithm: "aes-256-gcm-siv" })],
    ["value", () => encryptValue("EMAIL", 7 as unknown as string, { keys, algorithm: "aes-256-gcm-siv" })],
    ["options.keys", () => encryptValue("EMAIL", "x", { keys: {} as OperatorKeys, algorithm: "aes-256-gcm-siv" })],
    ["options.algorithm", () => encryptValue("EMAIL", "x", { keys, algorithm: "rot13" as SealAlgorithm })],
    ["options.nonce", () => encryptValue("EMAIL", "x", { keys, algorithm: "aes-256-gcm" })],
    [
      "options.nonce",
      () => encryptValue("EMAIL", "x", { keys, algorithm: "aes-256-gcm", nonce: () => new Uint8Array(11) }),
    ],
    ["token", () => decryptToken(7 as unknown as string, [keys])],
    ["ring", () => decryptToken("x", keys as unknown as OperatorKeys[])],
    ["ring", () => decryptText("x", [{} as OperatorKeys])],
    ["text", () => decryptText(undefined as unknown as string, [keys])],
  ])("%s", (argument, call) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(new RegExp(`^${argument.replace(".", "\\.")} `));
  });
});
