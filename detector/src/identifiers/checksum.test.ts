import { describe, expect, it } from "vitest";
import { gs1, icao, isDate, luhn, mod11And10, mod97And10, type Places, remainder, verhoeff } from "./checksum.ts";
import { placesOf } from "./test/generate.ts";

const digits = (text: string): Places => placesOf(text);

describe("check digits, with the examples of their descriptions", () => {
  it.each([
    ["Luhn: ISO/IEC 7812-1", luhn(digits("79927398713")), luhn(digits("79927398710"))],
    ["Luhn with letters: 00000000 0 ZZ4", luhn(digits("000000000ZZ4")), luhn(digits("000000000ZZ5"))],
    ["GS1: 4006381333931", gs1(digits("4006381333931")), gs1(digits("4006381333930"))],
    ["ISO 7064 MOD 11,10: 0794 5", mod11And10(digits("07945")), mod11And10(digits("07946"))],
    ["ISO 7064 MOD 97-10: 794 44", mod97And10(digits("79444")), mod97And10(digits("79445"))],
    ["Verhoeff: 236 3", verhoeff(digits("236"), 0, 3, 3), verhoeff(digits("236"), 0, 3, 4)],
    ["Verhoeff: 12345 1", verhoeff(digits("12345"), 0, 5, 1), verhoeff(digits("21345"), 0, 5, 1)],
  ])("%s", (_, right, wrong) => {
    expect([right, wrong]).toEqual([true, false]);
  });

  it("ICAO Doc 9303 part 3, appendix A: 520727 has 3, AB2134<<< has 5", () => {
    expect(icao(digits("520727"), 0, 6)).toBe(3);
    expect(icao(Uint8Array.from([10, 11, 2, 1, 3, 4, 0, 0, 0]), 0, 9)).toBe(5);
  });

  it("remainders of long numbers are exact", () => {
    expect(remainder(digits("123456789012345678901234567890"), 0, 30, 97)).toBe(
      Number(123456789012345678901234567890n % 97n),
    );
  });
});

describe("a date of birth is a day that exists", () => {
  it.each([
    [1980, 2, 29, true],
    [1981, 2, 29, false],
    [1900, 2, 29, false],
    [2000, 2, 29, true],
    [0, 2, 29, true],
    [81, 2, 29, false],
    [81, 4, 31, false],
    [81, 0, 1, false],
    [81, 13, 1, false],
    [81, 1, 0, false],
    [1799, 1, 1, false],
    [2041, 1, 1, false],
  ])("%i-%i-%i: %s", (year, month, day, exists) => {
    expect(isDate(year, month, day)).toBe(exists);
  });
});
