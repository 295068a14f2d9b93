import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { detect, detectPlain } from "../detect.ts";
import { Sink } from "../recognizers/recognizer.ts";
import { restore, scrub } from "../scrub.ts";
import { base64, ENCODERS } from "../test/encoders.ts";
import { impersonalCode } from "../test/generate/code.ts";
import { MACHINE_LINES, machinePage } from "../test/machine-pages.ts";
import { choices } from "../test/random.ts";
import { SCORE_MIN } from "../options.ts";
import type { Finding } from "../types.ts";
import { findEncoded } from "./find.ts";

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
const hex = (text: string): string =>
  [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const percent = (text: string): string => hex(text).replaceAll(/../g, "%$&");
const entities = (text: string): string => [...text].map((char) => `&#${char.charCodeAt(0)};`).join("");

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

describe("a whole sentence in one form", () => {
  const SENTENCES: readonly (readonly [string, string])[] = [
    ["please send it to ", " by tomorrow"],
    ["Zahlbar sofort an ", ", danke für Ihren Einkauf"],
    ["l'équipe répond à ", " (du lundi au vendredi)"],
    ["στείλτε το στο ", " σήμερα"],
    ['{"contact": {"value": "', '", "verified": true}}'],
  ];
  const inline = ["percent", "percent of all", "entities", "escapes", "quoted-printable", "invisible", "full width"];

  it.each(inline)("%s: the span is what the value became", (form) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1 }),
        fc.constantFrom(...VALUES.filter(([, value]) => IMPOSSIBLE[form]?.(value) !== true)),
        fc.constantFrom(...SENTENCES),
        (seed, [type, value], [before, behind]) => {
          const random = choices(seed);
          const [left, hidden, right] = [before, value, behind].map((part) => ENCODERS[form]?.(part, random) ?? "");
          const text = `${left}${hidden}${right}`;
          const spans = encodedIn(text).filter((finding) => finding.type === type);
          expect(
            spans.map(({ start, end }) => text.slice(start, end)),
            text,
          ).toEqual([hidden]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each(["base64", "base64 without padding", "base64url", "hex"])("%s: the span is the token", (form) => {
    for (const [type, value] of VALUES) {
      for (const [before, behind] of SENTENCES) {
        const token = ENCODERS[form]?.(before + value + behind, choices(7)) ?? "";
        expect(seen(`x ${token} y`)).toContainEqual([type, token]);
      }
    }
  });
});

describe("nesting", () => {
  it.each([
    ["percent in base64", base64("email=john%40example.com&x=1")],
    ["entities in base64", base64("john&#64;example.com")],
    ["escapes in hexadecimal", hex('{"a":"john\\u0040example.com"}')],
    [
      "base64 whose signs are percent-encoded",
      base64("john.doe@example.com?>?>").replaceAll("/", "%2F").replaceAll("=", "%3D"),
    ],
    ["invisible characters in base64", base64("jo\u200bhn@exam\u200bple.com")],
    ["base64 in base64", base64(base64("john.doe@example.com"))],
    ["base64 in JSON in base64", base64(`{"auths":{"example.org":{"auth":"${base64("john.doe@example.com:1")}"}}}`)],
    ["base64 in hexadecimal", hex(base64("john.doe@example.com"))],
    ["hexadecimal in base64", base64(hex("john.doe@example.com"))],
    ["all of base64 in percent", percent(base64("john.doe@example.com"))],
    ["all of entities in percent", percent("john&#64;example.com")],
    ["all of escapes in percent", percent("john\\u0040example.com")],
    ["percent in entities", entities("john%40example.com")],
    ["percent twice in entities", entities("john%2540example.com")],
  ])("two levels: %s", (_, encoded) => {
    expect(seen(`x ${encoded} y`)).toContainEqual(["EMAIL", encoded]);
  });

  it("of JSON in base64, a label counts inside of it and before it", () => {
    const inner = base64(`{"phone": "${base64("030 12345678")}"}`);
    expect(seen(inner)).toContainEqual(["PHONE", inner]);
    const outer = base64(base64("030 12345678"));
    expect(seen(`phone: ${outer}`)).toEqual([]);
  });

  it("a third level is left alone", () => {
    expect(seen(base64(base64(base64("john.doe@example.com"))))).toEqual([]);
    expect(seen(base64(percent(hex("john.doe@example.com"))))).toEqual([]);
    // Twice in the same form counts as once, and the recognizer of addresses reads the last "%40" by itself.
    expect(seen("john%252525252540example.com")).toEqual([]);
  });
});

describe("what stands around counts", () => {
  it.each([
    ["customer%20number%3A%20482913", ["CUSTOMER_NUMBER", "482913"]],
    [`"phone": "${base64("030 12345678")}"`, ["PHONE", base64("030 12345678")]],
    ["phone=%2B49+30+901820&name=x", ["PHONE", "%2B49+30+901820"]],
    ["?to=M%FCllerstra%DFe%2012%2C%2080331%20M%FCnchen", ["ADDRESS", "M%FCllerstra%DFe%2012%2C%2080331%20M%FCnchen"]],
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

  it("in this repository's lock file", () => {
    const lock = readFileSync(new URL("../../../package-lock.json", import.meta.url), "utf8");
    expect(lock.split("\n").flatMap((line) => seen(line))).toEqual([]);
  });

  it("in the declarations of Node's types", () => {
    const folder = new URL("../../../node_modules/@types/node/", import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".d.ts"));
    expect(files.length).toBeGreaterThan(50);
    for (const file of files) {
      const lines = readFileSync(new URL(file, folder), "utf8").split("\n");
      expect(
        lines.flatMap((line) => seen(line)),
        file,
      ).toEqual([]);
    }
  });

  it("in generated logs, lock files, JSON, SQL, YAML and diffs", () => {
    const random = choices(11);
    for (let page = 0; page < 1000; page++) {
      const lines = impersonalCode(random).split("\n");
      expect(lines.flatMap((line) => seen(line))).toEqual([]);
    }
  });

  it("in random bytes, whatever they are written in", () => {
    const writers: readonly ((bytes: Uint8Array) => string)[] = [
      (bytes) => bytes.toBase64(),
      (bytes) => bytes.toBase64({ alphabet: "base64url", omitPadding: true }),
      (bytes) => bytes.toHex(),
      (bytes) => bytes.toHex().toUpperCase(),
      (bytes) => bytes.toHex().replaceAll(/../g, "%$&"),
      (bytes) => bytes.toHex().replaceAll(/../g, "\\x$&"),
      (bytes) => bytes.toHex().replaceAll(/../g, "&#x$&;"),
      (bytes) => bytes.toHex().toUpperCase().replaceAll(/../g, "=$&"),
      (bytes) => String.fromCharCode(...new Uint16Array(bytes.slice(0, bytes.length & ~1).buffer)),
    ];
    fc.assert(
      fc.property(
        // Not fc.uint8Array, which draws letters more often than chance does, and now and then an e-mail address of them.
        fc.tuple(fc.integer({ min: 1 }), fc.integer({ min: 4, max: 400 })),
        fc.constantFrom(...writers),
        fc.constantFrom("", "id: ", "phone: "),
        ([seed, size], write, label) => {
          const random = choices(seed);
          const bytes = Uint8Array.from({ length: size }, () => random.int(0, 255));
          expect(seen(label + write(bytes))).toEqual([]);
        },
      ),
      { numRuns: 2000, seed: 1 },
    );
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
    `"${base64("aaaaaaaaaaaa")}`,
    `"${base64(`"${base64("aaaaaaaaaa")}`)}`,
    "=41=",
    "%",
    "%4",
    "=",
    "A",
    "\\u00",
    "\\u{0",
    "&#",
    "&#0",
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

  it.each(FLOODS.filter((flood) => !flood.startsWith("VT0")).map((flood) => [flood]))(
    "a flood of %j before it hides nothing: one level never uses the budget up",
    (flood) => {
      for (const form of ["base64", "percent", "hex"]) {
        const hidden = ENCODERS[form]?.("maxine.oconnor@example.com", choices(3)) ?? "";
        const text = `${flood.repeat(Math.ceil(900 / flood.length))} "mail": "${hidden}"`;
        expect(seen(text)).toContainEqual(["EMAIL", hidden]);
      }
    },
  );

  it.each(FLOODS.map((flood) => [flood]))("time is linear in 50 KB of %j, even in one chunk", (flood) => {
    const once = flood.repeat(Math.ceil(50_000 / flood.length));
    const eight = once.repeat(8);
    const nothing = (): Finding[] => [];
    const time = (text: string): number => {
      let best = Number.POSITIVE_INFINITY;
      for (let run = 0; run < 3; run++) {
        const start = process.cpuUsage();
        findEncoded(text, 0, text.length, nothing, new Sink(undefined, 0));
        const { user, system } = process.cpuUsage(start);
        best = Math.min(best, (user + system) / 1000);
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

  it("whatever stands before and behind the chunk", () => {
    const part = fc.constantFrom(
      ...FLOODS,
      "\\u{40",
      "}example.com",
      "john@",
      "=C3",
      "=B6",
      "\u0430",
      "ab",
      "@",
      "&am",
      "p;#64;",
      "1",
      "\u2002",
      "\u{1d7ce}",
      " ",
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 4 }),
        fc.array(part, { minLength: 1, maxLength: 8 }),
        fc.array(part, { maxLength: 4 }),
        (before, inside, behind) => {
          const [left, chunk, right] = [before, inside, behind].map((parts) => parts.join("")) as [
            string,
            string,
            string,
          ];
          const shown = (text: string, from: number): string[] => {
            const all: string[] = [];
            const telling = (inner: string): Finding[] => {
              all.push(inner);
              return [];
            };
            findEncoded(text, from, from + chunk.length, telling, new Sink(undefined, 0));
            return all;
          };
          expect(shown(left + chunk + right, left.length)).toEqual(shown(chunk, 0));
        },
      ),
      { numRuns: 1000, examples: [[[], ["john", "\\u{40"], ["}example.com"]]] },
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

it("what was scrubbed is restored as it was written", () => {
  const encoded = fc.tuple(fc.constantFrom(...VALUES), fc.constantFrom(...Object.keys(ENCODERS)));
  fc.assert(
    // Hexadecimal of either case counts as one, and comes back as the first was written.
    fc.property(
      fc.integer({ min: 1 }),
      fc.uniqueArray(encoded, { minLength: 1, maxLength: 6, selector: String }),
      (seed, chosen) => {
        const random = choices(seed);
        const lines = chosen
          .filter(([[, value], form]) => IMPOSSIBLE[form]?.(value) !== true)
          .map(([[, value], form]) => `x ${ENCODERS[form]?.(value, random)} y`);
        const text = lines.join("\n");
        const { scrubbed, entities, bareWords } = scrub(text);
        expect(restore(scrubbed, entities, bareWords)).toBe(text);
      },
    ),
    { numRuns: 400 },
  );
});

describe("docs/encoded.md", () => {
  const page = readFileSync(new URL("../../../docs/encoded.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `([^`]+)` \| ([A-Z_]+) \| `([^`]+)` \| `(encoded:[^`]+)` \|$/gm)];

  it.each(rows.map((row) => row.slice(1)))("%s", (text = "", type, span, recognizer) => {
    const unquoted = (cell: string): unknown => JSON.parse(`"${cell}"`);
    const source = String(unquoted(text));
    const found = detect(source).map((finding) => [
      finding.type,
      source.slice(finding.start, finding.end),
      finding.recognizer,
    ]);
    expect(found).toEqual([[type, unquoted(span ?? ""), recognizer]]);
  });

  it("has such rows", () => {
    expect(rows.length).toBeGreaterThan(8);
  });
});
