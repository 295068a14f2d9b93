import { describe, expect, it } from "vitest";
import { LITERAL, PlaceholderMap } from "./placeholders.ts";

describe("F8 numbering", () => {
  it("gives one number to one value and one value to one number, per type by first appearance", () => {
    const map = new PlaceholderMap();
    const placeholders = [
      map.issue("EMAIL", "jane@example.org"),
      map.issue("EMAIL", "joe@example.org"),
      map.issue("EMAIL", "Jane@Example.org"),
      map.issue("IBAN", "DE89 3704 0044 0532 0130 00"),
      map.issue("IBAN", "DE89370400440532013000"),
    ].map(({ placeholder }) => placeholder);
    expect(placeholders).toEqual(["[EMAIL_1]", "[EMAIL_2]", "[EMAIL_1]", "[IBAN_1]", "[IBAN_1]"]);
    expect(map.issued().map(({ value }) => value)).toEqual([
      "jane@example.org",
      "joe@example.org",
      "DE89 3704 0044 0532 0130 00",
    ]);
    expect(map.lookup("[EMAIL_2]")?.value).toBe("joe@example.org");
    expect(map.lookup("[EMAIL_3]")).toBeUndefined();
  });

  it("also when there are many, in whatever order they come again", () => {
    const map = new PlaceholderMap();
    const issue = (n: number) => map.issue(n % 2 === 0 ? "EMAIL" : "CARD", `value ${n}`).placeholder;
    const first = Array.from({ length: 40 }, (_, n) => issue(n));
    expect(first.slice(0, 3)).toEqual(["[EMAIL_1]", "[CARD_1]", "[EMAIL_2]"]);
    expect(new Set(first).size).toBe(40);
    expect(first.map((_, n) => issue(39 - n))).toEqual(first.toReversed());
  });

  it("does not mix types up that share a value", () => {
    const map = new PlaceholderMap();
    expect(map.issue("ORDER_NUMBER", "123").placeholder).toBe("[ORDER_NUMBER_1]");
    expect(map.issue("CUSTOMER_NUMBER", "123").placeholder).toBe("[CUSTOMER_NUMBER_1]");
  });

  it("keeps literals apart that differ in case", () => {
    const map = new PlaceholderMap();
    expect(map.issue(LITERAL, "[EMAIL_1]").placeholder).toBe("[LITERAL_1]");
    expect(map.issue(LITERAL, "[email_1]").placeholder).toBe("[LITERAL_2]");
    expect(map.issue(LITERAL, "[EMAIL_1]").placeholder).toBe("[LITERAL_1]");
  });

  it("F9 goes on where an earlier request of the conversation stopped", () => {
    const digest = (type: string, key: string) => [...`${type}/${key}`].toReversed().join("");
    const first = new PlaceholderMap({ digest });
    first.issue("EMAIL", "jane@example.org");
    first.issue("EMAIL", "system@example.org", false);
    expect(JSON.stringify(first.carry())).not.toContain("system@example.org");
    const second = new PlaceholderMap({
      digest,
      initial: new PlaceholderMap({ digest, initial: first.carry() }).carry(),
    });
    expect(second.issue("EMAIL", "new@example.org").placeholder).toBe("[EMAIL_3]");
    expect(second.issue("EMAIL", "SYSTEM@example.org", false).placeholder).toBe("[EMAIL_2]");
    expect(second.issue("EMAIL", "jane@example.org").placeholder).toBe("[EMAIL_1]");
    expect(second.size).toBe(3);
    expect(second.issue("EMAIL", "system@example.org").restorable).toBe(true);
    expect(second.carry()[1]).toMatchObject({ value: "system@example.org", key: "system@example.org" });
  });
});

describe("F15 what may come back", () => {
  it("a value seen in system text only is not restorable, and its text is not kept", () => {
    const map = new PlaceholderMap();
    expect(map.issue("EMAIL", "boss@example.org", false)).toMatchObject({ restorable: false, value: "", number: 1 });
  });

  it("a value that the user typed too is restorable under the same number, whichever came first", () => {
    const systemFirst = new PlaceholderMap();
    systemFirst.issue("EMAIL", "BOSS@example.org", false);
    systemFirst.issue("EMAIL", "boss@example.org", true);
    const userFirst = new PlaceholderMap();
    userFirst.issue("EMAIL", "boss@example.org", true);
    userFirst.issue("EMAIL", "BOSS@example.org", false);
    expect(systemFirst.issued()).toEqual(userFirst.issued());
    expect(systemFirst.issued()).toMatchObject([
      { placeholder: "[EMAIL_1]", value: "boss@example.org", restorable: true },
    ]);
  });

  it("a type that is never restored keeps no value, typed by the user or remembered from before", () => {
    const restorable = (type: string) => type !== "CARD";
    const map = new PlaceholderMap({ restorable });
    expect(map.issue("CARD", "4111111111111111")).toMatchObject({ restorable: false, value: "" });
    const before = new PlaceholderMap({ digest: () => "x" });
    before.issue("CARD", "4111111111111111");
    expect(new PlaceholderMap({ restorable, initial: before.carry() }).issued()).toMatchObject([
      { restorable: false, value: "" },
    ]);
  });
});
