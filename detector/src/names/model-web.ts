/**
 * The committed names model for browsers and edge runtimes: says where the file is, and reads what the host has fetched. Bundlers
 * see the URL form below and ship the file.
 */
import { type NamesModel, readNames } from "./model.ts";

/** Where the model lies: model/names.bin of this package. */
export function namesUrl(): URL {
  return new URL("../../model/names.bin", import.meta.url);
}

/** Reads the model out of a response, as from `fetch(namesUrl())`. Rejects when it is damaged or was not found. */
export async function loadNames(response: Promise<Response> | Response): Promise<NamesModel> {
  const answer = await response;
  if (!answer.ok) throw new Error(`the names model could not be fetched: status ${answer.status}`);
  return readNames(new Uint8Array(await answer.arrayBuffer()));
}
