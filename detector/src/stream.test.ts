import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { detect } from "./detect.ts";
import { loadNames } from "./names/model-node.ts";
import { detectStream } from "./stream.ts";
import { CHAT, CORPUS, FRAGMENTS, KEY, PROSE } from "./test/corpus.ts";
import { type StreamOptions, WINDOW_CHARS } from "./options.ts";
import type { Finding } from "./types.ts";

/** The stream's answer to a text in pieces, put together. */
function together(pieces: readonly string[], options?: StreamOptions): { text: string; findings: Finding[] } {
  const stream = detectStream(options);
  let text = "";
  const findings: Finding[] = [];
  for (const settled of [...pieces.map((piece) => stream.push(piece)), stream.end()]) {
    for (const finding of settled.findings) {
      expect(finding.start).toBeGreaterThanOrEqual(0);
      expect(finding.end).toBeLessThanOrEqual(settled.text.length);
      findings.push({ ...finding, start: finding.start + text.length, end: finding.end + text.length });
    }
    text += settled.text;
  }
  return { text, findings };
}

function cutAt(text: string, places: readonly number[]): string[] {
  const cuts = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [...cuts, text.length].map((cut, index) => text.slice(cuts[index - 1] ?? 0, cut));
}

const units = (text: string): string[] => Array.from({ length: text.length }, (_, index) => text[index] ?? "");

const texts = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...FRAGMENTS) },
      { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join(""));

describe("however the text is cut, the same text and findings come out", () => {
  it.each(CORPUS.map((text) => [text]))("in two pieces, at every place: %j", (text) => {
    const whole = { text, findings: detect(text) };
    for (let cut = 0; cut <= text.length; cut++) {
      expect(together([text.slice(0, cut), text.slice(cut)])).toEqual(whole);
    }
    expect(together(units(text))).toEqual(whole);
  });

  it("in any number of pieces, with any window", () => {
    fc.assert(
      fc.property(
        texts,
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.constantFrom(WINDOW_CHARS, 64, 65, 100, 300),
        fc.constantFrom<StreamOptions>(
          {},
          { defaultRegion: "DE" },
          { types: ["EMAIL", "PHONE"] },
          { names: loadNames() },
        ),
        (text, cuts, windowChars, rest) => {
          const options = { ...rest, windowChars };
          const whole =
            windowChars === WINDOW_CHARS && rest.names === undefined
              ? { text, findings: detect(text, rest) }
              : together([text], options);
          expect(whole.text).toBe(text);
          expect(together(cutAt(text, cuts), options)).toEqual(whole);
          expect(together(units(text), options)).toEqual(whole);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("when it is longer than the window and what the stream keeps", () => {
    const long = `${(PROSE + CHAT).repeat(30)}${"a@b.co,".repeat(2000)}${"x1".repeat(5000)} ${KEY} ${"1 2 ".repeat(3000)}`;
    const whole = { text: long, findings: detect(long) };
    for (const size of [7, 1000, 4096, 5000]) {
      expect(
        together(
          cutAt(
            long,
            Array.from({ length: Math.ceil(long.length / size) }, (_, i) => i * size),
          ),
        ),
      ).toEqual(whole);
    }
  });
});

describe("text is held back no longer than it must", () => {
  const settledBy = (text: string): string => detectStream({ hold: "word" }).push(text).text;

  it("a line waits for its end where whole lines are looked at", () => {
    const stream = detectStream();
    expect(stream.push("Hello world,\nhow are you").text).toBe("Hello world,\n");
    expect(stream.end().text).toBe("how are you");
    expect(detectStream().push("word ".repeat(300)).text.length).toBeGreaterThan(1000);
  });

  it("prose settles up to the word under way", () => {
    expect(settledBy("Hello world, how are")).toBe("Hello world, how ");
    // "are (at) example (dot) com" would be an address.
    expect(settledBy("Hello world, how are ")).toBe("Hello world, how ");
    expect(settledBy("Hello world, how are y")).toBe("Hello world, how are ");
    expect(settledBy("It is done. ")).toBe("It is done. ");
  });

  it("a number waits for one character to know whether its groups go on", () => {
    expect(settledBy("in 2024 ")).toBe("in ");
    expect(settledBy("in 2024 w")).toBe("in 2024 ");
    expect(settledBy("to DE89 3704 0044 ")).toBe("to ");
  });

  it("a private key waits for its end, and a certificate does not", () => {
    const begun = KEY.slice(0, -10);
    expect(settledBy(`key ${begun}`)).toBe("key ");
    expect(settledBy("-----BEGIN CERTIFICATE-----\nabc d")).toBe("-----BEGIN CERTIFICATE-----\nabc ");
  });

  it("a stretch without delimiter is decided when it has filled the window", () => {
    const stream = detectStream({ windowChars: 100, hold: "word" });
    const settled = stream.push("x".repeat(1000)).text.length;
    expect(settled).toBeGreaterThan(1000 - 101);
    expect(settled).toBeLessThan(1000);
    expect(stream.end().text.length).toBe(1000 - settled);
  });
});

it("a stream that has ended takes no more text", () => {
  const stream = detectStream();
  stream.end();
  expect(() => stream.push("x")).toThrow(TypeError);
});
