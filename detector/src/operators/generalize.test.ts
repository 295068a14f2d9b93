import { describe, expect, it } from "vitest";
import { generalize, GENERALIZED_TYPES, type GeneralizeOptions } from "./generalize.ts";

const ROWS: readonly (readonly [string, string, string, GeneralizeOptions?])[] = [
  ["DATE_OF_BIRTH", "14.03.1985", "1985"],
  ["DATE_OF_BIRTH", "14.03.1985", "1980s", { dates: "decade" }],
  ["DATE_OF_BIRTH", "14 March 1985", "1985"],
  ["DATE_OF_BIRTH", "19850314", "1985"],
  ["DATE", "2026-11-21", "2026"],
  ["ADDRESS", "Hauptstraße 5, 10115 Berlin", "10***", { region: "DE" }],
  ["ADDRESS", "Hauptstraße 5, 10115 Berlin", "1****"],
  ["ADDRESS", "221B Baker Street, London NW1 6XE", "NW* ***"],
  ["ADDRESS", "350 5th Ave, New York, NY 10118-0110", "101**-****", { region: "US" }],
  ["ADDRESS", "Main St 1, Burlington, VT 05401-1234", "054**-****", { region: "US" }],
  ["ADDRESS", "Main St 1, Wells River, VT 03601", "000**", { region: "US" }],
  ["ADDRESS", "Damrak 1, 1012 LG Amsterdam", "10** **", { region: "NL" }],
  ["ADDRESS", "ul. Polna 3, 00-625 Warszawa", "00-***"],
  ["ADDRESS", "Brīvības iela 1, Rīga, LV-1010", "LV-1***", { region: "LV" }],
  ["POSTCODE", "sw1a 2aa", "SW** ***", { region: "GB" }],
  ["AGE", "42", "40–49"],
  ["AGE", "42 Jahre", "40–49"],
  ["AGE", "7", "0–9"],
  ["AGE", "93", "90+"],
  ["IP_ADDRESS", "198.51.100.23", "198.51.100.0/24"],
  ["IP_ADDRESS", "::ffff:198.51.100.23", "198.51.100.0/24"],
  ["IP_ADDRESS", "2001:db8:85a3::8a2e:370:7334", "2001:db8:85a3::/48"],
  ["IP_ADDRESS", "2001:DB8::1", "2001:db8::/48"],
  ["IP_ADDRESS", "fe80::1%eth0", "fe80::/48"],
  ["COORDINATES", "52.51628, 13.37770", "52.5, 13.4"],
  ["COORDINATES", "-33,8568; 151,2153", "-33,9; 151,2"],
  ["COORDINATES", "52° 30' 58\" N, 13° 22' 40\" E", "52.5°N, 13.4°E"],
  ["NUMBER", "1234", "1000–1999"],
  ["NUMBER", "€ 48.200,50", "€ 40000–49999"],
  ["NUMBER", "7", "0–9"],
  ["NUMBER", "0", "0–9"],
  ["PHONE", "+49 170 1234567", "+49"],
  ["IBAN", "DE89 3704 0044 0532 0130 00", "DE"],
  ["BIC", "DEUTDEFF500", "DE"],
  ["MAC_ADDRESS", "00-1A-2B-3C-4D-5E", "00:1A:2B"],
];

describe("generalize", () => {
  it.each(ROWS.map(([type, value, coarse, options = {}]) => [type, value, coarse, options] as const))(
    "%s %s → %s",
    (type, value, coarse, options) => {
      expect(generalize(type, value, options)).toBe(coarse);
    },
  );

  it("leaves alone what it has written", () => {
    for (const [type, , coarse, options] of ROWS) {
      // "10***" and "+49" hold no postcode and no number any more.
      if (["ADDRESS", "POSTCODE", "PHONE"].includes(type)) continue;
      expect(generalize(type, coarse, options)).toBe(coarse);
    }
  });

  it("has a row here for every type that it knows", () => {
    expect(new Set(ROWS.map(([type]) => type))).toEqual(new Set(GENERALIZED_TYPES));
  });

  it.each([
    ["PERSON", "Jane Doe", "type_unsupported"],
    ["toString", "x", "type_unsupported"],
    ["DATE_OF_BIRTH", "14.03.85", "not_in_format"],
    ["DATE_OF_BIRTH", "1985 or 1986", "not_in_format"],
    ["ADDRESS", "Hauptstraße", "not_in_format"],
    ["ADDRESS", "Triq 1, Valletta VLT 1117", "not_in_format", { region: "PL" }],
    ["AGE", "old", "not_in_format"],
    ["AGE", "450", "not_in_format"],
    ["IP_ADDRESS", "x:y", "not_in_format"],
    ["COORDINATES", "here", "not_in_format"],
    ["NUMBER", "a lot", "not_in_format"],
    ["PHONE", "030 1234567", "not_in_format"],
    ["MAC_ADDRESS", "00:1A", "not_in_format"],
  ] as const)("%s %s is refused: %s", (type, value, code, options?: GeneralizeOptions) => {
    const call = () => generalize(type, value, options);
    expect(call).toThrow(expect.objectContaining({ code }));
    expect(call).not.toThrow(new RegExp(value.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  });

  it("takes wrong arguments as TypeErrors that name them", () => {
    expect(() => generalize(7 as unknown as string, "x")).toThrow(/^type /);
    expect(() => generalize("AGE", 42 as unknown as string)).toThrow(/^value /);
    expect(() => generalize("AGE", 42 as unknown as string)).toThrow(TypeError);
  });
});
