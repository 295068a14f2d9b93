import { describe, expect, it } from "vitest";
import { Allow } from "./custom/allow.ts";
import { detect, detectSteps } from "./detect.ts";
import { loadNames } from "./names/model-node.ts";
import { detectStream } from "./stream.ts";
import { CHAT } from "./test/corpus.ts";
import type { DetectOptions } from "./options.ts";

const names = loadNames();

function people(text: string, options: DetectOptions = {}): string[] {
  const found = detect(text, { names, types: ["PERSON"], ...options });
  return found.map(({ start, end }) => text.slice(start, end));
}

describe("a name that a document makes sure", () => {
  it("is found again in lower case and as a surname alone, before and behind", () => {
    const text = "ok for wolkenstein\nMy name is Theresa Wolkenstein and I live here.\nthanks, theresa wolkenstein\n";
    expect(people(text)).toEqual(["wolkenstein", "Theresa Wolkenstein", "theresa wolkenstein"]);
  });

  it("is found again in the other texts of the document, and not in the next document", () => {
    const texts = ["please call wolkenstein", "Dear Mrs Theresa Wolkenstein,", "thx wolkenstein"];
    const found = detect(texts, { names, types: ["PERSON"] });
    expect(found.map((each, index) => each.map(({ start, end }) => texts[index]?.slice(start, end)))).toEqual([
      ["wolkenstein"],
      ["Theresa Wolkenstein"],
      ["wolkenstein"],
    ]);
    expect(people("please call wolkenstein")).toEqual([]);
  });

  it("is found the same however often the reader pauses", () => {
    const texts = [`${"Nothing here. ".repeat(40)}ask wolkenstein`, "I am Theresa Wolkenstein.", CHAT.repeat(5)];
    const whole = detect(texts, { names });
    for (const sliceChars of [1, 7, 100, 1000]) {
      const steps = detectSteps(texts, { names }, sliceChars);
      let step = steps.next();
      let pauses = 0;
      for (; step.done !== true; step = steps.next()) pauses++;
      expect(step.value).toEqual(whole);
      expect(pauses).toBeGreaterThanOrEqual(Math.floor(1000 / sliceChars));
    }
  });

  it("is found in a stream from where it stands on", () => {
    const stream = detectStream({ names, types: ["PERSON"] });
    const found = [
      stream.push("ok for wolkenstein\n"),
      stream.push("I am Theresa Wolkenstein from accounting.\n"),
      stream.push("thanks, theresa wolkenstein\n"),
    ].map(({ text, findings }) => findings.map(({ start, end }) => text.slice(start, end)));
    expect(found).toEqual([[], ["Theresa Wolkenstein"], ["theresa wolkenstein"]]);
  });

  it("is left alone where it was allowed", () => {
    const allow = new Allow(["Theresa Wolkenstein"]);
    expect(people("I am Theresa Wolkenstein, and he is Gregor Havelmann.", { allow })).toEqual(["Gregor Havelmann"]);
  });

  it("yields to an e-mail address around it", () => {
    const text = "Theresa Wolkenstein <theresa.wolkenstein@example.com>";
    expect(detect(text, { names }).map(({ type, start, end }) => [type, text.slice(start, end)])).toEqual([
      ["PERSON", "Theresa Wolkenstein"],
      ["EMAIL", "theresa.wolkenstein@example.com"],
    ]);
  });
});

describe("what detect refuses", () => {
  it("text above the limit, all texts together, by code and without a word of it", () => {
    expect(() => detect(["secret", "text"], { charsMax: 9 })).toThrow(
      expect.objectContaining({ code: "text_too_large", message: "the text holds 10 characters; at most 9" }),
    );
    expect(detect(["secret", "text"], { charsMax: 10 })).toEqual([[], []]);
  });

  it("what is no text, naming the argument", () => {
    expect(() => detect(7 as never)).toThrow(new TypeError("text must be a string or an array of strings"));
    expect(() => detect(["a", 7] as never)).toThrow(new TypeError("text[1] must be a string"));
    expect(() => detectStream({ hold: "page" as never })).toThrow(
      new TypeError('options.hold must be "line" or "word"'),
    );
  });
});

it("addresses and encoded forms are found beside the rest", () => {
  const text = "Ship to 221B Baker Street, London NW1 6XE; mail me at jane%40example.com";
  expect(detect(text).map(({ type, start, end }) => [type, text.slice(start, end)])).toEqual([
    ["ADDRESS", "221B Baker Street, London NW1 6XE"],
    ["EMAIL", "jane%40example.com"],
  ]);
});
