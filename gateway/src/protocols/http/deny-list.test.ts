import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DenyList, type Hit, leftmostLongest } from "./deny-list.ts";

const found = (words: readonly string[], text: string, fold = true, piece = text.length || 1): string[] => {
  const search = new DenyList(words, fold).search();
  const hits: Hit[] = [];
  for (let from = 0; from < text.length; from += piece)
    hits.push(...search(text, from, Math.min(text.length, from + piece)));
  return leftmostLongest(hits).map(({ start, end }) => text.slice(start, end));
};

describe("a list of words", () => {
  test.each([
    [["mr", "mrs."], "Mr Smith, mrs. Jones, MRS and mrsa", ["Mr", "mrs."]],
    [["new york", "york", "new"], "New York, old york, anew", ["New York", "york"]],
    [["+49-1", "a"], "call +49-1 or a+49-12", ["+49-1", "a"]],
    [["Ärger"], "ärger ÄRGER Ärgers", ["ärger", "ÄRGER"]],
    [["he", "she", "hers"], "she hers he", ["she", "hers", "he"]],
    [["😀"], "a😀 😀", ["😀"]],
    [[""], "a", []],
  ])("%j is found whole in %j", (words, text, expected) => {
    expect(found(words, text)).toEqual(expected);
  });

  test("minds case where it is told to", () => {
    expect(found(["Title"], "title Title", false)).toEqual(["Title"]);
  });

  test("is found where a plain search finds it, in any pieces", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", " ", "A"), minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 6 }),
        fc.string({ unit: fc.constantFrom("a", "b", " ", "B", "."), maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        (words, text, piece) => {
          const isWord = (at: number) => /[ab]/i.test(text.charAt(at));
          const plain: Hit[] = [];
          for (let start = 0; start < text.length; start++) {
            for (const each of words) {
              const end = start + each.length;
              if (text.slice(start, end).toLowerCase() === each.toLowerCase() && !isWord(start - 1) && !isWord(end))
                plain.push({ start, end });
            }
          }
          expect(found(words, text, true, piece)).toEqual(
            leftmostLongest(plain).map(({ start, end }) => text.slice(start, end)),
          );
        },
      ),
    );
  });
});
