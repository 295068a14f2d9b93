import { describe, expect, it } from "vitest";
import { applyOperator, maskValue, type Operator } from "./operators.ts";
import { PlaceholderMap } from "./placeholders.ts";

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
  const context = () => ({
    map: new PlaceholderMap(),
    restorable: true,
    hash: (type: string, normalized: string) => `${type}/${normalized}`,
  });

  it.each<[Operator, string, number]>([
    ["placeholder", "[EMAIL_1]", 1],
    ["redact", "[EMAIL]", 0],
    ["mask", "J***@E***.org", 0],
    ["hash", "[EMAIL:EMAIL/jane@example.org]", 0],
    ["drop", "", 0],
    ["allow", "Jane@Example.org", 0],
    ["block", "[EMAIL]", 0],
  ])("%s writes %s", (operator, written, issued) => {
    const one = context();
    expect(applyOperator(operator, "EMAIL", "Jane@Example.org", one)).toBe(written);
    expect(one.map.size).toBe(issued);
  });
});
