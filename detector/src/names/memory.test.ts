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

it("one word of the lists of names, alone, is found again with a capital; in lower case it may be a word like others", () => {
  const grant = learned("ask Grant about it", "Grant");
  expect(again(grant, "Grant said: take the grant")).toEqual(["Grant"]);
  expect(again(learned("General Ulysses Grant,", "Ulysses Grant"), "ask grant")).toEqual(["grant"]);
  expect(again(learned("ask Wolkenstein", "Wolkenstein"), "wolkenstein knows")).toEqual(["wolkenstein"]);
});

it("what is learned as a part of a name counts, whether it was learned alone before or after", () => {
  const memory = learned("ask Grant about it", "Grant");
  const text = "General Ulysses Grant,";
  const sink = new Sink(undefined, 0);
  sink.add("PERSON", 8, 21, 0.95, "names", "");
  memory.learn(sink.found, text);
  expect(again(memory, "ask grant")).toEqual(["grant"]);
});
