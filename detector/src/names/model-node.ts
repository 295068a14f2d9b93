/// <reference types="node" />
/**
 * The committed names model, read from the file beside this package. The only file of the detector that does I/O; the core never
 * imports it, callers do: `@sluice/detector/model`.
 */
import { readFileSync } from "node:fs";
import { type NamesModel, readNames } from "./model.ts";

let loaded: NamesModel | undefined;

/** The model, read at the first call and kept. Throws when the file is missing or damaged. */
export function loadNames(): NamesModel {
  loaded ??= readNames(readFileSync(namesUrl()));
  return loaded;
}

/** Where the model lies: model/names.bin of this package. */
export function namesUrl(): URL {
  return new URL("../../model/names.bin", import.meta.url);
}
