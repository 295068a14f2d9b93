/**
 * Names as a layer: what the tagger is sure of it remembers, and finds it again where the tagger alone would not. Made for
 * one document, which may be several texts; holds hashes of names, never text.
 */
import type { Layer } from "../layer.ts";
import type { Sink } from "../recognizers/recognizer.ts";
import { NameMemory } from "./memory.ts";
import type { NamesModel } from "./model.ts";
import { findNames } from "./names.ts";

export class NamesLayer implements Layer {
  readonly #model: NamesModel;
  /** Most texts name nobody. */
  #memory: NameMemory | undefined;

  constructor(model: NamesModel) {
    this.#model = model;
  }

  find(text: string, from: number, to: number, sink: Sink): void {
    const before = sink.found.length;
    findNames(this.#model, text, from, to, sink);
    if (sink.found.length === before) return;
    this.#memory ??= new NameMemory(this.#model);
    this.#memory.learn(sink.found, text, before);
  }

  findAgain(text: string, from: number, to: number, sink: Sink): void {
    this.#memory?.findAgain(text, from, to, sink);
  }
}
