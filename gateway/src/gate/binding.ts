/**
 * What a yes of people is to: one body, sent in one way. Equal for two requests exactly when all of this is equal, so that what
 * was approved for a draft is not good for its publication, nor for another model or further features of the same API. Pure;
 * computed only for requests that people are asked about.
 */
import { hash } from "node:crypto";
import type { Connection } from "../core/connection.ts";
import type { Action, Travels } from "../core/intent.ts";

export interface Bound {
  readonly action: Action;
  /** In the family's own words. */
  readonly endpoint: string;
  readonly model: string;
  readonly connection: Connection;
  readonly travels: Travels;
  /** SHA-256 of the body. */
  readonly body: Uint8Array;
}

/** Changes with the meaning of the text below. */
const FORM = "sluice approval 1";

/** SHA-256 over one text, whose parts are told from one another by JSON. The credential is no part of it: it is rotated. */
export function bindingOf({ action, endpoint, model, connection, travels, body }: Bound): Uint8Array {
  const { name, kind, url, query, headers } = connection;
  const text = JSON.stringify([
    FORM,
    action,
    [name, kind, url.href, Object.entries(query), Object.entries(headers)],
    [endpoint, travels.path, travels.query, travels.headers],
    model,
    Buffer.from(body).toString("base64url"),
  ]);
  return hash("sha256", text, "buffer");
}
