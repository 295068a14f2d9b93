import { expect, it } from "vitest";
import { Sink } from "../recognizers/recognizer.ts";
import { NamesLayer } from "./layer.ts";
import { loadNames } from "./model-node.ts";

const model = loadNames();
const FULL = "I am Theresa Wolkenstein.";
const SHORT = "well, ask wolkenstein so.";

/** The people found in `text` when it is looked at again. */
function again(layer: NamesLayer, text: string): string[] {
  const sink = new Sink(new Set(["PERSON"]), 0);
  layer.findAgain(text, 0, text.length, sink);
  return sink.found.map(({ start, end }) => text.slice(start, end));
}

function find(layer: NamesLayer, text: string): void {
  layer.find(text, 0, text.length, new Sink(undefined, 0));
}

it("a name is found again in each text of a document, whichever was read last and however often they are asked for", () => {
  expect(SHORT).toHaveLength(FULL.length);
  const layer = new NamesLayer(model);
  find(layer, SHORT);
  find(layer, FULL);
  for (let round = 0; round < 2; round++) {
    expect(again(layer, SHORT)).toEqual(["wolkenstein"]);
    expect(again(layer, FULL)).toEqual(["Theresa Wolkenstein"]);
  }
  find(layer, SHORT);
  expect(again(layer, SHORT)).toEqual(["wolkenstein"]);
});

it("a document that is read between finding and finding again changes nothing", () => {
  const layer = new NamesLayer(model);
  find(layer, FULL);
  find(new NamesLayer(model), SHORT);
  expect(again(layer, FULL)).toEqual(["Theresa Wolkenstein"]);
});
