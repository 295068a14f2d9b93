/** Personal data in encoded form. */
import type { Layer } from "../layer.ts";
import { type DetectPlain, findEncoded } from "./find.ts";

export { type DetectPlain, findEncoded };

/** `detectPlain`: what the recognizers find in a text as it stands; it must not look for encoded forms in turn. */
export function encodedLayer(detectPlain: DetectPlain): Layer {
  return { find: (text, from, to, sink) => findEncoded(text, from, to, detectPlain, sink) };
}
