import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkRows, valuesOf } from "../test/rows.ts";
import { IBAN_LENGTHS } from "./iban.ts";

describe("an IBAN is found however it is grouped", () => {
  checkRows("IBAN", [
    { text: "IBAN: DE89 3704 0044 0532 0130 00, thanks", finds: ["DE89 3704 0044 0532 0130 00"] },
    { text: "DE89370400440532013000", finds: ["DE89370400440532013000"] },
    { text: "iban=gb29nwbk60161331926819;", finds: ["gb29nwbk60161331926819"] },
    { text: "GB29 NWBK 6016 1331 9268 19 is mine", finds: ["GB29 NWBK 6016 1331 9268 19"] },
    { text: "FR14 2004 1010 0505 0001 3M02 606", finds: ["FR14 2004 1010 0505 0001 3M02 606"] },
    { text: "MT84 MALT 0110 0001 2345 MTLC AST0 01S.", finds: ["MT84 MALT 0110 0001 2345 MTLC AST0 01S"] },
    { text: "NL91-ABNA-0417-1643-00", finds: ["NL91-ABNA-0417-1643-00"] },
    { text: "ES91 2100 0418 4502 0005 1332", finds: ["ES91 2100 0418 4502 0005 1332"] },
    {
      text: "PL61109010140000071219812874 SE4550000000058398257466",
      finds: ["PL61109010140000071219812874", "SE4550000000058398257466"],
    },
    { text: "NO9386011117947, BE68539007547034", finds: ["NO9386011117947", "BE68539007547034"] },
    {
      text: "DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000",
      finds: ["DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000"],
    },
    { text: "DE89 3704 0044 0532 0130 00 25 EUR", finds: ["DE89 3704 0044 0532 0130 00"] },
  ]);
});

describe("what fails length, country or checksum is no IBAN", () => {
  checkRows("IBAN", [
    { text: "DE89 3704 0044 0532 0130 01", finds: [] },
    { text: "DE89 3704 0044 0532 0130", finds: [] },
    { text: "XX89370400440532013000", finds: [] },
    { text: "XDE89370400440532013000", finds: [] },
    { text: "DE893704004405320130001", finds: [] },
    { text: "AT12 and the other one is at the back of it", finds: [] },
  ]);
});

/** ISO 13616: the check digits that make the rearranged number leave remainder 1. */
function ibanOf(country: string, bban: string): string {
  let remainder = 0;
  for (const char of `${bban}${country}00`) {
    const value = Number.parseInt(char, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return `${country}${String(98 - remainder).padStart(2, "0")}${bban}`;
}

const ibans = fc
  .constantFrom(...IBAN_LENGTHS)
  .chain(([country, length]) =>
    fc
      .tuple(
        fc.boolean(),
        fc.array(fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"), { minLength: 4, maxLength: 4 }),
        fc.array(fc.constantFrom(..."0123456789"), { minLength: length - 4, maxLength: length - 4 }),
      )
      .map(([lettered, bank, digits]) =>
        ibanOf(country, lettered ? [...bank, ...digits.slice(4)].join("") : digits.join("")),
      ),
  );

describe("the checksum decides", () => {
  it("every generated IBAN of every registered country is found, grouped or not", () => {
    fc.assert(
      fc.property(ibans, fc.boolean(), (iban, grouped) => {
        const written = grouped ? iban.replaceAll(/(.{4})(?=.)/g, "$1 ") : iban;
        expect(valuesOf("IBAN", `to ${written}, please`)).toEqual([written]);
      }),
      { numRuns: 600 },
    );
  });

  it("no IBAN is found when one digit is changed", () => {
    fc.assert(
      fc.property(ibans, fc.nat(), fc.integer({ min: 1, max: 9 }), (iban, at, step) => {
        const digits = [...iban.matchAll(/\d/g)].map((match) => match.index);
        const index = digits[at % digits.length] ?? 0;
        const digit = String((Number(iban[index]) + step) % 10);
        const changed = iban.slice(0, index) + digit + iban.slice(index + 1);
        // 97 is more than any digit's weight can undo, but "01" to "98" are the only check digits in use.
        expect(valuesOf("IBAN", `to ${changed}, please`)).toEqual([]);
      }),
      { numRuns: 600 },
    );
  });
});
