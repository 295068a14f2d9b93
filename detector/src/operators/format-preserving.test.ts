import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { detect } from "../detect.ts";
import { holdsCard, ibanCheck, luhnDigit, passesLuhn } from "./checksums.ts";
import { decryptFormat, encryptFormat, FORMAT_TYPES } from "./format-preserving.ts";
import { OperatorKeys } from "./keys.ts";

const options = { master: new Uint8Array(32).fill(5), keyId: "k1", purpose: "tests", epoch: "1" };
const keys = new OperatorKeys(options);
const other = new OperatorKeys({ ...options, purpose: "billing" });
const runs = { numRuns: 120 };
const shape = (text: string): string =>
  text.replaceAll(/[0-9]/g, "9").replaceAll(/[A-Z]/g, "A").replaceAll(/[a-z]/g, "a");
const digits = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: length, maxLength: length });
const grouped = (text: string, lengths: readonly number[], separator: string): string => {
  let at = 0;
  const groups = lengths.map((length) => text.slice(at, (at += length)));
  return [...groups, text.slice(at)].filter((group) => group !== "").join(separator);
};
const separator = fc.constantFrom("", " ", "-");

const cards = fc
  .record({
    lead: fc.constantFrom("4", "51", "34", "6011", "62", "5018", "2201"),
    length: fc.integer({ min: 13, max: 19 }),
    separator,
  })
  .chain(({ lead, length, separator }) =>
    digits(length - lead.length - 1).map((rest) => {
      const body = lead + rest;
      return grouped(`${body}${luhnDigit(body)}`, [4, 4, 4, 4], separator);
    }),
  );

/** Accounts of the shapes that countries have: digits, letters and digits in fixed places. */
const ibans = fc
  .record({
    form: fc.constantFrom(
      "DE 99999999 9999999999",
      "GB AAAA 99999999999999",
      "NL AAAA9999999999",
      "FR 999999999999A9A9999999999",
      "NO 99999999999",
      "MT AAAA99999AAA999AAA999AAA9",
    ),
    separator: fc.constantFrom("", " "),
  })
  .chain(({ form, separator }) =>
    fc
      .tuple(
        digits(40),
        fc.string({ unit: fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"), minLength: 40, maxLength: 40 }),
      )
      .map(([numbers, letters]) => {
        const [country = "", ...rest] = form.split(" ");
        const account = Array.from(rest.join(""), (place, at) => (place === "9" ? numbers[at] : letters[at])).join("");
        const check = String(ibanCheck(country, account)).padStart(2, "0");
        return grouped(`${country}${check}${account}`, [4, 4, 4, 4, 4, 4, 4], separator);
      }),
  );

const phones = fc.oneof(
  fc
    .tuple(fc.constantFrom("+49 30 ", "+44 20-", "+1 (212) ", "0049 170 ", "+420 ", "+49 (0)30/", "+39 06."), digits(8))
    .map(([head, rest]) => head + rest),
  fc.tuple(fc.constantFrom("030 ", "0171/", "(0)89 ", "212-", "61 "), digits(8)).map(([head, rest]) => head + rest),
);

const dates = fc
  .record({
    day: fc.integer({ min: 1, max: 28 }),
    month: fc.integer({ min: 1, max: 12 }),
    year: fc.integer({ min: 1900, max: 2026 }),
    form: fc.constantFrom("y-m-d", "d.m.y", "d/m/y", "m/d/y", "ymd", "d. m. y", "Y-M-D", "D.M.Y", "M/D/Y"),
  })
  .map(({ day, month, year, form }) => {
    const two = (value: number): string => String(value).padStart(2, "0");
    return form.replace(/[ymdYMD]/g, (part) => {
      if (part.toLowerCase() === "y") return String(year);
      const value = part.toLowerCase() === "m" ? month : day;
      return part === part.toLowerCase() ? two(value) : String(value);
    });
  });

const VALUES = { CARD: cards, IBAN: ibans, PHONE: phones, DATE_OF_BIRTH: dates } as const;

it("there is a generator here for every format", () => {
  expect(Object.keys(VALUES).sort()).toEqual([...FORMAT_TYPES].sort());
});

describe.each(Object.entries(VALUES))("%s", (type, values) => {
  it("decrypts to the very value, in the very spelling", () => {
    fc.assert(
      fc.property(values, (value) => {
        const written = encryptFormat(type, value, keys);
        expect(written).not.toBe(value);
        // Without leading zeros a day has one digit or two.
        const collapsed = (text: string): string =>
          type === "DATE_OF_BIRTH" ? shape(text).replaceAll(/99?(?!9)/g, "9") : shape(text);
        expect(collapsed(written)).toBe(collapsed(value));
        expect(encryptFormat(type, value, keys)).toBe(written);
        expect(decryptFormat(type, written, keys)).toBe(value);
      }),
      runs,
    );
  });

  it("is one to one, and another permutation for another purpose", () => {
    const written = new Map<string, string>();
    let same = 0;
    fc.assert(
      fc.property(values, (value) => {
        const image = encryptFormat(type, value, keys);
        expect(written.get(image) ?? value).toBe(value);
        written.set(image, value);
        if (encryptFormat(type, value, other) === image) same++;
      }),
      runs,
    );
    expect(same).toBe(0);
  });

  it.each(["", "jane@example.org", "no digits", "17", "٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨"])(
    "refuses %j with an error that does not hold it",
    (value) => {
      for (const call of [encryptFormat, decryptFormat]) {
        try {
          expect(call(type, value, keys)).toBe("a refusal");
        } catch (error) {
          expect(error).toMatchObject({
            name: "OperatorError",
            code: expect.stringMatching(/^(?:not_in_format|domain_too_small)$/) as string,
          });
          if (value !== "") expect((error as Error).message).not.toContain(value);
        }
      }
    },
  );
});

describe("what it writes is nobody's", () => {
  it("no card passes Luhn, nor any run of its groups, and the detector finds none", () => {
    fc.assert(
      fc.property(cards, (value) => {
        const written = encryptFormat("CARD", value, keys);
        expect(passesLuhn(written.replaceAll(/[^0-9]/g, ""))).toBe(false);
        expect(holdsCard(written)).toBe(false);
        expect(detect(`card ${written} end`, { types: ["CARD", "IBAN"] })).toEqual([]);
        expect(written.replaceAll(/[^0-9]/g, "").slice(0, 6)).toBe(value.replaceAll(/[^0-9]/g, "").slice(0, 6));
      }),
      runs,
    );
  });

  it("no IBAN passes mod 97, and the detector finds neither an IBAN nor a card", () => {
    fc.assert(
      fc.property(ibans, (value) => {
        const written = encryptFormat("IBAN", value, keys);
        expect(detect(`IBAN ${written} end`, { types: ["CARD", "IBAN"] })).toEqual([]);
        expect(written.slice(0, 2)).toBe(value.slice(0, 2));
      }),
      runs,
    );
  });
});

describe("cards", () => {
  it("of twelve digits leave too little to permute", () => {
    const body = "50181234567";
    expect(() => encryptFormat("CARD", `${body}${luhnDigit(body)}`, keys)).toThrow(
      expect.objectContaining({ code: "domain_too_small" }),
    );
  });

  it("with a wrong check digit are refused, and so are right ones on the way back", () => {
    expect(() => encryptFormat("CARD", "4111 1111 1111 1112", keys)).toThrow(
      expect.objectContaining({ code: "not_in_format" }),
    );
    expect(() => decryptFormat("CARD", "4111 1111 1111 1111", keys)).toThrow(
      expect.objectContaining({ code: "not_in_format" }),
    );
  });

  it("are the same card in any grouping", () => {
    const one = encryptFormat("CARD", "4242424242424242", keys);
    expect(encryptFormat("CARD", "4242-4242-4242-4242", keys).replaceAll("-", "")).toBe(one);
  });
});

describe("IBANs", () => {
  it("with wrong check digits are refused, and so are right ones on the way back", () => {
    expect(() => encryptFormat("IBAN", "DE88 3704 0044 0532 0130 00", keys)).toThrow(
      expect.objectContaining({ code: "not_in_format" }),
    );
    expect(() => decryptFormat("IBAN", "DE89 3704 0044 0532 0130 00", keys)).toThrow(
      expect.objectContaining({ code: "not_in_format" }),
    );
  });

  it("keep their case", () => {
    const written = encryptFormat("IBAN", "gb29nwbk60161331926819", keys);
    expect(written).toMatch(/^gb[0-9]{2}[a-z]{4}[0-9]{14}$/);
    expect(decryptFormat("IBAN", written, keys)).toBe("gb29nwbk60161331926819");
  });
});

describe("telephone numbers", () => {
  it("keep the country code, and mean the same however it is written", () => {
    const plus = encryptFormat("PHONE", "+49 170 1234567", keys);
    expect(plus).toMatch(/^\+49 [0-9]{3} [0-9]{7}$/);
    expect(encryptFormat("PHONE", "0049 170 1234567", keys).slice(5)).toBe(plus.slice(4));
    expect(encryptFormat("PHONE", "+49 (0)170 1234567", keys).replace("(0)", "")).toBe(plus);
  });

  it.each([
    ["+49 12345", "domain_too_small"],
    ["123456", "domain_too_small"],
    ["000123456", "not_in_format"],
    ["+49 (3) 0123456", "not_in_format"],
    ["212-555-0100 x12", "not_in_format"],
  ])("%s is refused: %s", (value, code) => {
    expect(() => encryptFormat("PHONE", value, keys)).toThrow(expect.objectContaining({ code }));
  });
});

describe("dates", () => {
  it("keep their style, so that every one is read back as it was meant", () => {
    expect(encryptFormat("DATE_OF_BIRTH", "1985-03-14", keys)).toMatch(/^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$/);
    expect(encryptFormat("DATE_OF_BIRTH", "3/4/1985", keys, { region: "US" })).not.toBe(
      encryptFormat("DATE_OF_BIRTH", "3/4/1985", keys),
    );
    for (const region of ["US", "DE"]) {
      for (const value of ["12/25/1985", "25/12/1985", "1/2/1985", "12/12/1985", "2/29/1984", "29.2.1984"]) {
        const written = encryptFormat("DATE_OF_BIRTH", value, keys, { region });
        expect(decryptFormat("DATE_OF_BIRTH", written, keys, { region })).toBe(value);
      }
    }
  });

  it.each([
    ["14.03.85", "domain_too_small"],
    ["31.02.1985", "not_in_format"],
    ["0985-03-14", "not_in_format"],
    ["1.03.1985", "not_in_format"],
    ["14 March 1985", "not_in_format"],
  ])("%s is refused: %s", (value, code) => {
    expect(() => encryptFormat("DATE_OF_BIRTH", value, keys)).toThrow(expect.objectContaining({ code }));
  });
});

describe("wrong arguments are TypeErrors that name them", () => {
  it.each([
    ["type", () => encryptFormat("card", "x", keys)],
    ["value", () => encryptFormat("CARD", 4111 as unknown as string, keys)],
    ["keys", () => decryptFormat("CARD", "x", options as unknown as OperatorKeys)],
  ])("%s", (argument, call) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(new RegExp(`^${argument} `));
  });

  it("a type without a format is an OperatorError", () => {
    expect(() => encryptFormat("PERSON", "Jane", keys)).toThrow(expect.objectContaining({ code: "type_unsupported" }));
  });
});
