import fc from "fast-check";
import { createCipheriv } from "node:crypto";
import { describe, expect, it } from "vitest";
import { OperatorError } from "./errors.ts";
import { DOMAIN_MIN, ff1, permutation } from "./ff1.ts";

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
const KEY_128 = "2B7E151628AED2A6ABF7158809CF4F3C";
const KEY_192 = `${KEY_128}EF4359D8D580AA4F`;
const KEY_256 = `${KEY_192}7F036D6F04FC6A94`;
const TWEAK_10 = "39383736353433323130";
const TWEAK_36 = "3737373770717273373737";
const DIGITS_36 = "0123456789abcdefghijklmnopqrstuvwxyz";
const read = (text: string): number[] => Array.from(text, (digit) => DIGITS_36.indexOf(digit));
const print = (digits: readonly number[]): string => digits.map((digit) => DIGITS_36[digit]).join("");

/** https://csrc.nist.gov/csrc/media/projects/cryptographic-standards-and-guidelines/documents/examples/ff1samples.pdf */
const SAMPLES = [
  [1, KEY_128, 10, "", "0123456789", "2433477484"],
  [2, KEY_128, 10, TWEAK_10, "0123456789", "6124200773"],
  [3, KEY_128, 36, TWEAK_36, "0123456789abcdefghi", "a9tv40mll9kdu509eum"],
  [4, KEY_192, 10, "", "0123456789", "2830668132"],
  [5, KEY_192, 10, TWEAK_10, "0123456789", "2496655549"],
  [6, KEY_192, 36, TWEAK_36, "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"],
  [7, KEY_256, 10, "", "0123456789", "6657667009"],
  [8, KEY_256, 10, TWEAK_10, "0123456789", "1001623463"],
  [9, KEY_256, 36, TWEAK_36, "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"],
] as const;

describe("the samples of NIST SP 800-38G", () => {
  it.each(SAMPLES)("sample %i", (_, key, radix, tweak, plaintext, ciphertext) => {
    const cipher = ff1(radix, hex(key), hex(tweak));
    expect(print(cipher.encrypt(read(plaintext)))).toBe(ciphertext);
    expect(print(cipher.decrypt(read(ciphertext)))).toBe(plaintext);
  });
});

/** SP 800-38G, algorithm 7, read from the page line by line, with another library's AES. */
function ff1FromThePage(radix: number, key: Uint8Array, tweak: Uint8Array, digits: readonly number[]): number[] {
  const ciph = (block: Uint8Array): Buffer => {
    const aes = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
    return Buffer.concat([aes.update(block), aes.final()]);
  };
  const num = (part: readonly number[]): bigint => part.reduce((sum, digit) => sum * BigInt(radix) + BigInt(digit), 0n);
  const bytes = (value: bigint, length: number): Buffer => {
    const text = value.toString(16);
    return length === 0 ? Buffer.alloc(0) : Buffer.from(text.padStart(2 * length, "0"), "hex");
  };
  const n = digits.length;
  const u = Math.floor(n / 2);
  const v = n - u;
  let [a, b] = [digits.slice(0, u), digits.slice(u)];
  let bits = 0;
  for (let most = BigInt(radix) ** BigInt(v) - 1n; most > 0n; most >>= 1n) bits++;
  const size = Math.ceil(bits / 8);
  const d = 4 * Math.ceil(size / 4) + 4;
  const p = Buffer.concat([
    Buffer.from([1, 2, 1]),
    bytes(BigInt(radix), 3),
    Buffer.from([10, u % 256]),
    bytes(BigInt(n), 4),
    bytes(BigInt(tweak.length), 4),
  ]);
  for (let i = 0; i < 10; i++) {
    const pad = (((-tweak.length - size - 1) % 16) + 16) % 16;
    const q = Buffer.concat([tweak, Buffer.alloc(pad), Buffer.from([i]), bytes(num(b), size)]);
    let y: Uint8Array = new Uint8Array(16);
    const input = Buffer.concat([p, q]);
    for (let at = 0; at < input.length; at += 16)
      y = ciph(y.map((byte, index) => byte ^ (input[at + index] as number)));
    const blocks = [y];
    for (let j = 1; j < Math.ceil(d / 16); j++) {
      const counter = bytes(BigInt(j), 16);
      blocks.push(ciph(Buffer.from(y.map((byte, index) => byte ^ (counter[index] as number)))));
    }
    const s = BigInt(`0x${Buffer.concat(blocks).subarray(0, d).toString("hex")}`);
    const m = i % 2 === 0 ? u : v;
    let c = (num(a) + s) % BigInt(radix) ** BigInt(m);
    const next = Array.from({ length: m }, () => 0);
    for (let at = m - 1; at >= 0; at--) {
      next[at] = Number(c % BigInt(radix));
      c /= BigInt(radix);
    }
    [a, b] = [b, next];
  }
  return [...a, ...b];
}

describe("FF1", () => {
  it("is what the page of the standard says, for keys, radices, lengths and tweaks of all sizes", () => {
    const input = fc
      .record({
        key: fc.constantFrom(16, 24, 32).chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
        tweak: fc.uint8Array({ maxLength: 40 }),
        radix: fc.constantFrom(2, 10, 16, 26, 36, 256, 1000, 65_535),
      })
      .chain(({ key, tweak, radix }) => {
        const minLength = Math.max(2, Math.ceil(Math.log(1_000_000) / Math.log(radix) - 1e-9));
        const digits = fc.array(fc.nat({ max: radix - 1 }), { minLength, maxLength: minLength + 40 });
        return fc.record({ key: fc.constant(key), tweak: fc.constant(tweak), radix: fc.constant(radix), digits });
      });
    fc.assert(
      fc.property(input, ({ key, tweak, radix, digits }) => {
        const cipher = ff1(radix, key, tweak);
        const encrypted = cipher.encrypt(digits);
        expect(encrypted).toEqual(ff1FromThePage(radix, key, tweak, digits));
        expect(cipher.decrypt(encrypted)).toEqual(digits);
      }),
      { numRuns: 150 },
    );
  });

  it("the copy from the page gives the samples too", () => {
    for (const [, key, radix, tweak, plaintext, ciphertext] of SAMPLES)
      expect(print(ff1FromThePage(radix, hex(key), hex(tweak), read(plaintext)))).toBe(ciphertext);
  });

  it("refuses fewer than a million values, as Revision 1 demands", () => {
    const cipher = ff1(10, hex(KEY_128), new Uint8Array(0));
    expect(cipher.encrypt([0, 0, 0, 0, 0, 0])).toHaveLength(6);
    for (const direction of ["encrypt", "decrypt"] as const) {
      expect(() => cipher[direction]([1, 2, 3, 4, 5])).toThrow(OperatorError);
      expect(() => ff1(2, hex(KEY_128), new Uint8Array(0))[direction](Array.from({ length: 19 }, () => 1))).toThrow(
        expect.objectContaining({ code: "domain_too_small" }),
      );
    }
  });
});

describe("permutation", () => {
  const key = hex(KEY_256);
  const tweak = new Uint8Array([1]);

  it("maps a sample of a small domain one to one, and back", () => {
    const size = 1_234_567n;
    const { encrypt, decrypt } = permutation(key, tweak, size);
    const seen = new Set<bigint>();
    for (let value = 0n; value < 1500n; value++) {
      const image = encrypt(value);
      expect(image < size && image >= 0n).toBe(true);
      expect(decrypt(image)).toBe(value);
      seen.add(image);
    }
    expect(seen.size).toBe(1500);
  });

  it("stays within the part that is asked for", () => {
    const even = (value: bigint): boolean => value % 2n === 0n;
    const { encrypt, decrypt } = permutation(key, tweak, 4_000_000n, even);
    const seen = new Set<bigint>();
    for (let value = 0n; value < 600n; value += 2n) {
      const image = encrypt(value);
      expect(even(image)).toBe(true);
      expect(decrypt(image)).toBe(value);
      seen.add(image);
    }
    expect(seen.size).toBe(300);
    expect(() => encrypt(1n)).toThrow(RangeError);
    expect(() => encrypt(4_000_000n)).toThrow(RangeError);
  });

  it("differs with key, tweak and size", () => {
    const images = [
      permutation(key, tweak, 10n ** 9n),
      permutation(hex(KEY_128), tweak, 10n ** 9n),
      permutation(key, new Uint8Array([2]), 10n ** 9n),
      permutation(key, tweak, 10n ** 10n),
    ].map(({ encrypt }) => encrypt(123_456_789n));
    expect(new Set(images).size).toBe(4);
  });

  it("is refused below a million", () => {
    expect(() => permutation(key, tweak, DOMAIN_MIN - 1n)).toThrow(
      expect.objectContaining({ code: "domain_too_small" }),
    );
    expect(permutation(key, tweak, DOMAIN_MIN).encrypt(0n) < DOMAIN_MIN).toBe(true);
  });
});
