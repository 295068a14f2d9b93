import fc from "fast-check";
import { getCountries, getCountryCallingCode, parsePhoneNumberFromString } from "libphonenumber-js/min";
import { expect, it } from "vitest";
import { isPlainInternational } from "./international.ts";

it("takes only numbers that libphonenumber takes and leaves as they are", () => {
  const code = fc.constantFrom(...getCountries().map((country) => getCountryCallingCode(country)));
  const national = fc.stringMatching(/^[0-9]{3,12}$/);
  fc.assert(
    fc.property(code, national, (callingCode, rest) => {
      const digits = callingCode + rest;
      if (!isPlainInternational(digits)) return;
      const number = parsePhoneNumberFromString(`+${digits}`);
      expect([number?.number, number?.isValid()]).toEqual([`+${digits}`, true]);
    }),
    { numRuns: 5_000 },
  );
});

it.each(["4930901820", "14155552671", "442079460958", "33612345678", "390612345678", "551155256325"])(
  "takes %s without libphonenumber",
  (digits) => expect(isPlainInternational(digits)).toBe(true),
);

it.each(["49030901820", "0930901820", "99912345678", "49", "", "4402079460958"])(
  "leaves %s to libphonenumber",
  (digits) => expect(isPlainInternational(digits)).toBe(false),
);
