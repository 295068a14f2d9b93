import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { detect } from "../detect.ts";
import { PlaceholderMap } from "../placeholders.ts";
import { restore, scrub } from "../scrub.ts";
import { TYPES } from "../types.ts";
import { OperatorError } from "./errors.ts";
import { decryptFormat } from "./format-preserving.ts";
import { OperatorKeys } from "./keys.ts";
import { maskValue } from "./mask.ts";
import { applyOperator, type Operator, type OperatorContext, OPERATORS, type OperatorSettings } from "./operators.ts";
import { Replacements } from "./replacements.ts";
import { decryptText, decryptToken } from "./seal.ts";

const keys = new OperatorKeys({ master: new Uint8Array(32).fill(1), keyId: "k1", purpose: "tests", epoch: "1" });
const names = Object.keys(OPERATORS) as Operator[];

function settings(): OperatorSettings {
  let next = 0;
  const nonce = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(next++ & 255);
  return { keys, nonce, replacements: new Replacements() };
}

function newContext(more: Partial<OperatorContext> = {}): OperatorContext {
  const hash = (type: string, normalized: string): string => `${type}/${normalized}`;
  return { map: new PlaceholderMap(), restorable: true, hash, ...settings(), ...more };
}

/** What is detected in a text; one value a type at least. */
const VALUES: Readonly<Record<string, string>> = {
  EMAIL: "Jane@Example.org",
  PHONE: "+49 170 1234567",
  CARD: "4111 1111 1111 1111",
  IBAN: "DE89 3704 0044 0532 0130 00",
  IP_ADDRESS: "198.51.100.17",
  DATE_OF_BIRTH: "14.03.1985",
  ORDER_NUMBER: "A-10023",
  PERSON: "Maria Keller",
  SECRET: "Tr0ub4dor-3xk9Q",
  NATIONAL_ID: "85.07.30-033.28",
  ADDRESS: "Hauptstr. 5, 10115 Berlin",
  COORDINATES: "52.51628, 13.37770",
};

describe("maskValue", () => {
  it.each([
    ["EMAIL", "jane.doe@mail.example.org", "j***@m***.org"],
    ["EMAIL", "not an address", "***"],
    ["CARD", "4111 1111 1111 1111", "**** **** **** 1111"],
    ["IBAN", "DE89 3704 0044 0532 0130 00", "DE** **** **** **** **30 00"],
    ["PHONE", "+49 (170) 123-4567", "+** (***) ***-4567"],
    ["PHONE", "12345", "*****"],
    ["IP_ADDRESS", "192.0.2.17", "192.***"],
    ["IP_ADDRESS", "2001:db8::1", "2001:***"],
    ["URL", "https://example.org/jane", "https://***"],
    ["SECRET", "sk-live-1234567890", "***"],
    ["PERSON", "Jane Doe", "***"],
    ["toString", "x", "***"],
  ])("%s %s → %s", (type, value, masked) => {
    expect(maskValue(type, value)).toBe(masked);
  });
});

describe("applyOperator", () => {
  it.each<[Operator, string | RegExp, number]>([
    ["placeholder", "[EMAIL_1]", 1],
    ["redact", "[EMAIL]", 0],
    ["mask", "J***@E***.org", 0],
    ["hash", "[EMAIL:EMAIL/jane@example.org]", 0],
    ["pseudonym", /^\[EMAIL:[0-9a-z]{16}\]$/, 0],
    ["surrogate", /^[a-z]+[0-9]{4}@example\.(?:org|com|net)$/, 0],
    ["encrypt", /^\[EMAIL~[A-Za-z0-9_-]+\]$/, 0],
    ["encrypt-deterministic", /^\[EMAIL~[A-Za-z0-9_-]+\]$/, 0],
    // No form is known for these.
    ["format-preserving", "[EMAIL]", 0],
    ["generalize", "[EMAIL]", 0],
    ["drop", "", 0],
    ["allow", "Jane@Example.org", 0],
    ["block", "[EMAIL]", 0],
  ])("%s writes %s", (operator, written, issued) => {
    const context = newContext();
    const got = applyOperator(operator, "EMAIL", "Jane@Example.org", context);
    if (typeof written === "string") expect(got).toBe(written);
    else expect(got).toMatch(written);
    expect(context.map.size).toBe(issued);
  });

  it("has a row for each operator in the test above, and every row says what it is", () => {
    for (const name of names) {
      const { reversible, undo, keyed, needs, types, description } = OPERATORS[name];
      expect(undo === undefined).toBe(!reversible);
      expect(keyed).toBe(needs.includes("keys") || needs.includes("hash"));
      expect(types === "all" || types.length > 0).toBe(true);
      expect(description).not.toMatch(/anonym/i);
    }
    expect(names).toHaveLength(13);
  });

  it("lets no value through but with allow, whatever the type", () => {
    const types = [...Object.keys(TYPES), "MY_TYPE"];
    const values = fc.oneof(fc.string({ minLength: 4, unit: "grapheme" }), fc.constantFrom(...Object.values(VALUES)));
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.constantFrom(...types), values, (operator, type, value) => {
        fc.pre(/[\p{L}\p{N}]{2}/u.test(value) && !/^[A-Z_]+$/.test(value) && operator !== "allow");
        const context = newContext({ hash: () => "9f8a9f8a9f8a9f8a" });
        const written = applyOperator(operator, type, value, context);
        // A value without a value in it, "1850" for a year, may be as coarse as it gets.
        if (operator !== "generalize") expect(written).not.toBe(value);
        if (value.length > 12 && operator !== "generalize") expect(written).not.toContain(value);
      }),
      { numRuns: 600 },
    );
  });

  it.each(names)("%s is deterministic, but for fresh nonces", (operator) => {
    for (const [type, value] of Object.entries(VALUES)) {
      const [one, other] = [newContext(), newContext()];
      const written = applyOperator(operator, type, value, one);
      expect(applyOperator(operator, type, value, other)).toBe(written);
      if (operator !== "encrypt") expect(applyOperator(operator, type, value, one)).toBe(written);
    }
  });

  it("takes back what its row says can be taken back", () => {
    for (const [type, value] of Object.entries(VALUES)) {
      const context = newContext();
      const of = (operator: Operator): string => applyOperator(operator, type, value, context);
      expect(decryptToken(of("encrypt"), [keys])).toBe(value);
      expect(decryptText(`x ${of("encrypt-deterministic")}`, [keys])).toBe(`x ${value}`);
      if (OPERATORS["format-preserving"].types.includes(type))
        expect(decryptFormat(type, of("format-preserving"), keys)).toBe(value);
      for (const operator of ["surrogate", "format-preserving"] as const) {
        const own = newContext();
        const written = applyOperator(operator, type, value, own);
        if (written !== `[${type}]`) expect(own.replacements?.restore(`x ${written} y`)).toBe(`x ${value} y`);
      }
    }
  });

  it("keeps values of system text out of what can be put back", () => {
    for (const operator of ["surrogate", "format-preserving"] as const) {
      const context = newContext({ restorable: false });
      const written = applyOperator(operator, "CARD", "4111 1111 1111 1111", context);
      expect(context.replacements?.restore(written)).toBe(written);
    }
  });

  it("fails instead of redacting when it is told to", () => {
    const strict = newContext({ unfit: "throw" });
    expect(() => applyOperator("format-preserving", "PERSON", "Jane Doe", strict)).toThrow(OperatorError);
    expect(() => applyOperator("format-preserving", "PHONE", "+49 12345", strict)).toThrow(
      expect.objectContaining({ code: "domain_too_small" }),
    );
    expect(() => applyOperator("generalize", "AGE", "secret age", strict)).not.toThrow(/secret/);
    expect(applyOperator("format-preserving", "PHONE", "+49 12345", newContext())).toBe("[PHONE]");
  });
});

describe("a text that was scrubbed", () => {
  const TEXT =
    "Write to jane.doe@acme.test or call +49 170 1234567. IBAN DE89 3704 0044 0532 0130 00, card 4111 1111 1111 1111, " +
    "order number A-10023, from 93.184.216.34, password: Tr0ub4dor-3xk9Q.";
  /** Their results are values: a telephone number, an order number. */
  const again: ReadonlySet<Operator> = new Set(["allow", "format-preserving", "surrogate"]);

  it.each(names.filter((name) => !again.has(name)))("with %s stays as it is when it is scrubbed again", (operator) => {
    const options = { defaultOperator: operator, hash: () => "9f8a9f8a9f8a9f8a", settings: settings() };
    const types = detect(TEXT).map((finding) => finding.type);
    expect(types).toEqual(expect.arrayContaining(["EMAIL", "PHONE", "IBAN", "CARD"]));
    const once = scrub(TEXT, options).scrubbed;
    expect(once).not.toMatch(/jane\.doe|1234567|0532 0130|4111 1111|A-10023|93\.184\.216\.34|Tr0ub4dor/);
    // Placeholders of the first text are literals in the second one, as they must be.
    if (operator !== "placeholder") expect(scrub(once, options).scrubbed).toBe(once);
  });

  it("with surrogates and format-preserving encryption comes back whole", () => {
    for (const operator of ["surrogate", "format-preserving"] as const) {
      const own = settings();
      const { scrubbed, entities, bareWords } = scrub(TEXT, {
        defaultOperator: operator,
        settings: own,
        operators: { SECRET: "encrypt" },
      });
      const back = restore(decryptText(own.replacements?.restore(scrubbed) ?? "", [keys]), entities, bareWords);
      // What has no form in one of the operators is gone for good.
      const lost = operator === "surrogate" ? [] : ["jane.doe@acme.test", "A-10023", "93.184.216.34"];
      const expected = lost.reduce(
        (text, value) =>
          text.replace(
            value,
            (found) => `[${detect(TEXT).find(({ start, end }) => TEXT.slice(start, end) === found)?.type}]`,
          ),
        TEXT,
      );
      expect(back).toBe(expected);
    }
  });
});

describe("wrong arguments are TypeErrors that name them", () => {
  it.each<[string, () => unknown]>([
    ["operator", () => applyOperator("anonymise" as Operator, "EMAIL", "x", newContext())],
    ["operator", () => applyOperator("toString" as Operator, "EMAIL", "x", newContext())],
    ["type", () => applyOperator("redact", 1 as unknown as string, "x", newContext())],
    ["value", () => applyOperator("redact", "EMAIL", undefined as unknown as string, newContext())],
    ["context", () => applyOperator("redact", "EMAIL", "x", null as unknown as OperatorContext)],
    ["context.map", () => applyOperator("placeholder", "EMAIL", "x", {} as OperatorContext)],
    ["context.hash", () => applyOperator("hash", "EMAIL", "x", {} as OperatorContext)],
    ["context.keys", () => applyOperator("pseudonym", "EMAIL", "x", {} as OperatorContext)],
    ["context.nonce", () => applyOperator("encrypt", "EMAIL", "x", { keys } as unknown as OperatorContext)],
    ["keys", () => applyOperator("pseudonym", "EMAIL", "x", newContext({ keys: {} as OperatorKeys }))],
  ])("%s", (argument, call) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(new RegExp(`^${argument.replace(".", "\\.")} `));
  });
});
