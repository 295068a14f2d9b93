import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvDialect } from "./csv-dialect.ts";
import { everywhere, saying, written } from "./test/written.ts";

const said = (text: string) => written("csv", text).found.map(saying);

/** RFC 4180, for tests: separators, quotes, both line ends. Throws where a quote does not fit. */
export function parseCsv(text: string, delimiter: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = text.startsWith("\ufeff") ? 1 : 0;
  while (at < text.length) {
    let cell = "";
    if (text[at] === '"') {
      for (at++; ; at++) {
        if (at >= text.length) throw new Error("open quote");
        if (text[at] !== '"') cell += text[at];
        else if (text[at + 1] === '"') cell += text[at++];
        else break;
      }
      at++;
    } else while (at < text.length && ![delimiter, "\r", "\n"].includes(text[at] ?? "")) cell += text[at++];
    record.push(cell);
    const sign = text[at];
    if (sign !== undefined && ![delimiter, "\r", "\n"].includes(sign)) throw new Error("text behind a quote");
    if (sign === "\r" && text[at + 1] === "\n") at++;
    at++;
    if (sign === delimiter && at < text.length) continue;
    if (sign === delimiter) record.push("");
    records.push(record);
    record = [];
  }
  return records;
}

describe("a cell", () => {
  it("has the name of its column as context", () => {
    expect(said("customer no,amount\n48213,48213\n48214,48214\n")).toEqual([
      "CUSTOMER_NUMBER 48213 @ customer no",
      "CUSTOMER_NUMBER 48214 @ customer no",
    ]);
    expect(said("Betrag;Kundennummer\r\n48213;48213")).toEqual(["CUSTOMER_NUMBER 48213 @ Kundennummer"]);
  });

  it("may be quoted, hold the separator, line ends and quotes, and keeps its quotes", () => {
    const source = 'order,note\n"48213","He said ""write to jane@example.org"", soon\r\nor to joe@example.org"\n';
    const { text, found } = written("csv", source);
    expect(text).toBe('order,note\n"[ORDER_NUMBER_1]","He said ""write to [EMAIL_1]"", soon\r\nor to [EMAIL_2]"\n');
    expect(found.map(saying)).toEqual([
      "ORDER_NUMBER 48213 @ order",
      "EMAIL jane@example.org @ note",
      "EMAIL joe@example.org @ note",
    ]);
  });

  it("gets quotes when its replacement needs them, and only then", () => {
    const source = 'mail;x\njane@example.org;1\n a 5" jane@example.org;2\n';
    const replaced = (put: string) =>
      written("csv", source, { replace: () => put })
        .text.split("\n")
        .slice(1);
    expect(replaced("A;B")).toEqual(['"A;B";1', '" a 5"" A;B";2', ""]);
    expect(replaced("A,B")).toEqual(["A,B;1", ' a 5" A,B;2', ""]);
    expect(replaced('"A"')).toEqual(['"""A""";1', ' a 5" "A";2', ""]);
    expect(replaced("A\nB")).toEqual(['"A', 'B";1', '" a 5"" A', 'B";2', ""]);
    expect(replaced("")).toEqual([";1", ' a 5" ;2', ""]);
  });

  it("that is left empty in a table of one column does not lose its record", () => {
    expect(written("csv", "mail\njane@example.org\njoe@example.org", { replace: () => "" }).text).toBe('mail\n""\n""');
  });

  it("longer than can wait for its quotes gets the bare type where quotes would be needed", () => {
    const long = "x ".repeat(3000);
    const source = `a,b\n${long}jane@example.org,1\n`;
    expect(written("csv", source, { replace: () => "A,B" }).text).toBe(`a,b\n${long}[EMAIL],1\n`);
    expect(written("csv", source, { replace: () => "AB" }).text).toBe(`a,b\n${long}AB,1\n`);
  });

  it("does not join with its neighbours", () => {
    expect(said("a b c d\n4111 1111 1111 1111\n")).toHaveLength(1);
    expect(said("a,b,c,d\n4111,1111,1111,1111\n")).toEqual([]);
  });
});

describe("the first record", () => {
  it("is data when it holds some, and is scrubbed", () => {
    const { text, found } = written("csv", "jane@example.org,48213\njoe@example.org,48214\n");
    expect(text).toBe("[EMAIL_1],48213\n[EMAIL_2],48214\n");
    expect(found.map(saying)).toEqual(["EMAIL jane@example.org @ column 1", "EMAIL joe@example.org @ column 1"]);
  });

  it.each([
    ["names", "id,name\n1,a\n2,b\n", true],
    ["numbers", "1,2\n3,4\n5,6\n", false],
    ["the same twice", "a,a\n1,2\n3,4\n", false],
    ["alone", "a,b\n", false],
  ])("of %s is a header or not", (_, sample, header) => {
    expect(csvDialect(sample, false).header).toBe(header);
  });
});

describe("the separator", () => {
  it.each([
    [",", "a,b;c\n1,2\n3,4\n"],
    [";", "a;b;c\n1,5;2;3\n2,5;2;3\n"],
    ["\t", "a\tb\n1, 2\t3\n4\t5\n"],
    ["|", "a|b|c\n1|2|3\n"],
    [";", '"a;b";"c, d"\n"1";2\n3;4\n'],
  ])("%j is found", (delimiter, sample) => {
    expect(csvDialect(sample, false)).toMatchObject({ delimiter, regular: true });
  });

  it("is not found in prose", () => {
    const prose =
      "Dear Anna, thank you for the long letter that you sent us in spring.\nWe read it, and we liked all of it very much indeed.\nWrite again, as soon as there is time to sit down and think about it.\n";
    expect(csvDialect(prose, false).regular && csvDialect(prose, false).columns > 2).toBe(false);
    expect(csvDialect("one\ntwo\nthree\n", false).regular).toBe(false);
  });
});

describe("a table that is not in order", () => {
  it.each([
    ["text behind a quote", 'a,b\n"x"y jane@example.org,2\n', 'a,b\n"x"y [EMAIL_1],2\n'],
    ["a quote that never closes", 'a,b\n1,"x jane@example.org\n', 'a,b\n1,"x [EMAIL_1]\n'],
  ])("loses nothing and says so: %s", (_, source, expected) => {
    const { text, notes } = written("csv", source);
    expect(text).toBe(expected);
    expect(notes).toEqual(["record 2: a quote that does not fit, read as text of its cell"]);
    expect(written("csv", source, { cuts: everywhere(source) })).toMatchObject({ text: expected, notes });
  });

  it("of uneven records keeps them", () => {
    const source = "a,b\n1\n\n2,3,jane@example.org\n,\n";
    expect(written("csv", source).text).toBe(source.replace("jane@example.org", "[EMAIL_1]"));
  });
});

const cells = fc.oneof(
  fc.constantFrom(
    "jane@example.org",
    "joe@example.org ",
    "DE89 3704 0044 0532 0130 00",
    "[EMAIL_1]",
    "48213",
    "order 48213",
  ),
  fc.constantFrom("", "x", 'say "hi"', "a,b;c|d\te", "two\r\nlines", " 😀 ", '"', '""'),
  fc.string({ unit: "binary", maxLength: 5 }),
);
const tables = fc
  .record({
    delimiter: fc.constantFrom(",", ";", "\t"),
    end: fc.constantFrom("\n", "\r\n"),
    bom: fc.boolean(),
    open: fc.boolean(),
    always: fc.boolean(),
    rows: fc.array(fc.tuple(cells, cells, cells), { minLength: 3, maxLength: 8 }),
  })
  .map(({ delimiter, end, bom, open, always, rows }) => {
    const cell = (text: string) =>
      always || [delimiter, '"', "\r", "\n"].some((sign) => text.includes(sign))
        ? `"${text.replaceAll('"', '""')}"`
        : text;
    const lines = [["order no", "mail", "note"], ...rows].map((row) => row.map(cell).join(delimiter));
    return { delimiter, source: (bom ? "\ufeff" : "") + lines.join(end) + (open ? "" : end) };
  });

describe("any table", () => {
  it("in which nothing is replaced comes out byte for byte, however it is cut", () => {
    fc.assert(
      fc.property(tables, fc.array(fc.nat(), { maxLength: 6 }), ({ source }, cuts) => {
        expect(written("csv", source, { cuts, replace: () => undefined }).text).toBe(source);
      }),
    );
  });

  it.each([
    ["placeholders", undefined],
    ["separators and quotes", () => 'a,b;c\td"e\nf'],
    ["nothing", () => ""],
  ])("keeps its records and columns when %s replace, and comes out the same however it is cut", (_, replace) => {
    fc.assert(
      fc.property(tables, fc.array(fc.nat(), { maxLength: 8 }), ({ source, delimiter }, cuts) => {
        const options = replace === undefined ? {} : { replace };
        const whole = written("csv", source, options);
        const before = parseCsv(source, delimiter);
        const after = parseCsv(whole.text, delimiter);
        expect(after.map(({ length }) => length)).toEqual(before.map(({ length }) => length));
        expect(after[0]).toEqual(before[0]);
        for (const { start, end } of whole.found) expect(end).toBeGreaterThan(start);
        const pieces = written("csv", source, { ...options, cuts });
        expect(pieces.text).toBe(whole.text);
        expect(pieces.found).toEqual(whole.found);
      }),
    );
  });
});
