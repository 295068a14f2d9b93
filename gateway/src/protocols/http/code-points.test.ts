import fc from "fast-check";
import { expect, test } from "vitest";
import { CodePoints } from "./code-points.ts";

test("counts as an iteration over the text counts, both ways", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "é", "😀", "𝔘", "\u200d", "\ud83d", "\ude00")), (parts) => {
      const text = parts.join("");
      const points = new CodePoints(text);
      const characters = [...text];
      expect(points.length).toBe(characters.length);
      let unit = 0;
      for (const [point, character] of characters.entries()) {
        expect([points.of(unit), points.unit(point)]).toEqual([point, unit]);
        unit += character.length;
      }
      expect([points.of(unit), points.unit(characters.length)]).toEqual([characters.length, unit]);
    }),
  );
});
