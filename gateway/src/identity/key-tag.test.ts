import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createTagger } from "./key-tag.ts";

test("the tag of a token is its HMAC-SHA256", () => {
  const key = randomBytes(32);
  const tagOf = createTagger(key, 256);
  const tokens = fc.string({ maxLength: 256, unit: fc.constantFrom("a", "7", "_", "\u00e9", "\u20ac") });
  fc.assert(
    fc.property(tokens, (token) => {
      expect(tagOf(token)).toBe(createHmac("sha256", key).update(token).digest("base64"));
    }),
  );
  const longest = "\u20ac".repeat(256);
  expect(tagOf(longest)).toBe(createHmac("sha256", key).update(longest).digest("base64"));
});

test("a longer token and a longer key are a bug of the caller", () => {
  expect(() => createTagger(randomBytes(32), 4)("12345")).toThrow(RangeError);
  expect(() => createTagger(randomBytes(65), 4)).toThrow(RangeError);
});
