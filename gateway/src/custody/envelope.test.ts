import { randomBytes, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { open, type Place, rewrap, type SealingKey, seal, sealedUnder } from "./envelope.ts";

interface Vector {
  readonly name: string;
  readonly key: { readonly id: string; readonly version: number; readonly hex: string };
  readonly place: Place;
  readonly random: readonly string[];
  readonly plaintext: string;
  readonly sealed: string;
}

const file = readFileSync(new URL("./test/vectors.json", import.meta.url), "utf8");
const { vectors } = JSON.parse(file) as { vectors: readonly Vector[] };
const hex = (text: string): Buffer => Buffer.from(text, "hex");
const keyOf = ({ key }: Vector): SealingKey => ({ id: key.id, version: key.version, key: hex(key.hex) });

const KEY: SealingKey = { id: "secrets", version: 3, key: randomBytes(32) };
const PLACE: Place = { table: "secrets", column: "value", id: "acme" };
const refused = (work: () => unknown): void => {
  expect(work).toThrow(expect.objectContaining({ code: "seal_invalid" }));
};

/** The page docs/custody.md and nothing else, on another implementation of the cipher. */
async function openAsDocumented(sealed: Uint8Array, key: Uint8Array, place: Place): Promise<Buffer> {
  const label = (text: string): Buffer => Buffer.from(`${text}\0`, "ascii");
  const parts = [place.table, place.column, place.id].map((part) => Buffer.from(part, "utf8"));
  const where = Buffer.concat(parts.flatMap((part) => [Buffer.of(part.length >> 8, part.length & 0xff), part]));
  const headLength = 6 + (sealed[5] ?? 0) + 4;
  const head = sealed.subarray(0, headLength);
  const decrypt = async (raw: Uint8Array, bytes: Uint8Array, aad: Uint8Array): Promise<Buffer> => {
    const imported = await webcrypto.subtle.importKey("raw", Uint8Array.from(raw), "AES-GCM", false, ["decrypt"]);
    const algorithm = { name: "AES-GCM", iv: bytes.slice(0, 12), additionalData: Uint8Array.from(aad) };
    return Buffer.from(await webcrypto.subtle.decrypt(algorithm, imported, bytes.slice(12)));
  };
  const wrapped = sealed.subarray(headLength, headLength + 60);
  const dek = await decrypt(key, wrapped, Buffer.concat([label("sluice sealed key"), head, where]));
  const bound = Buffer.concat([label("sluice sealed value"), sealed.subarray(0, 5), where]);
  return decrypt(dek, sealed.subarray(headLength + 60), bound);
}

test.each(vectors)("vector: $name", async (vector) => {
  const random = vector.random.map(hex);
  expect(
    seal(keyOf(vector), vector.place, hex(vector.plaintext), () => random.shift() ?? Buffer.of()).toString("hex"),
  ).toBe(vector.sealed);
  const sealed = hex(vector.sealed);
  expect(open(keyOf(vector), vector.place, sealed).toString("hex")).toBe(vector.plaintext);
  expect((await openAsDocumented(sealed, hex(vector.key.hex), vector.place)).toString("hex")).toBe(vector.plaintext);
  expect(sealedUnder(sealed, vector.place)).toEqual({ id: vector.key.id, version: vector.key.version });
});

test("whatever is sealed opens again, at its place and nowhere else", () => {
  const text = fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" });
  const place = fc.record({ table: text, column: text, id: text });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), place, place, (plaintext, here, there) => {
      const sealed = seal(KEY, here, plaintext, randomBytes);
      expect(open(KEY, here, sealed).equals(plaintext)).toBe(true);
      const same = (["table", "column", "id"] as const).every((part) => here[part] === there[part]);
      if (!same) refused(() => open(KEY, there, sealed));
    }),
  );
});

test("parts of a place cannot be shifted into one another", () => {
  const sealed = seal(KEY, { table: "ab", column: "c", id: "d" }, Buffer.from("x"), randomBytes);
  for (const place of [
    { table: "a", column: "bc", id: "d" },
    { table: "ab", column: "cd", id: "d" },
    { table: "abc", column: "d", id: "d" },
  ])
    refused(() => open(KEY, place, sealed));
});

test("altering any byte, cutting and adding anywhere is noticed", () => {
  const sealed = seal(KEY, PLACE, Buffer.from("a secret"), randomBytes);
  for (let at = 0; at < sealed.length; at++) {
    for (const bit of [0x01, 0x80]) {
      const altered = Buffer.from(sealed);
      altered[at] = (altered[at] ?? 0) ^ bit;
      refused(() => open(KEY, PLACE, altered));
    }
    refused(() => open(KEY, PLACE, sealed.subarray(0, at)));
    refused(() => open(KEY, PLACE, Buffer.concat([sealed.subarray(0, at), Buffer.of(0), sealed.subarray(at)])));
  }
  refused(() => open(KEY, PLACE, Buffer.concat([sealed, Buffer.of(0)])));
});

test("rows that were swapped, and halves of two rows put together, do not open", () => {
  const [here, there] = [PLACE, { ...PLACE, id: "other" }];
  const [one, two] = [here, there].map((place) => seal(KEY, place, Buffer.from(place.id), randomBytes));
  if (one === undefined || two === undefined) throw new Error("assertion: two");
  refused(() => open(KEY, here, two));
  const cut = one.length - Buffer.from(here.id).length - 28;
  refused(() => open(KEY, here, Buffer.concat([one.subarray(0, cut), two.subarray(cut)])));
});

test("under another key, version or key id it does not open, not even with the same bytes of key", () => {
  const sealed = seal(KEY, PLACE, Buffer.from("x"), randomBytes);
  refused(() => open({ ...KEY, key: randomBytes(32) }, PLACE, sealed));
  refused(() => open({ ...KEY, version: 4 }, PLACE, sealed));
  refused(() => open({ ...KEY, id: "secretz" }, PLACE, sealed));
});

test("a value that takes another key stays the same bytes, opens under the new one only and keeps its place", () => {
  const next: SealingKey = { id: "secrets", version: 4, key: randomBytes(32) };
  const sealed = seal(KEY, PLACE, Buffer.from("a secret"), randomBytes);
  const moved = rewrap(KEY, next, PLACE, sealed, randomBytes);
  expect(moved.subarray(-36).equals(sealed.subarray(-36))).toBe(true);
  expect(open(next, PLACE, moved).toString()).toBe("a secret");
  expect(sealedUnder(moved, PLACE)).toEqual({ id: "secrets", version: 4 });
  refused(() => open(KEY, PLACE, moved));
  refused(() => rewrap(KEY, next, { ...PLACE, id: "b" }, sealed, randomBytes));
});

test("each value has a data key and nonces of its own", () => {
  const drawn: string[] = [];
  const random = (bytes: number): Uint8Array => {
    const made = randomBytes(bytes);
    drawn.push(made.toString("hex"));
    return made;
  };
  for (let at = 0; at < 50; at++) seal(KEY, PLACE, Buffer.from("same"), random);
  expect(new Set(drawn).size).toBe(150);
});

test("errors name the table and the column, not the row or the value", () => {
  const place = { ...PLACE, id: "anna@example.com" };
  const sealed = seal(KEY, place, Buffer.from("value-canary"), randomBytes);
  expect(() => open(KEY, PLACE, sealed)).toThrow(/^a sealed value of secrets\.value does not open/);
  try {
    open({ ...KEY, version: 9 }, place, sealed);
  } catch (thrown) {
    expect(String(thrown)).not.toContain("anna");
    expect(String(thrown)).not.toContain("value-canary");
  }
});

test("a value beyond the limit is refused", () => {
  const long = Buffer.alloc(16 * 1024 * 1024 + 1);
  expect(() => seal(KEY, PLACE, long, randomBytes)).toThrow(/at most 16777216 bytes/);
});
