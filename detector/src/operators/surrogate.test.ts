import { faker } from "@faker-js/faker";
import fc from "fast-check";
import { isSupportedCountry, parsePhoneNumberFromString } from "libphonenumber-js/min";
import { describe, expect, it } from "vitest";
import { detect } from "../detect.ts";
import { normalize } from "../normalize.ts";
import { TYPES } from "../types.ts";
import { holdsCard, ibanCheck, luhnDigit, passesBase58Check, passesBech32, passesEip55 } from "./checksums.ts";
import { OperatorKeys } from "./keys.ts";
import { Replacements } from "./replacements.ts";
import { isIssuable } from "./surrogate/issuable.ts";
import { LANGUAGES, poolOf } from "./surrogate/pools.ts";
import { surrogate, SURROGATE_TYPES, type SurrogateOptions } from "./surrogate.ts";

const keyOptions = { master: new Uint8Array(32).fill(8), keyId: "k1", purpose: "tests", epoch: "1" };
const keys = new OperatorKeys(keyOptions);
const stateless = (type: string, value: string, options: Omit<SurrogateOptions, "keys"> = {}): string =>
  surrogate(type, value, { keys, ...options });
const runs = { numRuns: 100 };

const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  PERSON: ["Jane Doe", "KELLER, Maria", "Иван Петров", "jane"],
  EMAIL: ["jane.doe@acme.test", "info@acme.test", "петр@почта.test"],
  PHONE: ["+49 170 1234567", "030 1234567", "+48 601 234 567", "(212) 736-5000 ext. 3"],
  CARD: ["4111 1111 1111 1111", "378282246310005"],
  IBAN: ["DE89 3704 0044 0532 0130 00", "gb29nwbk60161331926819"],
  BIC: ["DEUTDEFF", "DEUTDEFF500"],
  CRYPTO_WALLET: [
    "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "0x52908400098527886E0F7030069857D2E4169EE7",
  ],
  ACCOUNT_NUMBER: ["12345678"],
  ORDER_NUMBER: ["#A-10023"],
  CUSTOMER_NUMBER: ["KD-4711"],
  NATIONAL_ID: ["85.07.30-033.28", "KANJ850730MDFRRN08"],
  TAX_ID: ["86095742719", "DE136695976"],
  SOCIAL_SECURITY_NUMBER: ["123-45-6789", "15 070649 C 103"],
  HEALTH_ID: ["943 476 5919"],
  ID_CARD_NUMBER: ["T220001293"],
  PASSPORT_NUMBER: ["C01X00T47"],
  DRIVING_LICENCE_NUMBER: ["B072RRE2I55"],
  LICENCE_PLATE: ["B-MW 1234", "СА 1234 ВХ"],
  IP_ADDRESS: ["93.184.216.34", "2a00:1450::68"],
  MAC_ADDRESS: ["00:1A:2b:3C:4D:5E", "001a.2b3c.4d5e"],
  URL: ["https://jane.example.net/x", "www.jane.test/a"],
  USER_HANDLE: ["@janedoe", "u/janedoe"],
  LOCATION: ["Wien", "Αθήνα"],
  ORGANIZATION: ["Siemens AG", "ACME"],
  ADDRESS: ["Hauptstr. 5, 10115 Berlin", "Hauptstr. 5\n10115 Berlin"],
  COORDINATES: ["52.5163, 13.3777"],
  DATE_OF_BIRTH: ["14.03.1985", "14 March 1985", "1.3.85", "1985-03-14"],
};

it("there is an example here for every type with surrogates, and only SECRET has none", () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual([...SURROGATE_TYPES].sort());
  expect(Object.keys(TYPES).filter((type) => !SURROGATE_TYPES.includes(type))).toEqual(["SECRET"]);
});

describe.each(Object.entries(EXAMPLES))("%s", (type, values) => {
  it("is the same for the same value, another under another purpose, and never the value", () => {
    const other = new OperatorKeys({ ...keyOptions, purpose: "billing" });
    let differing = 0;
    for (const value of values) {
      const written = stateless(type, value);
      expect(stateless(type, value)).toBe(written);
      expect(normalize(type, written)).not.toBe(normalize(type, value));
      // Reading keys of one's own: forty purposes do not all agree by accident.
      for (let epoch = 0; epoch < 40; epoch++) {
        const fresh = new OperatorKeys({ ...keyOptions, epoch: String(epoch) });
        const one = surrogate(type, value, { keys: fresh });
        expect(normalize(type, one).toLowerCase()).not.toBe(normalize(type, value).toLowerCase());
        if (one !== written) differing++;
      }
      expect(typeof surrogate(type, value, { keys: other })).toBe("string");
    }
    expect(differing).toBeGreaterThan(0);
  });

  it("can be put back when it is remembered", () => {
    const replacements = new Replacements();
    for (const value of values) {
      const written = stateless(type, value, { replacements });
      expect(stateless(type, value, { replacements })).toBe(written);
      expect(replacements.restore(`a ${written} b`)).toBe(`a ${value} b`);
    }
  });

  it("differs for different values when it is remembered", () => {
    const replacements = new Replacements();
    const seen = new Map<string, string>();
    for (let number = 0; number < 120; number++) {
      const value = variant(type, values[0] as string, number);
      const written = stateless(type, value, { replacements });
      const key = type === "PERSON" ? value : normalize(type, value);
      expect(seen.get(written) ?? key, written).toBe(key);
      seen.set(written, key);
    }
    expect(seen.size).toBeGreaterThan(100);
  });
});

/** Another value of the same form. */
function variant(type: string, value: string, number: number): string {
  const two = String(number % 100).padStart(2, "0");
  const letters = String.fromCharCode(97 + (number % 26), 97 + Math.floor(number / 26));
  if (type === "DATE_OF_BIRTH")
    return `${String(1 + (number % 28)).padStart(2, "0")}.03.${1900 + Math.floor(number / 28)}`;
  if (type === "CRYPTO_WALLET") return `0x${number.toString(16).padStart(40, "a")}`;
  if (type === "IP_ADDRESS") return `93.184.216.${number}`;
  if (type === "COORDINATES") return `5${two[0]}.51${two}, 13.3${number}`;
  if (["PERSON", "EMAIL", "LOCATION", "ORGANIZATION", "ADDRESS", "USER_HANDLE", "URL", "BIC"].includes(type)) {
    if (type === "BIC") return `${letters.toUpperCase()}XXDEFF`;
    return value.replace(/[a-z]{2}/, letters).replace(/(?<=[a-z])\d*$/, "");
  }
  const digits = value.replaceAll(/[^0-9]/g, "").length;
  let next = String(number).padStart(digits, "7");
  return value.replaceAll(/[0-9]/g, () => {
    const digit = next.slice(0, 1);
    next = next.slice(1);
    return digit;
  });
}

describe("no surrogate passes for what it stands for", () => {
  const digits = (length: number): fc.Arbitrary<string> =>
    fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: length, maxLength: length });

  it("cards, in any length and grouping", () => {
    const cards = fc
      .tuple(
        fc.constantFrom("4", "51", "62", "5018", "34"),
        fc.integer({ min: 12, max: 19 }),
        fc.constantFrom(" ", "-", ""),
      )
      .chain(([lead, length, separator]) =>
        digits(length - lead.length - 1).map((rest) => {
          const body = lead + rest;
          return (`${body}${luhnDigit(body)}`.match(/.{1,4}/g) ?? []).join(separator);
        }),
      );
    fc.assert(
      fc.property(cards, (value) => {
        const written = stateless("CARD", value);
        expect(written).toMatch(new RegExp(`^${value.replaceAll(/[0-9]/g, "[0-9]")}$`));
        expect(holdsCard(written)).toBe(false);
        expect(detect(`Kreditkarte ${written} end`, { types: ["CARD", "IBAN"] })).toEqual([]);
      }),
      runs,
    );
  });

  it("IBANs", () => {
    fc.assert(
      fc.property(digits(18), fc.constantFrom(" ", ""), (account, separator) => {
        const value = (`DE${String(ibanCheck("DE", account)).padStart(2, "0")}${account}`.match(/.{1,4}/g) ?? []).join(
          separator,
        );
        expect(detect(value, { types: ["IBAN"] })).toHaveLength(1);
        const written = stateless("IBAN", value);
        expect(detect(`IBAN ${written} end`, { types: ["CARD", "IBAN"] })).toEqual([]);
        expect(written).toMatch(separator === "" ? /^DE[0-9]{20}$/ : /^DE[0-9]{2}(?: [0-9]{4}){4} [0-9]{2}$/);
      }),
      runs,
    );
  });

  it("numbers of cards and accounts in other types", () => {
    fc.assert(
      fc.property(digits(16), fc.constantFrom("ORDER_NUMBER", "ACCOUNT_NUMBER", "TAX_ID"), (value, type) => {
        expect(holdsCard(stateless(type, value))).toBe(false);
      }),
      runs,
    );
  });

  it("identifiers of any country that the detector knows", () => {
    const shapes = fc.constantFrom(
      "###########",
      "##.##.##-###.##",
      "##########",
      "AAAAAA##A##A###A",
      "########A",
      "# ## ## ## ### ### ##",
      "######/####",
      "A########",
      "#########",
      "###-##-####",
    );
    fc.assert(
      fc.property(
        shapes,
        digits(20),
        fc.constantFrom(
          "NATIONAL_ID",
          "TAX_ID",
          "SOCIAL_SECURITY_NUMBER",
          "HEALTH_ID",
          "ID_CARD_NUMBER",
          "PASSPORT_NUMBER",
        ),
        (shape, numbers, type) => {
          let next = 0;
          const value = shape.replaceAll(/[#A]/g, (place) => {
            const digit = numbers[next++] ?? "0";
            return place === "#" ? digit : String.fromCharCode(65 + Number(digit));
          });
          const written = stateless(type, value);
          expect(written).toMatch(
            new RegExp(`^${shape.replaceAll(/[.]/g, "\\.").replaceAll("#", "[0-9]").replaceAll("A", "[A-Z]")}$`),
          );
          expect(isIssuable(written)).toBe(false);
          if (type === "SOCIAL_SECURITY_NUMBER" && shape === "###-##-####") expect(written).toMatch(/^666-/);
        },
      ),
      runs,
    );
    // The test would say nothing if real ones were not known.
    expect(isIssuable("85.07.30-033.28")).toBe(true);
    expect(isIssuable("943 476 5919")).toBe(true);
  });

  it("wallets", () => {
    const [bech32 = "", base58 = "", ethereum = ""] = EXAMPLES["CRYPTO_WALLET"] ?? [];
    expect([passesBech32(bech32), passesBase58Check(base58), passesEip55(ethereum)]).toEqual([true, true, true]);
    for (let epoch = 0; epoch < 100; epoch++) {
      const own = new OperatorKeys({ ...keyOptions, epoch: String(epoch) });
      const of = (value: string): string => surrogate("CRYPTO_WALLET", value, { keys: own });
      expect([passesBech32(of(bech32)), passesBase58Check(of(base58)), passesEip55(of(ethereum))]).toEqual([
        false,
        false,
        false,
      ]);
      expect([of(bech32).length, of(base58).length, of(ethereum).length]).toEqual([
        bech32.length,
        base58.length,
        ethereum.length,
      ]);
    }
  });
});

describe("telephone numbers ring nowhere", () => {
  it.each([
    ["+1 212 736 5000", /^\+1 [2-9][0-9]{2}-555-01[0-9]{2}$/],
    ["+44 7911 123456", /^\+44 7700 900[0-9]{3}$/],
    ["+44 20 7183 8750", /^\+44 (?:20 7946 0|1[1-6]1 496 0|113 496 0|1632 960)[0-9]{3}$/],
    ["+49 170 1234567", /^\+49 171 39200[0-9]{2}$/],
    ["+49 30 1234567", /^\+49 (?:30 23125|40 66969|69 90009|89 99998|221 4710)[0-9]{3}$/],
    ["+33 6 12 34 56 78", /^\+33 6 39 98 [0-9]{2} [0-9]{2}$/],
    ["+33 1 42 68 53 00", /^\+33 (?:1 99 00|2 61 91|3 53 01|4 65 71|5 36 49) [0-9]{2} [0-9]{2}$/],
    ["0046 70 123 45 67", /^0046 70 174 06 [1-9][0-9]$/],
    ["+46 8 123 456 78", /^\+46 (?:8 465 004|31 390 06) [0-9]{2}$/],
    ["+353 1 234 5678", /^\+353 20 91[0-9] [0-9]{4}$/],
    ["+61 2 9374 4000", /^\+61 [2378] (?:5550|7010) [0-9]{4}$/],
    ["+420 601 123 456", /^\+420 000 [0-9]{3} [0-9]{3}$/],
    ["+48 (0) 601-123-456", /^\+48 000-[0-9]{3}-[0-9]{3}$/],
  ])("%s", (value, form) => {
    for (let epoch = 0; epoch < 20; epoch++) {
      const written = surrogate("PHONE", value, { keys: new OperatorKeys({ ...keyOptions, epoch: String(epoch) }) });
      expect(written).toMatch(form);
    }
  });

  it("national ones follow the caller's country or language", () => {
    expect(stateless("PHONE", "0170 1234567", { language: "de" })).toMatch(/^0171 39200[0-9]{2}$/);
    expect(stateless("PHONE", "0170 1234567", { region: "DE" })).toMatch(/^0171 39200[0-9]{2}$/);
    expect(stateless("PHONE", "020 7183 8750", { region: "GB" })).toMatch(
      /^0(?:20 7946 0|1[1-6]1 496 0|113 496 0|1632 960)[0-9]{3}$/,
    );
    expect(stateless("PHONE", "601 123 456", { language: "pl" })).toMatch(/^000 [0-9]{3} [0-9]{3}$/);
    expect(stateless("PHONE", "0601 123 456")).toMatch(/^0000 [0-9]{3} [0-9]{3}$/);
  });

  it("where nothing was set aside, no country's plan knows them", () => {
    for (const code of [
      "30",
      "31",
      "32",
      "34",
      "36",
      "39",
      "40",
      "41",
      "43",
      "45",
      "47",
      "48",
      "351",
      "352",
      "354",
      "356",
      "357",
      "358",
      "359",
      "370",
      "371",
      "372",
      "385",
      "386",
      "420",
      "421",
      "423",
    ]) {
      for (const rest of ["12345678", "612345678"]) {
        const written = stateless("PHONE", `+${code}${rest}`);
        expect(written).toMatch(new RegExp(`^\\+${code}000[0-9]{${rest.length - 3}}$`));
        expect(parsePhoneNumberFromString(written)?.isValid() ?? false).toBe(false);
      }
    }
    expect(isSupportedCountry("GR")).toBe(true);
  });
});

describe("people", () => {
  it("keep their names apart and together, word by word", () => {
    const replacements = new Replacements();
    const of = (value: string): string => stateless("PERSON", value, { replacements, language: "de" });
    const [first = "", last = ""] = of("Maria Keller").split(" ");
    expect(poolOf("de").female).toContain(first);
    expect(poolOf("de").surnames.map(([man]) => man)).toContain(last);
    expect(of("Keller")).toBe(last);
    expect(of("Maria")).toBe(first);
    expect(of("Frau Keller")).toBe(`Frau ${last}`);
    expect(of("MARIA KELLER")).toBe(`${first} ${last}`.toUpperCase());
    expect(of("maria keller")).toBe(`${first} ${last}`.toLowerCase());
    expect(of("Keller, Maria")).toBe(`${last}, ${first}`);
    expect(of("Maria Keller's")).toBe(`${first} ${last}'s`);
    expect(of("Dr. M. Keller")).toMatch(new RegExp(`^Dr\\. [A-Z]\\. ${last}$`));
    expect(of("Peter Keller").split(" ")[1]).toBe(last);
    expect(stateless("EMAIL", "maria.keller@acme.test", { replacements, language: "de" })).toMatch(
      /^[a-z]+\.[a-z]+[0-9]{4}@example\.(?:org|com|net)$/,
    );
    expect(replacements.restore(`Hallo ${first}, Herr ${last} und ${first} ${last}`)).toBe(
      "Hallo Maria, Herr Keller und Maria Keller",
    );
  });

  it("do the same without a memory", () => {
    const [first = "", last = ""] = stateless("PERSON", "Maria Keller", { language: "de" }).split(" ");
    expect(stateless("PERSON", "Frau Keller", { language: "de" })).toBe(`Frau ${last}`);
    expect(stateless("PERSON", "Maria", { language: "de" })).toBe(first);
  });

  it("keep their sex where it is known", () => {
    for (const language of LANGUAGES) {
      const pool = poolOf(language);
      for (let at = 0; at < 20; at += 7) {
        const woman = stateless("PERSON", `${pool.female[at]} Xyzzyova`, { language }).split(" ");
        const man = stateless("PERSON", `${pool.male[at]} Xyzzy`, { language }).split(" ");
        const order = language === "hu" ? 1 : 0;
        if (language === "hu") continue;
        expect(pool.female, language).toContain(woman[order]);
        expect(pool.male, language).toContain(man[order]);
        expect(pool.surnames.map(([, form]) => form)).toContain(woman[1 - order]);
        expect(pool.surnames.map(([form]) => form)).toContain(man[1 - order]);
      }
    }
    expect(poolOf("cs").surnames.map(([, woman]) => woman)).toContain(
      stateless("PERSON", "Nezvalová", { language: "cs" }),
    );
    expect(poolOf("en").male).toContain(stateless("PERSON", "Mr. Xerxes Doe").split(" ")[1]);
    const [last = "", first = ""] = stateless("PERSON", "Kiss Anna", { language: "hu" }).split(" ");
    expect(poolOf("hu").female).toContain(first);
    expect(poolOf("hu").surnames.map(([man]) => man)).toContain(last);
  });

  it("keep their language and script when nobody says it", () => {
    expect(stateless("PERSON", "Георги Ганев")).toMatch(/^\p{Script=Cyrillic}+ \p{Script=Cyrillic}+$/u);
    expect(stateless("PERSON", "Μαρία Ξένου", { language: "en" })).toMatch(/^\p{Script=Greek}+ \p{Script=Greek}+$/u);
    expect(stateless("PERSON", "Jane Doe", { language: "el" })).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
    const [first = "", last = ""] = stateless("PERSON", "Jürgen Köhler").split(" ");
    expect(poolOf("de").male).toContain(first);
    expect(poolOf("de").surnames.map(([man]) => man)).toContain(last);
  });

  it("let no word of a name through but titles, particles and suffixes", () => {
    faker.seed(7);
    const kept = /^(?:dr|prof|mr|mrs|ms|miss|jr|sr|i+v?|v|phd|dds|md|dvm|van|von|der|den|de|la|y)\.?$/i;
    for (let round = 0; round < 300; round++) {
      const value = faker.person.fullName();
      const written = stateless("PERSON", value);
      const words = new Set(written.split(/[\s.,]+/));
      for (const word of value.split(/[\s.,]+/))
        if (!kept.test(word) && word !== "") expect(words, value).not.toContain(word);
    }
    for (const value of ["Don Draper", "Pan Wei", "Draper Sir", "Hugo Herr", "de la", "II", "Dr", "X", "J. R. R."]) {
      expect(stateless("PERSON", value)).not.toBe(value);
      expect(
        stateless("PERSON", value)
          .split(" ")
          .filter((word) => value.split(" ").includes(word)),
        value,
      ).toEqual([]);
    }
  });

  it("are numbered when the pool is used up", () => {
    const replacements = new Replacements();
    const written = new Set<string>();
    for (let number = 0; number < 1000; number++)
      written.add(
        stateless(
          "PERSON",
          `Xa${String.fromCharCode(97 + (number % 26))}${String.fromCharCode(97 + (Math.floor(number / 26) % 26))}${String.fromCharCode(97 + Math.floor(number / 676))}`,
          { replacements, language: "de" },
        ),
      );
    expect(written.size).toBe(1000);
    expect([...written].some((name) => /[0-9]/.test(name))).toBe(true);
    expect([...written].some((name) => name.includes("-"))).toBe(true);
  });

  it("do not take the name of somebody in the same text", () => {
    const replacements = new Replacements();
    const taken = stateless("PERSON", "Xylo", { language: "de" });
    stateless("PERSON", taken, { replacements, language: "de" });
    expect(stateless("PERSON", "Xylo", { replacements, language: "de" })).not.toBe(taken);
  });
});

it("what nobody can own stays when it is scrubbed again, other stand-ins do not", () => {
  const replacements = new Replacements();
  for (const [type, values] of Object.entries(EXAMPLES)) {
    const written = stateless(type, values[0] as string, { replacements });
    const again = stateless(type, written, { replacements });
    const owned = [
      "PERSON",
      "LOCATION",
      "ORGANIZATION",
      "ADDRESS",
      "DATE_OF_BIRTH",
      "COORDINATES",
      "USER_HANDLE",
      "LICENCE_PLATE",
      "PASSPORT_NUMBER",
      "DRIVING_LICENCE_NUMBER",
      "ID_CARD_NUMBER",
      "ACCOUNT_NUMBER",
      "ORDER_NUMBER",
      "CUSTOMER_NUMBER",
    ];
    if (owned.includes(type)) expect(again, type).not.toBe(written);
    else expect(again, type).toBe(written);
  }
});

it("addresses keep their lines and go with their language", () => {
  expect(stateless("ADDRESS", "Hauptstr. 5\n10115 Berlin", { language: "de" })).toMatch(
    /^\p{L}+ [3-8][0-9]{2}\n[0-9]{5} \p{L}+$/u,
  );
  for (const language of LANGUAGES) {
    const value = language === "bg" ? "ул. Шипка 5" : language === "el" ? "Ερμού 5" : "Somewhere 5";
    expect(stateless("ADDRESS", value, { language })).not.toMatch(/[#?]|(?<!\p{L})[SNPC](?!\p{L})/u);
  }
});

describe("refusals", () => {
  it.each([
    ["SECRET", "sk-live-1234", "type_unsupported"],
    ["toString", "x", "type"],
    ["PHONE", "call me", "not_in_format"],
    ["CARD", "x", "not_in_format"],
    ["IBAN", "DE", "not_in_format"],
    ["BIC", "DEUT", "not_in_format"],
    ["CRYPTO_WALLET", "short", "not_in_format"],
    ["MAC_ADDRESS", "00:1A", "not_in_format"],
    ["DATE_OF_BIRTH", "long ago", "not_in_format"],
    ["COORDINATES", "here", "not_in_format"],
    ["PERSON", "12345", "not_in_format"],
    ["NATIONAL_ID", "---", "not_in_format"],
  ])("%s %s: %s, without the value in the message", (type, value, code) => {
    try {
      expect(stateless(type, value)).toBe("a refusal");
    } catch (error) {
      if (code === "type") expect(error).toBeInstanceOf(TypeError);
      else expect(error).toMatchObject({ code });
      if (value.length > 1) expect((error as Error).message).not.toContain(value);
    }
  });

  it.each([
    ["type", () => stateless("person", "x")],
    ["value", () => stateless("PERSON", null as unknown as string)],
    ["options.keys", () => surrogate("PERSON", "x", {} as SurrogateOptions)],
    ["options.replacements", () => stateless("PERSON", "x", { replacements: new Map() as unknown as Replacements })],
  ])("a wrong %s is a TypeError that names it", (argument, call) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(new RegExp(`^${argument.replace(".", "\\.")} `));
  });
});
