import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalized, type Normalizing } from "./identifier.ts";

const settings: Normalizing = { region: "DE", stripTags: true };
const of = (type: string, value: string, more: Partial<Normalizing> = {}): string | undefined =>
  normalized({ type, value }, { ...settings, ...more });

/** Written forms of one person's identifier. */
const SAME: readonly (readonly [string, readonly string[]])[] = [
  ["EMAIL", ["jane.doe@example.com", "Jane.Doe@Example.COM", " jane.doe@example.com ", "jane.doe+news@example.com"]],
  [
    "EMAIL",
    ["jane.doe@example.com", "ｊａｎｅ.doe@example.com", "jane.doe%40example.com", "jane.\u00addoe@example.com."],
  ],
  ["EMAIL", ["info@müller.example", "INFO@MÜLLER.example", "info@xn--mller-kva.example", "info@mu\u0308ller.example"]],
  ["PHONE", ["+49 30 901820", "+4930901820", "0049 30 901820", "030 901820", "+49 (0)30 90-18-20", "(030) 90 18 20"]],
  ["PHONE", ["+1 202-555-0143", "+1 (202) 555 0143", "001.202.555.0143", "＋１ ２０２ ５５５ ０１４３"]],
  [
    "IBAN",
    [
      "DE89 3704 0044 0532 0130 00",
      "de89370400440532013000",
      "DE89-3704-0044-0532-0130-00",
      "DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000",
    ],
  ],
  ["CARD", ["4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111"]],
  [
    "PERSON",
    ["Jane Doe", "JANE DOE", "jane  doe", "Jane\u00a0Doe", "Doe, Jane", "Jane\nDoe", "Jane Doe,", "J\u00adane Doe"],
  ],
  ["PERSON", ["José Núñez", "JOSÉ NÚÑEZ", "Jose\u0301 Nu\u0301n\u0303ez", "Jose\u200d\u0301 Núñez"]],
  ["PERSON", ["Sinéad O’Connor-Smith", "Sinéad O'Connor‐Smith", "SINÉAD O'CONNOR–SMITH"]],
  ["PERSON", ["Anna Weiß", "ANNA WEISS", "ANNA WEIẞ"]],
  ["PERSON", ["Γιώργος", "ΓΙΏΡΓΟΣ"]],
  ["SOCIAL_SECURITY_NUMBER", ["123-45-6789", "123 45 6789", "123456789"]],
  ["NATIONAL_ID", ["850709-9805", "8507099805"]],
  ["TAX_ID", ["12 345 678 901", "12345678901"]],
  ["PASSPORT_NUMBER", ["C01X 00T47", "c01x00t47"]],
  ["LICENCE_PLATE", ["B-AB 123", "B AB 123", "b-ab123", "B AB-123"]],
  ["IP_ADDRESS", ["2001:db8::1", "2001:0DB8:0:0:0:0:0:1", "2001:db8:0::0:1"]],
  ["IP_ADDRESS", ["192.0.2.7", "::ffff:192.0.2.7", "::FFFF:c000:207"]],
  ["MAC_ADDRESS", ["00:1a:2b:3c:4d:5e", "00-1A-2B-3C-4D-5E", "001a.2b3c.4d5e"]],
  ["USER_HANDLE", ["@jane_doe", "jane_doe", "@Jane_Doe"]],
  ["CRYPTO_WALLET", ["0x52908400098527886E0F7030069857D2E4169EE7", "0x52908400098527886e0f7030069857d2e4169ee7"]],
  ["CUSTOMER_NUMBER", ["#K-4711", "k-4711", "# K-4711"]],
  ["MEMBER", ["A 17", "A  17", " A 17 "]],
];

/** Of two people, or of two things. */
const DIFFERENT: readonly (readonly [string, string, string])[] = [
  ["EMAIL", "jane.doe@example.com", "janedoe@example.com"],
  ["EMAIL", "jane@example.com", "jane@mail.example.com"],
  ["EMAIL", "+a@example.com", "+b@example.com"],
  ["EMAIL", "jane@example.com", "jane@example.co"],
  ["EMAIL", "jane-a@example.com", "jane-b@example.com"],
  ["PHONE", "030 901820", "+43 30 901820"],
  ["PHONE", "+49 30 901820", "+49 30 901821"],
  ["PHONE", "+1 202 555 0143", "+44 20 2555 0143"],
  ["PERSON", "Müller", "Muller"],
  ["PERSON", "Müller", "Mueller"],
  ["PERSON", "Jane Doe", "Jane Roe"],
  ["PERSON", "Thomas Dylan", "Dylan Thomas"],
  ["PERSON", "Thomas, Dylan", "Thomas Dylan"],
  ["PERSON", "Jan Edoe", "Jane Doe"],
  ["PERSON", "Ana", "Anna"],
  ["PERSON", "Peña", "Pena"],
  ["PERSON", "Jane Doe", "Jane Doe Jr."],
  ["PERSON", "राजू", "राजी"],
  ["PERSON", "राजू", "राज"],
  ["PERSON", "ปราณี", "ปราณ"],
  ["LICENCE_PLATE", "B-AB 123", "BA-B 123"],
  ["LICENCE_PLATE", "12-34-AB", "1-234-AB"],
  ["IBAN", "DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 01"],
  ["CRYPTO_WALLET", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "1bvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"],
  ["IP_ADDRESS", "2001:db8::1", "2001:db8::10"],
  ["SUBJECT", "customer-4711", "Customer-4711"],
  ["MEMBER", "a-17", "A-17"],
];

describe("an identifier", () => {
  test.each(SAME)("of type %s is one however it is written: %j", (type, forms) => {
    const all = new Set(forms.map((form) => of(type, form)));
    expect([...all]).toHaveLength(1);
    expect(all.has(undefined)).toBe(false);
  });

  test.each(DIFFERENT)("of type %s is never another one's: %s, %s", (type, one, other) => {
    expect(of(type, one)).not.toBe(of(type, other));
  });

  test("keeps its +tag where the configuration says that tags are people", () => {
    expect(of("EMAIL", "office+jane@example.com", { stripTags: false })).toBe("office+jane@example.com");
    expect(of("EMAIL", "office+jane@example.com")).toBe("office@example.com");
  });

  test("a telephone number without its country is one only where the region is known", () => {
    expect(of("PHONE", "030 901820")).toBe("+4930901820");
    expect(of("PHONE", "030 901820", { region: undefined })).toBe("030901820");
    expect(of("PHONE", "+49 30 901820", { region: undefined })).toBe("+4930901820");
    expect(of("PHONE", "020 2555 0143", { region: "GB" })).toBe("+442025550143");
  });

  test.each([
    ["EMAIL", "@"],
    ["EMAIL", " "],
    ["PHONE", "+"],
    ["PERSON", "—"],
    ["PERSON", "\u200b\u00ad"],
    ["IBAN", "- -"],
    ["CARD", "...."],
    ["USER_HANDLE", "@"],
    ["LICENCE_PLATE", "--"],
    ["MEMBER", "\t"],
    ["SUBJECT", ""],
  ])("of type %s of which nothing is left names nobody: %j", (type, value) => {
    expect(of(type, value)).toBeUndefined();
  });

  test("of the controller's own systems is taken as it is", () => {
    expect(of("SUBJECT", " Customer+4711 ")).toBe(" Customer+4711 ");
  });

  test("is one however its letters are composed and whatever stands around it, in every type", () => {
    const types = [...new Set([...SAME, ...DIFFERENT].map(([type]) => type))].filter((type) => type !== "SUBJECT");
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.string({ unit: "grapheme", maxLength: 60 }), (type, value) => {
        const known = of(type, value);
        for (const form of ["NFC", "NFD", "NFKC", "NFKD"]) expect(of(type, value.normalize(form))).toBe(known);
        expect(of(type, ` ${value}\u00ad\u200b\n`)).toBe(known);
      }),
      { numRuns: 2_000 },
    );
  });

  test("is never longer than a bound, and no shorter one's for it", () => {
    const long = "a".repeat(100_000);
    expect(of("PERSON", long)?.length).toBeLessThan(5_000);
    expect(of("PERSON", long)).not.toBe(of("PERSON", `${long}a`));
  });
});
