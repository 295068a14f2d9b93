import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Replacements } from "./replacements.ts";

function keller(): Replacements {
  const replacements = new Replacements();
  for (const [value, written] of [
    ["Maria Keller", "Anna Schmidt"],
    ["Keller", "Schmidt"],
    ["Maria", "Anna"],
    ["Jo", "Li"],
  ] as const)
    replacements.add("PERSON", value.toLowerCase(), value, written, true);
  replacements.add("EMAIL", "maria@keller.de", "maria@keller.de", "anna.schmidt1234@example.org", true);
  replacements.add("PHONE", "+4930123456", "+49 30 123456", "+49 30 23125017", true);
  return replacements;
}

describe("restore", () => {
  it.each([
    ["Dear Anna Schmidt,", "Dear Maria Keller,"],
    ["Frau Schmidt's mail: anna.schmidt1234@example.org", "Frau Keller's mail: maria@keller.de"],
    ["(Anna) Schmidt-Anna", "(Maria) Keller-Maria"],
    ["Schmidts Annabell Lina xAnna Anna_1 Liż", "Schmidts Annabell Lina xAnna Anna_1 Liż"],
    ["call +49 30 23125017 now, not +49 30 231250175", "call +49 30 123456 now, not +49 30 231250175"],
    ["anna schmidt ANNA", "anna schmidt ANNA"],
    ["Anna  Schmidt", "Maria  Keller"],
    ["Anna Schmid", "Maria Schmid"],
  ])("%s → %s", (text, restored) => {
    expect(keller().restore(text)).toBe(restored);
  });

  it("does not read again what it has put in", () => {
    const replacements = new Replacements();
    replacements.add("PERSON", "a", "Anna Berg", "Bert", true);
    replacements.add("PERSON", "b", "Carl", "Berg", true);
    expect(replacements.restore("Bert Berg")).toBe("Anna Berg Carl");
  });

  it("escapes values inside of JSON strings, and tells what came back", () => {
    const replacements = new Replacements();
    replacements.add("PERSON", "k", 'Kim "K" Doe', "Ann Lee", true);
    const back: string[] = [];
    const stream = replacements.stream("json", (type) => back.push(type));
    expect(`"${stream.push("for Ann L")}${stream.push("ee.")}${stream.end()}"`).toBe(
      JSON.stringify('for Kim "K" Doe.'),
    );
    expect(back).toEqual(["PERSON"]);
  });

  it("puts no value into a URL, from where it could leave", () => {
    const replacements = keller();
    for (const text of [
      "![x](https://evil.example/?q=anna.schmidt1234@example.org)",
      "https://evil.example/Anna",
      '<img src="//evil.example/Schmidt">',
    ])
      expect(replacements.restore(text)).toBe(text);
    expect(replacements.restore("https://x.example/Anna Schmidt")).toBe("https://x.example/Anna Keller");
    expect(replacements.restore("[write](mailto:anna.schmidt1234@example.org)")).toBe(
      "[write](mailto:maria@keller.de)",
    );
  });

  it("gives the same however the text is cut, and holds no more than the longest replacement and one character", () => {
    const words = fc.constantFrom(
      "Anna",
      "Schmidt",
      "Anna Schmidt",
      " ",
      "s",
      "+49 30 23125017",
      "anna.schmidt1234@example.org",
      "https://e.org/",
      "(",
      ")",
      "\n",
      "Li",
      "ż",
      "😀",
      ".",
    );
    fc.assert(
      fc.property(
        fc.array(words, { maxLength: 25 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        (parts, cuts) => {
          const text = parts.join("");
          const replacements = keller();
          const stream = replacements.stream();
          let out = "";
          let at = 0;
          for (const length of cuts) {
            if (at >= text.length) break;
            out += stream.push(text.slice(at, at + length));
            expect(stream.held).toBeLessThanOrEqual("anna.schmidt1234@example.org".length);
            at += length;
          }
          expect(out + stream.end()).toBe(replacements.restore(text));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("takes time in proportion to the text, also when many replacements begin alike", () => {
    const replacements = new Replacements();
    for (let number = 0; number < 5000; number++)
      replacements.add("PHONE", String(number), `v${number}`, `+49 30 23125${String(number).padStart(4, "0")}`, true);
    const startedAt = performance.now();
    replacements.restore("+49 30 2312 ".repeat(20_000));
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe("what is remembered", () => {
  it("is one value for one text, and the first form of a value", () => {
    const replacements = keller();
    expect(replacements.add("PERSON", "other", "Other", "Anna", true)).toBe(false);
    expect(replacements.add("PERSON", "maria", "MARIA", "ANNA", true)).toBe(true);
    expect(replacements.find("PERSON", "maria")?.written).toBe("Anna");
    expect(replacements.restore("ANNA Anna")).toBe("MARIA Maria");
    expect(replacements.wrote("PERSON", "Anna")).toBe(true);
    expect(replacements.wrote("EMAIL", "Anna")).toBe(false);
    expect(replacements.add("PERSON", "x", "X", "", true)).toBe(false);
  });

  it("of system text comes back only when a message held it too", () => {
    const replacements = new Replacements();
    replacements.add("PERSON", "maria", "Maria", "Anna", false);
    expect(replacements.restore("Anna")).toBe("Anna");
    expect(JSON.stringify(replacements.entries())).not.toContain("Maria");
    replacements.add("PERSON", "maria", "Maria", "Anna", true);
    expect(replacements.restore("Anna")).toBe("Maria");
    expect(replacements.find("PERSON", "maria")?.restorable).toBe(true);
  });

  it("of a type that never comes back does not", () => {
    const replacements = new Replacements({ restorable: (type) => type !== "CARD" });
    replacements.add("CARD", "4", "4111 1111 1111 1111", "4182 5597 9248 2331", true);
    expect(replacements.restore("4182 5597 9248 2331")).toBe("4182 5597 9248 2331");
    expect(replacements.entries()).toMatchObject([{ value: "", restorable: false }]);
  });

  it("goes on in the next text of a conversation", () => {
    const next = new Replacements({ initial: keller().entries() });
    expect(next.size).toBe(6);
    expect(next.restore("Anna Schmidt")).toBe("Maria Keller");
    expect(next.find("PERSON", "keller")?.written).toBe("Schmidt");
  });
});
