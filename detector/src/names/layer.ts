/**
 * Names as a layer: what the tagger is sure of it remembers, and finds it again where the tagger alone would not. Made for
 * one document, which may be several texts; holds hashes of names, never text.
 */
import type { Layer } from "../layer.ts";
import type { Sink } from "../recognizers/recognizer.ts";
import { NameMemory } from "./memory.ts";
import type { NamesModel } from "./model.ts";
import { findNames } from "./names.ts";
import { chunksRead, tokens } from "./tagger.ts";

export class NamesLayer implements Layer {
  readonly #model: NamesModel;
  /** Most texts name nobody. */
  #memory: NameMemory | undefined;
  /** Where the chunk begins that was read last, and its number: the tagger may have its tokens still. The text only until it is looked at again. */
  #text = "";
  #from = 0;
  #chunk = 0;

  constructor(model: NamesModel) {
    this.#model = model;
  }

  find(text: string, from: number, to: number, sink: Sink): void {
    const before = sink.found.length;
    findNames(this.#model, text, from, to, sink);
    if (sink.found.length > before) {
      this.#memory ??= new NameMemory(this.#model);
      this.#memory.learn(sink.found, text, before);
    }
    if (this.#memory === undefined) return;
    this.#text = text;
    this.#from = from;
    this.#chunk = chunksRead;
  }

  findAgain(text: string, from: number, to: number, sink: Sink): void {
    if (this.#memory === undefined) return;
    const isRead = this.#chunk === chunksRead && this.#from === from && this.#text === text;
    this.#text = "";
    this.#memory.findAgain(text, from, to, sink, isRead ? tokens : undefined);
  }
}
