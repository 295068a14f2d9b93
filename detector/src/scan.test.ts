/** Chunks as the layers get them: those of the rule, whatever the engine had to do on its way. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Layer } from "./layer.ts";
import { SCORE_MIN, WINDOW_CHARS } from "./options.ts";
import { Scan } from "./scan.ts";
import { CLASSES, DIGIT, HIDES, LONG } from "./scanner/characters.ts";
import { chunksOf } from "./scanner/chunks.ts";
import { lookingFor } from "./scanner/engine.ts";
import { TYPES } from "./types.ts";

const RULES = {
  types: undefined,
  looking: lookingFor(undefined),
  scoreMin: SCORE_MIN,
  thresholds: {},
  rows: TYPES,
  region: undefined,
  windowChars: WINDOW_CHARS,
};

interface Told {
  readonly chunk: [from: number, to: number];
  readonly classes: number;
}

/** A scan, and what it tells a layer; offsets from the text's beginning. */
function listening(again: boolean): {
  scan: Scan;
  told: Told[];
  toldAgain: [number, number][];
  shifted: (by: number) => void;
} {
  const told: Told[] = [];
  const toldAgain: [number, number][] = [];
  let gone = 0;
  const layer: Layer = {
    find: (_text, from, to, _sink, classes) => void told.push({ chunk: [from + gone, to + gone], classes }),
    ...(again && {
      findAgain: (_text: string, from: number, to: number) => void toldAgain.push([from + gone, to + gone]),
    }),
  };
  return { scan: new Scan(RULES, [layer]), told, toldAgain, shifted: (by) => void (gone += by) };
}

const KEY = `-----BEGIN PRIVATE KEY-----\n${"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n".repeat(9)}-----END PRIVATE KEY-----\n`;
const TEXTS = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "\n",
        "\r\n",
        "\r",
        " ",
        "12 May 1990",
        "anna at firma dot de",
        KEY,
        KEY.slice(0, 200),
        "a".repeat(300),
      ),
      fc.constantFrom(
        "x y ".repeat(400),
        "1 2 ".repeat(1500),
        "-".repeat(5000),
        "😀".repeat(700),
        "P<UTO<<ANNA\n",
        "\u200b",
        "a%40b",
      ),
      fc.string({ unit: "grapheme", maxLength: 30 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

describe("the chunks that layers are told", () => {
  it("are those of the text, in one go and in slices, and once more when they look again", () => {
    fc.assert(
      fc.property(TEXTS, fc.integer({ min: 1, max: 3000 }), (text, slice) => {
        const chunks = chunksOf(text);
        for (const steps of [false, true]) {
          const { scan, told, toldAgain } = listening(true);
          if (steps) for (const _ of scan.readSteps(text, slice));
          else scan.read(text);
          if (steps) for (const _ of scan.decideSteps(text, slice));
          else scan.decide(text);
          expect(told.map(({ chunk }) => chunk)).toEqual(chunks);
          expect(toldAgain).toEqual(chunks);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("are the same in a stream, whose beginning is forgotten", () => {
    fc.assert(
      fc.property(TEXTS, fc.integer({ min: 1, max: 3000 }), (text, piece) => {
        const { scan, told, shifted } = listening(false);
        let buffer = "";
        for (let at = 0; at < text.length; at += piece) {
          buffer += text.slice(at, at + piece);
          const settled = scan.advance(buffer, at + piece >= text.length);
          const excess = settled - 300;
          if (excess <= 0) continue;
          buffer = buffer.slice(excess);
          scan.shift(excess);
          shifted(excess);
        }
        expect(told.map(({ chunk }) => chunk)).toEqual(chunksOf(text));
      }),
      { numRuns: 300 },
    );
  });

  it("hold no class that was not told", () => {
    fc.assert(
      fc.property(TEXTS, (text) => {
        const { scan, told } = listening(false);
        scan.read(text);
        for (const { chunk, classes } of told) {
          let held = 0;
          for (let at = chunk[0]; at < chunk[1]; at++) held |= CLASSES[text.charCodeAt(at)] as number;
          const long = /[A-Za-z\d+/_-]{16}/.test(text.slice(...chunk)) ? LONG : 0;
          expect(((held & (DIGIT | HIDES)) | long) & ~classes).toBe(0);
        }
      }),
    );
  });
});
