import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { detectPlain } from "../detect.ts";
import { Sink } from "../recognizers/recognizer.ts";
import { base64, ENCODERS } from "../test/encoders.ts";
import { MACHINE_LINES, machinePage } from "../test/machine-pages.ts";
import { choices } from "../test/random.ts";
import { type Finding, SCORE_MIN } from "../types.ts";
import { findEncoded } from "./index.ts";

const plain = (text: string): Finding[] => detectPlain(text, {});

function encodedIn(text: string, from = 0, to = text.length): Finding[] {
  const sink = new Sink(undefined, SCORE_MIN);
  findEncoded(text, from, to, plain, sink);
  return sink.found;
}

const seen = (text: string): [string, string][] =>
  encodedIn(text).map(({ type, start, end }) => [type, text.slice(start, end)]);

const VALUES: readonly (readonly [string, string])[] = [
  ["EMAIL", "maxine.oconnor@example.com"],
  ["EMAIL", "anton.ebert@example.org"],
  ["IBAN", "DE89 3704 0044 0532 0130 00"],
  ["IBAN", "BE68539007547034"],
  ["CARD", "4111 1111 1111 1111"],
  ["PHONE", "+49 30 901820"],
  ["PHONE", "+4930901820"],
  ["IP_ADDRESS", "203.0.113.77"],
];
/** Of a type without a letter or digit to disguise, or without an "@" to write in hexadecimal. */
const IMPOSSIBLE: Readonly<Record<string, (value: string) => boolean>> = {
  lookalikes: (value) => !/^[A-Z]{2}|[a-z]/.test(value),
  "digits of other scripts": (value) => !/\d/.test(value),
  "quoted-printable": (value) => !value.includes("@"),
  // Fifteen digits: shorter than any token that is looked at.
  "base64 without padding": (value) => value === "+4930901820",
  base64url: (value) => value === "+4930901820",
};
const AROUND: readonly ((value: string) => string)[] = [
  (value) => value,
  (value) => `see ${value} for that`,
  (value) => `"value": "${value}",`,
  (value) => `(${value})\n`,
  (value) => `q=${value}`,
  (value) => `<td>${value}</td>`,
];

describe.each(Object.entries(ENCODERS))("%s", (form, encode) => {
  it.each(VALUES.filter(([, value]) => IMPOSSIBLE[form]?.(value) !== true))(
    "hides %s %s, and the finding is what was encoded",
    (type, value) => {
      for (let seed = 1; seed <= 12; seed++) {
        const random = choices(seed * 7919);
        const encoded = encode(value, random);
        for (const around of AROUND) {
          const text = around(encoded);
          const found = encodedIn(text).filter((finding) => finding.type === type);
          expect(
            found.map(({ start, end }) => text.slice(start, end)),
            text,
          ).toContain(encoded);
          for (const { score, recognizer, why } of found) {
            expect(recognizer).toMatch(/^encoded:[a-z0-9+-]+$/);
            expect(score).toBeLessThanOrEqual(0.95);
            expect(why).not.toContain(value);
            expect(why).toMatch(/^encoded \(.+\); [a-z-]+: /);
          }
        }
      }
    },
  );
});

it("whatever mixture of forms a value is written in, the span holds all of it", () => {
  const inline = ["percent", "entities", "escapes", "invisible", "full width", "digits of other scripts"];
  fc.assert(
    fc.property(
      fc.integer({ min: 1 }),
      fc.constantFrom(...VALUES),
      fc.array(fc.constantFrom(...inline), { minLength: 1, maxLength: 6 }),
      (seed, [type, value], forms) => {
        const random = choices(seed);
        // Each piece of the value in a form of its own.
        const size = Math.ceil(value.length / forms.length);
        const pieces = forms.map((form, index) => {
          const piece = value.slice(index * size, (index + 1) * size);
          const able = piece.length > 1 && (form !== "digits of other scripts" || /\d/.test(piece));
          return able ? (ENCODERS[form]?.(piece, random) ?? piece) : piece;
        });
        const encoded = pieces.join("");
        fc.pre(encoded !== value);
        const text = `x ${encoded} y`;
        const spans = encodedIn(text).filter((finding) => finding.type === type);
        expect(
          spans.map(({ start, end }) => text.slice(start, end)),
          text,
        ).toEqual([encoded]);
      },
    ),
    { numRuns: 400 },
  );
});

describe("nesting", () => {
  it.each([
    ["percent in base64", base64("email=john%40example.com&x=1")],
    ["entities in base64", base64("john&#64;example.com")],
    [
      "escapes in hexadecimal",
      [...'{"a":"john\\u0040example.com"}'].map((char) => char.charCodeAt(0).toString(16)).join(""),
    ],
    [
      "base64 whose signs are percent-encoded",
      base64("john.doe@example.com?>?>").replaceAll("/", "%2F").replaceAll("=", "%3D"),
    ],
    ["invisible characters in base64", base64("jo\u200bhn@exam\u200bple.com")],
  ])("one token and one inline form: %s", (_, encoded) => {
    expect(seen(`x ${encoded} y`)).toContainEqual(["EMAIL", encoded]);
  });

  it("deeper is left alone", () => {
    expect(seen(base64(base64("john.doe@example.com")))).toEqual([]);
    expect(seen("john%25252540example.com")).toEqual([]);
  });
});

describe("what stands around counts", () => {
  it.each([
    ["customer%20number%3A%20482913", ["CUSTOMER_NUMBER", "482913"]],
    [`"phone": "${base64("030 12345678")}"`, ["PHONE", base64("030 12345678")]],
    ["phone=%2B49+30+901820&name=x", ["PHONE", "%2B49+30+901820"]],
    ["?email=a+b%40example.com", ["EMAIL", "a+b%40example.com"]],
    ["/files/am9obi5kb2VAZXhhbXBsZS5jb20/view", ["EMAIL", "am9obi5kb2VAZXhhbXBsZS5jb20"]],
  ] as const)("%s", (text, expected) => {
    expect(seen(text)).toContainEqual(expected);
  });

  it("a token that spans chunks is read in each, whatever digit the chunk begins with", () => {
    const token = base64(`${"x".repeat(700)} john.doe@example.com ${"y".repeat(700)}`);
    for (const first of [940, 941, 942, 943]) {
      const parts = [encodedIn(token, 0, first), encodedIn(token, first, token.length)].flat();
      expect(parts.map(({ type }) => type)).toContain("EMAIL");
    }
  });
});

describe("nothing is found", () => {
  it.each(Object.keys(MACHINE_LINES).map((kind) => [kind]))("in a page of this kind: %s", (kind) => {
    for (const seed of [1, 2, 3]) {
      const page = machinePage(kind, choices(seed * 31), 60_000);
      const found = page.split("\n").flatMap((line) => seen(line));
      expect(found).toEqual([]);
    }
  });

  it.each([
    [
      "a JSON Web Token without personal data",
      `eyJ${base64('"alg":"HS256"}').replaceAll("=", "")}.${base64('{"sub":"1234","iat":1516239022}').replaceAll("=", "")}.abc`,
    ],
    ["prose in Cyrillic", "Мы хотели бы узнать, когда прибудет доставка А4 и USB-кабель за 12345678 руб."],
    ["prose in Greek", "Θα θέλαμε να μάθουμε πότε θα φτάσει η παράδοση, 24/7 και COVID-19."],
    ["prose in Chinese with full-width signs", "我们想知道,货物何时送达(大约2024年)?价格:1,299元。"],
    ["prose in Hindi with joiners", "क्‍षेत्र में १२ व्यक्‍ति"],
    ["emoji with joiners and variation selectors", "👨‍👩‍👧‍👦 ❤️ 1️⃣ and 2️⃣"],
    ["soft hyphens", "Ge\u00adschwin\u00addig\u00adkeits\u00adbe\u00adgren\u00adzung"],
    ["formats", 'printf("%20s %5.2f%% %-10d\\n", a=40, b=3D, page=12&size=20)'],
    ["typography", "10–20 ‘quoted’ COVID‑19 5 000 000 km² x²+y³ ½ № 12 ™ 10 ℃"],
    ["escapes in code", "/[\\x00-\\x1f\\u2028\\ud800-\\udfff]/u.test('\\u00e4\\u{1f600}')"],
    ["a path", "/usr/local/lib/node_modules/@scope/package-name/dist/index.esm.js.map"],
    [
      "long words",
      "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft getElementsByClassNameAndAttribute",
    ],
  ])("in %s", (_, text) => {
    expect(seen(text)).toEqual([]);
  });

  it("that the plain recognizers had found as it stands", () => {
    expect(seen("john@example.com and 50%25 off for DE89 3704 0044 0532 0130 00")).toEqual([]);
  });
});

describe("bounds", () => {
  const FLOODS = [
    "%25",
    "%2525",
    "%40",
    "%",
    "&#64;",
    "&amp;",
    "&amp;#",
    "&",
    "\\u0040",
    "\\\\\\\\u",
    "\\",
    "=40",
    "=C3",
    "\u200b",
    "a\u200b",
    "\u200ba@",
    "аa",
    "а",
    "４",
    "4\ufe0f\u20e3",
    "\u{1d7ce}",
    "\ud835",
    "+%41=",
    "=a+",
    "QUFB",
    "4141",
    "a/",
    "aaaaaaaaaaaaaaaaaaaa/",
    "-",
    "I/",
    "\u2011",
    "1\u2011",
    base64(base64(base64(base64("john@example.com")))),
    `${base64("john@example.com ")} `,
  ];

  it.each(FLOODS.map((flood) => [flood]))("no more than four decoded characters for one, of %j", (flood) => {
    const text = flood.repeat(Math.ceil(4096 / flood.length));
    let decoded = 0;
    const counting = (inner: string): Finding[] => {
      decoded += inner.length;
      return [];
    };
    findEncoded(text, 0, text.length, counting, new Sink(undefined, 0));
    expect(decoded).toBeLessThanOrEqual(4 * text.length);
  });

  it.each(FLOODS.map((flood) => [flood]))("time is linear in 50 KB of %j, even in one chunk", (flood) => {
    const once = flood.repeat(Math.ceil(50_000 / flood.length));
    const eight = once.repeat(8);
    const nothing = (): Finding[] => [];
    const time = (text: string): number => {
      let best = Number.POSITIVE_INFINITY;
      for (let run = 0; run < 3; run++) {
        const start = performance.now();
        findEncoded(text, 0, text.length, nothing, new Sink(undefined, 0));
        best = Math.min(best, performance.now() - start);
      }
      return best;
    };
    time(once);
    // A quadratic one takes sixty-four times as long; the slack is for machines that do other things meanwhile.
    expect(time(eight)).toBeLessThan(Math.max(time(once), 5) * 40);
  });

  it("the chunk is all that is read", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(ENCODERS)),
        fc.constantFrom(...VALUES),
        fc.string(),
        fc.string(),
        (form, [, value], before, after) => {
          const chunk = `a ${ENCODERS[form]?.(value, choices(5))} b`;
          const text = before + chunk + after;
          const moved = encodedIn(text, before.length, before.length + chunk.length).map((finding) => ({
            ...finding,
            start: finding.start - before.length,
            end: finding.end - before.length,
          }));
          expect(moved).toEqual(encodedIn(chunk));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("no finding splits a surrogate pair, and none is empty or out of its chunk", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            ...FLOODS,
            "john@",
            "example.com",
            "%F0%9F%98%80",
            "\u{1f600}",
            "\ud83d",
            " ",
            "4111 1111 1111 1111",
          ),
          { maxLength: 20 },
        ),
        (parts) => {
          const text = parts.join("");
          for (const { start, end } of encodedIn(text)) {
            expect(start).toBeLessThan(end);
            expect(end).toBeLessThanOrEqual(text.length);
            for (const edge of [start, end]) {
              const split = /[\ud800-\udbff]$/.test(text.slice(0, edge)) && /^[\udc00-\udfff]/.test(text.slice(edge));
              expect(split).toBe(false);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("a recognizer that throws fails the call", () => {
    const broken = (): Finding[] => {
      throw new Error("broken");
    };
    expect(() => findEncoded("john%40example.com", 0, 18, broken, new Sink(undefined, 0))).toThrow("broken");
  });
});
