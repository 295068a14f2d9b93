import { describe, expect, it } from "vitest";
import { labelSet, softmax, spansOf } from "./labels.ts";

const TYPES = { PER: "PERSON", LOC: "LOCATION" };

/** Words of which the model is sure; "-" for white space. */
function spans(labels: string): [string, number, number][] {
  const words = labels.split(" ");
  const names = [...new Set(["O", "PER", ...words.filter((word) => word !== "-")])];
  const set = labelSet(names, TYPES);
  const probabilities = words.map((word) =>
    word === "-" ? undefined : Float32Array.from(names, (name) => (name === word ? 1 : 0)),
  );
  return spansOf(set, probabilities).map(({ type, from, to }) => [type, from, to]);
}

describe("labels of consecutive words", () => {
  it.each<[string, [string, number, number][]]>([
    ["O O", []],
    [
      "B-PER I-PER O B-LOC",
      [
        ["PERSON", 0, 2],
        ["LOCATION", 3, 4],
      ],
    ],
    [
      "B-PER B-PER",
      [
        ["PERSON", 0, 1],
        ["PERSON", 1, 2],
      ],
    ],
    [
      "B-PER I-LOC",
      [
        ["PERSON", 0, 1],
        ["LOCATION", 1, 2],
      ],
    ],
    ["I-PER I-PER O", [["PERSON", 0, 2]]],
    [
      "B-PER I-PER E-PER S-PER",
      [
        ["PERSON", 0, 3],
        ["PERSON", 3, 4],
      ],
    ],
    [
      "B_PER L_PER U_PER",
      [
        ["PERSON", 0, 2],
        ["PERSON", 2, 3],
      ],
    ],
    [
      "E-PER I-PER",
      [
        ["PERSON", 0, 1],
        ["PERSON", 1, 2],
      ],
    ],
    [
      "PER PER LOC O PER",
      [
        ["PERSON", 0, 2],
        ["LOCATION", 2, 3],
        ["PERSON", 4, 5],
      ],
    ],
    ["B-MISC I-PER", [["PERSON", 1, 2]]],
    ["B-PER - I-PER - O", [["PERSON", 0, 3]]],
    [
      "PER - LOC",
      [
        ["PERSON", 0, 1],
        ["LOCATION", 2, 3],
      ],
    ],
  ])("%s", (labels, expected) => {
    expect(spans(labels)).toEqual(expected);
  });
});

it("the probability of a span is that of its type, whichever of its labels a word has", () => {
  const set = labelSet(["O", "B-PER", "I-PER"], TYPES);
  const [span] = spansOf(set, [Float32Array.of(0.25, 0.5, 0.25)]);
  expect(span).toMatchObject({ from: 0, to: 1, probability: 0.75 });
});

it("softmax of large numbers is a number", () => {
  expect([...softmax(Float32Array.of(1000, 1000))]).toEqual([0.5, 0.5]);
});

it("a prototype's property is no label", () => {
  expect(() => labelSet(["O", "B-toString"], TYPES)).toThrow(TypeError);
});
