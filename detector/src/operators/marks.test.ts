import { describe, expect, it } from "vitest";
import { detect } from "../detect.ts";
import { dropMarks, findMarks } from "./marks.ts";

const TOKEN = `[EMAIL~AQEC${"azAZ09-_".repeat(4)}]`;

describe("marks", () => {
  it.each(["[EMAIL:9f8a1b2c9f8a1b2c]", "[PHONE:12345678]", "[PERSON:7f3azzzz7f3azzzz]", TOKEN])("%s is one", (mark) => {
    expect(findMarks(`${mark} and ${mark}`)).toEqual([
      { start: 0, end: mark.length },
      { start: mark.length + 5, end: 2 * mark.length + 5 },
    ]);
  });

  it.each([
    "[NOTE:9f8a1b2c9f8a1b2c]",
    "[EMAIL:jane@example.org]",
    "[EMAIL:9f8a]",
    "[PERSON:janeroedoe]",
    "[EMAIL:9F8A1B2C9F8A1B2C]",
    "[EMAIL~short]",
    "[SECRET~ghp_0123456789abcdefghijABCDEFGHIJ012345]",
    "[EMAIL_1]",
    "[toString:9f8a1b2c9f8a1b2c]",
    "EMAIL:9f8a1b2c9f8a1b2c]",
  ])("%s is none", (text) => {
    expect(findMarks(text)).toEqual([]);
  });

  it("a value in the brackets of somebody else is still found", () => {
    const text = "[USER:jane.roe@example.org] [EMAIL:joe@example.org] [IBAN:DE89370400440532013000]";
    expect(detect(text, { types: ["EMAIL", "IBAN"] }).map(({ start, end }) => text.slice(start, end))).toEqual([
      "jane.roe@example.org",
      "joe@example.org",
      "DE89370400440532013000",
    ]);
  });

  it("findings in and as marks are dropped, others stay, in their order", () => {
    const text = `ab ${TOKEN} cd person_7f3azzzz7f3azzzz ef`;
    const at = text.indexOf("[");
    const found = [
      { start: 0, end: 2 },
      { start: at, end: at + TOKEN.length },
      { start: at + 12, end: at + 20 },
      { start: at + 12, end: at + TOKEN.length + 3 },
      { start: text.indexOf("7f3a"), end: text.indexOf(" ef") },
      { start: text.length - 2, end: text.length },
    ];
    dropMarks(text, 0, text.length, found);
    expect(found).toEqual([
      { start: 0, end: 2 },
      { start: at + 12, end: at + TOKEN.length + 3 },
      { start: text.length - 2, end: text.length },
    ]);
  });

  it("the networks that generalize writes are not found again, addresses are", () => {
    const text =
      "from 93.184.216.0/24 and 2a00:1450:4001::/48, but 93.184.216.34/24, 93.184.216.0 and 2a00:1450:4001::1";
    expect(detect(text, { types: ["IP_ADDRESS"] }).map(({ start, end }) => text.slice(start, end))).toEqual([
      "93.184.216.34",
      "93.184.216.0",
      "2a00:1450:4001::1",
    ]);
  });

  it("a mark must stand whole in the stretch that is looked at", () => {
    const found = [{ start: 10, end: 20 }];
    dropMarks(TOKEN, 0, TOKEN.length - 1, found);
    expect(found).toHaveLength(1);
  });

  it("takes time in proportion to the text", () => {
    const startedAt = performance.now();
    for (const part of ["[", "[A", "[EMAIL:", "[EMAIL~a", "a_"]) {
      const text = part.repeat(50_000);
      expect(findMarks(text)).toEqual([]);
      dropMarks(text, 0, text.length, [{ start: 5, end: 6 }]);
    }
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
