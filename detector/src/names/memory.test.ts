import { describe, expect, it } from "vitest";
import { Sink } from "../recognizers/recognizer.ts";
import { LEARN_SCORE_MIN, NameMemory } from "./memory.ts";
import { loadNames } from "./model-node.ts";

const model = loadNames();

function learned(text: string, name: string, type = "PERSON", score = 0.95): NameMemory {
  const memory = new NameMemory(model);
  const start = text.indexOf(name);
  const sink = new Sink(undefined, 0);
  sink.add(type, start, start + name.length, score, "names", "");
  memory.learn(sink.found, text);
  return memory;
}

function again(memory: NameMemory, text: string): string[] {
  const sink = new Sink(undefined, 0);
  memory.findAgain(text, 0, text.length, sink);
  return sink.found.map(({ start, end }) => text.slice(start, end));
}

describe("a name that was learned", () => {
  const memory = learned("Dear Mrs Theresa Wolkenstein,", "Theresa Wolkenstein");

  it.each([
    ["theresa wolkenstein called", ["theresa wolkenstein"]],
    ["THERESA WOLKENSTEIN", ["THERESA WOLKENSTEIN"]],
    ["as Wolkenstein said", ["Wolkenstein"]],
    ["ask wolkenstein", ["wolkenstein"]],
    ["Wolkensteins Auto", ["Wolkensteins"]],
  ])("is found in: %s", (text, names) => {
    expect(again(memory, text)).toEqual(names);
  });

  it.each(["wolkensteins", "user_wolkenstein", "https://example.com/Wolkenstein", "Wolken", ""])(
    "is not found in: %s",
    (text) => {
      expect(again(memory, text)).toEqual([]);
    },
  );
});

it("a doubtful name is not learned", () => {
  expect(again(learned("Ask Theresa", "Theresa", "PERSON", LEARN_SCORE_MIN - 0.01), "Theresa again")).toEqual([]);
});

it("a name that is an everyday word is not found again on its own", () => {
  const memory = learned("I met Anna House today", "Anna House");
  expect(again(memory, "the house is large; anna house")).toEqual(["anna house"]);
});

it("what is no name is not learned", () => {
  expect(again(learned("Mail to someone", "someone", "EMAIL"), "someone")).toEqual([]);
});

it("an empty memory finds nothing", () => {
  expect(again(new NameMemory(model), "Theresa Wolkenstein")).toEqual([]);
});
