/**
 * Time is linear in the text, whatever the text. Measured by ratios of the same machine at the same moment, the best of a
 * few runs, with slack for machines that do other things meanwhile; a quadratic recognizer fails by a factor of hundreds.
 */
import { describe, expect, it } from "vitest";
import { detect } from "./detect.ts";
import { detectStream } from "./stream.ts";
import { CHAT, KEY, PROSE } from "./test/corpus.ts";

const CHARS = 50_000;
const RUNS = 3;
/** Four times the text may take this many times the time. */
const GROWTH_MAX = 12;
/** How many times slower than ordinary text an adversary may make it. Measured: 5 at worst. */
const SLOWER_MAX = 20;

const ADVERSARIAL: readonly string[] = [
  "a@",
  "@",
  "a.",
  "a@a.",
  "%40",
  "0123456789",
  "1-1-1-",
  "1 1 ",
  "1.1.1.1.",
  "1111 ",
  "4111 1111 1111 ",
  "DE89 3704 ",
  "((((",
  "+1(",
  "http://",
  "http://a?user=b&",
  "a://b@",
  "eyJ",
  "eyJ.",
  "sk-",
  "a:a:",
  "::",
  "password=",
  "password=a&",
  "-----BEGIN PRIVATE KEY-----",
  "-----BEGIN ",
  "\\n",
  "\ud83d",
  "é",
  // Documents, devices and places.
  "@a",
  "@a ",
  "00:11:22:",
  "00-",
  "1A1z",
  `1${"A1z".repeat(11)} `,
  `0x${"aB".repeat(20)} `,
  "geo:",
  "48.8566, ",
  "48.8566, 2.3522 ",
  "48°51'24\"",
  "(at)",
  "a (at) ",
  "a at b dot ",
  "1.1.1990 ",
  "born 1.1.1990 ",
  "12 May ",
  "1990 m. ",
  "AB 12 ",
  "A<",
  "<A1",
  "BIC ABCDDEFF ",
  "user=",
  "user: ",
  "passport AB1234567 ",
  // Labels above, beside and around.
  "\n>1",
  "<td>1",
  "<b>",
  "\norder no\n12345",
  "order;1;",
  "password;A1b2C3d4$ ",
  "username x1 ",
  "(at)a (",
  "(s. 1",
  "1234.56.78901 ",
  "ΑΒ 12 ",
];

function filled(fragment: string, chars: number): string {
  return fragment.repeat(Math.ceil(chars / fragment.length)).slice(0, chars);
}

function bestOf(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

const ordinary = filled(CHAT + PROSE.repeat(6), CHARS);
for (let i = 0; i < 20; i++) detect(ordinary);
const ordinaryMs = bestOf(() => detect(ordinary));

describe("50 KB of what is built to be slow", () => {
  it.each(ADVERSARIAL.map((fragment) => [fragment]))(
    "%j costs about as much as ordinary text, and four times as much costs four times",
    (fragment) => {
      const once = filled(fragment, CHARS);
      const four = filled(fragment, CHARS * 4);
      detect(four);
      const onceMs = bestOf(() => detect(once));
      const fourMs = bestOf(() => detect(four));
      expect(onceMs).toBeLessThan(ordinaryMs * SLOWER_MAX);
      expect(fourMs).toBeLessThan(Math.max(onceMs, ordinaryMs) * GROWTH_MAX);
    },
  );

  it("streams in small pieces without being read again and again", () => {
    const stream = (text: string): number =>
      bestOf(() => {
        const { push } = detectStream();
        for (let at = 0; at < text.length; at += 4) push(text.slice(at, at + 4));
      });
    const prose = filled(PROSE, CHARS);
    const proseMs = stream(prose);
    for (const fragment of ["x", "a@", "1 1 ", KEY.slice(0, 100)]) {
      const text = fragment.startsWith("---")
        ? filled(KEY.slice(0, -30).replaceAll("\n", " "), CHARS)
        : filled(fragment, CHARS);
      expect(stream(text)).toBeLessThan(Math.max(1, proseMs) * SLOWER_MAX);
    }
  });
});
