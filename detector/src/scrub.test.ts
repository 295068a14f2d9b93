import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { restore, scrub } from "./scrub.ts";

const LETTER =
  "Jane (jane.doe@example.org, +49 170 1234567) paid from DE89 3704 0044 0532 0130 00. " +
  "Reply to Jane.Doe@example.org or joe@example.net; keep [EMAIL_1], EMAIL_2 and [email 7] as they are.";

describe("scrub and restore", () => {
  it("F8 gives one placeholder to one value, and takes everything back", () => {
    const { scrubbed, entities, bareWords } = scrub(LETTER);
    expect(scrubbed).toBe(
      "Jane ([EMAIL_1], [PHONE_1]) paid from [IBAN_1]. " +
        "Reply to [EMAIL_1] or [EMAIL_2]; keep [LITERAL_1], EMAIL_2 and [LITERAL_2] as they are.",
    );
    expect(restore(scrubbed, entities, bareWords)).toBe(LETTER.replace("Jane.Doe@", "jane.doe@"));
  });

  it("keeps what is never restored out of the entities", () => {
    const { scrubbed, entities } = scrub("card 4111 1111 1111 1111, jane@example.org, [CARD_1]", {
      neverRestore: ["financial"],
    });
    expect(scrubbed).toBe("card [CARD_1], [EMAIL_1], [CARD_1]");
    expect(entities).toEqual([{ placeholder: "[EMAIL_1]", type: "EMAIL", value: "jane@example.org" }]);
    expect(restore(scrubbed, entities)).toBe("card [CARD_1], jane@example.org, [CARD_1]");
  });

  it("takes operators by type, then by category, then by default", () => {
    const text = "jane@example.org, +49 170 1234567, card 4111 1111 1111 1111, 192.0.2.17";
    const operators = { EMAIL: "hash", contact: "redact", financial: "block" } as const;
    const result = scrub(text, {
      operators,
      defaultOperator: "mask",
      hash: (type, normalized) => `${type.length}${normalized.length}`,
    });
    expect(result.scrubbed).toBe("[EMAIL:516], [PHONE], card [CARD], 192.***");
    expect(result.blocked).toEqual(["CARD"]);
    expect(() => scrub(text, { operators })).toThrow(TypeError);
  });

  it("restores any text that is scrubbed with placeholders, one form for each value", () => {
    const word = fc.constantFrom(
      "jane@example.org",
      "joe@example.net",
      "[EMAIL_1]",
      "EMAIL_1",
      "[LITERAL_1]",
      "[[EMAIL_2]]",
      "\\[EMAIL\\_1\\]",
      "(",
      "[",
      "]",
      "x",
      "&#91;",
      "192.0.2.17",
      "\n",
      "DE89370400440532013000",
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (words) => {
        const text = words.join(" ");
        const { scrubbed, entities, bareWords } = scrub(text);
        expect(restore(scrubbed, entities, bareWords)).toBe(text);
        expect(scrubbed).not.toMatch(/example\.org|example\.net|192\.0|DE89/);
      }),
    );
  });
});
