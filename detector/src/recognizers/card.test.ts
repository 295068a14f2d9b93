import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkRows, valuesOf } from "../test/rows.ts";

describe("a card number is found in the groups that stand on cards", () => {
  checkRows("CARD", [
    { text: "card 4111 1111 1111 1111 exp 12/27", finds: ["4111 1111 1111 1111"] },
    { text: "4111-1111-1111-1111", finds: ["4111-1111-1111-1111"] },
    { text: "4111111111111111", finds: ["4111111111111111"] },
    { text: "amex 3782 822463 10005 or 378282246310005", finds: ["3782 822463 10005", "378282246310005"] },
    { text: "5555555555554444, 2223003122003222", finds: ["5555555555554444", "2223003122003222"] },
    {
      text: "6011111111111117 30569309025904 3530111333300000",
      finds: ["6011111111111117", "30569309025904", "3530111333300000"],
    },
    { text: "cvv 123 4111 1111 1111 1111", finds: ["4111 1111 1111 1111"] },
    { text: "4111 1111 1111 1111 123", finds: ["4111 1111 1111 1111"] },
    { text: '{"pan":4111111111111111}', finds: ["4111111111111111"] },
    { text: "https://pay.example/?pan=4111111111111111", finds: ["4111111111111111"] },
    { text: "order number 4111 1111 1111 1111", finds: ["4111 1111 1111 1111"] },
  ]);
});

describe("other long numbers are no cards", () => {
  checkRows("CARD", [
    { text: "4111 1111 1111 1112", finds: [] },
    { text: "1234567890123452", finds: [] },
    { text: "ISBN 978-3-16-148410-0, EAN 4006381333931", finds: [] },
    { text: "nr konta 20 1742 9968 3668 2527 6812 5316, 3668 2527 6812 5316 4711", finds: [] },
    { text: "card 3668 2527 6812 5316 1227", finds: ["3668 2527 6812 5316"] },
    { text: "3642 501412 2078", finds: ["3642 501412 2078"] },
    { text: "EAN 4002300577691, barcode 4008200853132 | 4297107062299", finds: [] },
    { text: "Visa card 4222222222222", finds: ["4222222222222"] },
    { text: "1700000000000, 1607635102000", finds: [] },
    { text: "0.4111111111111111", finds: [] },
    { text: "a4111111111111111 4111111111111111b", finds: [] },
    { text: "41111 111111 11111", finds: [] },
    { text: "4111 11 111111 1111", finds: [] },
    { text: "550e8400-e29b-4111-1111-111111111111", finds: [] },
    { text: "https://example.com/posts/4111111111111111", finds: [] },
    { text: "$4111111111111111", finds: [] },
    { text: "rx 561301706082 bytes, card 561301706082", finds: ["561301706082"] },
  ]);
});

const PREFIXES: readonly (readonly [prefix: string, length: number])[] = [
  ["4", 16],
  ["4", 13],
  ["51", 16],
  ["2221", 16],
  ["2720", 16],
  ["37", 15],
  ["36", 14],
  ["6011", 16],
  ["65", 16],
  ["3528", 16],
  ["62", 16],
  ["2202", 16],
  ["67", 12],
  ["6304", 19],
];

function withLuhn(digits: string): string {
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const weighted = Number(digit) * (index % 2 === 0 ? 2 : 1);
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return digits + String((10 - (sum % 10)) % 10);
}

const cards = fc.constantFrom(...PREFIXES).chain(([prefix, length]) =>
  fc
    .array(fc.constantFrom(..."0123456789"), {
      minLength: length - prefix.length - 1,
      maxLength: length - prefix.length - 1,
    })
    .map((digits) => withLuhn(prefix + digits.join(""))),
);

function grouped(card: string, sign: string): string {
  const groups = card.length === 15 ? /^(.{4})(.{6})(.{5})$/ : card.length === 14 ? /^(.{4})(.{6})(.{4})$/ : undefined;
  if (groups !== undefined) return card.replace(groups, `$1${sign}$2${sign}$3`);
  return card.length === 16 ? card.replaceAll(/(.{4})(?=.)/g, `$1${sign}`) : card;
}

describe("prefix, length and check digit decide", () => {
  it("every generated card is found with spaces, hyphens or nothing", () => {
    fc.assert(
      fc.property(cards, fc.constantFrom("", " ", "-"), (card, sign) => {
        const written = grouped(card, sign);
        expect(valuesOf("CARD", `paid with card ${written}.`)).toEqual([written]);
      }),
      { numRuns: 600 },
    );
  });

  it("no card is found when one digit is changed", () => {
    fc.assert(
      fc.property(
        cards,
        fc.nat(),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom("", " ", "-"),
        (card, at, step, sign) => {
          const index = at % card.length;
          const changed = card.slice(0, index) + String((Number(card[index]) + step) % 10) + card.slice(index + 1);
          expect(valuesOf("CARD", `paid with card ${grouped(changed, sign)}.`)).toEqual([]);
        },
      ),
      { numRuns: 600 },
    );
  });
});
