/**
 * The language of the endpoint tables: what stands where in a request or an answer, one row a fact. A table never lists what
 * is scanned; it lists what is not. A string no row speaks of is text, a key no row names is text, and a content part of a
 * type no row names cannot be scanned at all.
 */
import type { CustomEndpoint } from "../../core/connection.ts";
import type { Action } from "../../core/intent.ts";
import type { Origin } from "../../core/segment.ts";
import type { JsonNode } from "./json.ts";

/** What a string is. */
export type StringRule =
  /** Written by somebody: scanned. */
  | "text"
  /** A code or an id: left alone while it looks like one, otherwise scanned. */
  | "fixed"
  /** A signature or ciphertext that only the provider reads: left alone while it looks like one, otherwise scanned. */
  | "sealed"
  /** Names the user to the provider: replaced by a keyed hash. */
  | "identity"
  /** Pixels, sound, a file or where to fetch it: not scanned; the part it stands in is counted as opaque. */
  | "opaque"
  /** A JSON document inside a string (tool arguments): scanned as JSON. */
  | "json"
  /** The name that the gateway resolves. */
  | "model";

/** What a part is that cannot be scanned as text. Goes on record, so it is never a word of the client's. */
export type OpaqueKind = "image" | "audio" | "video" | "file" | "document" | "tokens" | "unknown";

/** What may stand at one place. A kind of value that is not described there is `field_invalid`; null always passes. */
export interface Shape {
  readonly string?: StringRule;
  /** Numbers and booleans pass. */
  readonly scalar?: boolean;
  /** Free-form: an object, a list or a long number is scanned as the JSON it is, keys and numbers included. */
  readonly free?: boolean;
  /** Arrays pass; what their items are. */
  readonly items?: Shape;
  /** Items name themselves by a member `index`, as deltas do, and not by their position. */
  readonly indexed?: boolean;
  /** Arrays of integers (or of such arrays) are token ids: text nobody can scan. */
  readonly tokens?: boolean;
  /** Objects pass; what their members are. */
  readonly fields?: ReadonlyMap<string, Shape>;
  /** Objects pass; what members without a row are. Default, beside `fields`: `UNKNOWN`. */
  readonly rest?: Shape;
  /** Keys without a row are codes, scanned only when they do not look like one. Default: scanned. */
  readonly fixedKeys?: boolean;
  /** Objects pass; the member `type` chooses what they are. */
  readonly variants?: Variants;
  /** Who wrote what stands below; `role`: as the object's member `role` says. Default: whoever wrote what is around it. */
  readonly origin?: Origin | "role";
  /** What stands here is not text: kind, for example `image`. Counted once for the part it stands in. */
  readonly opaque?: OpaqueKind;
  /** A part that may be withheld: gives what takes its place, for example a text part that says so. */
  readonly part?: (notice: string) => string;
  /** A piece of a text that comes in pieces: true for everything below, or the name of the one lane. Answers only. */
  readonly lane?: true | string;
  /** Says the text over again in a form that cannot be restored (log probabilities): replaced by this. */
  readonly withdraw?: string;
  /** Nothing below is looked at. */
  readonly leave?: boolean;
}

export interface Variants {
  readonly byType: ReadonlyMap<string, Shape>;
  /** Without a member `type`. Absent: `field_invalid`. */
  readonly untyped?: Shape;
  readonly unknown: Shape;
}

export interface RequestTable {
  readonly shape: Shape;
  /** Top-level keys in the order they are walked, before all others in document order. Decides the numbering of placeholders. */
  readonly order: readonly string[];
  /** Top-level keys that must be there. */
  readonly required: readonly string[];
}

export interface AnswerTable {
  /** A whole answer. */
  readonly whole: Shape;
  /** One event of a stream, with its source. */
  readonly event: (event: JsonNode, source: string) => EventRow;
  /** Found in the event that ends a complete answer. Absent: the end of the stream is the end of the answer. */
  readonly endMarker?: RegExp;
}

export interface EventRow {
  readonly shape: Shape;
  /** Set before the names of the event's lanes. */
  readonly lanes: string;
  /** Lanes that get no more text after this event, by the beginning of their names; "" ends all. */
  readonly ends: readonly string[];
}

/** One row of the endpoint table. */
export interface Endpoint {
  /** In the family's own words, for example `chat.completions`. */
  readonly name: string;
  readonly family: "openai" | "anthropic" | "custom";
  readonly method: "GET" | "POST";
  /** Path the client calls; below a custom connection, the path on the target. A last segment `{id}` stands for any text. */
  readonly path: string;
  readonly action: Action;
  /** How an answer streams when it does. */
  readonly stream: CustomEndpoint["stream"];
  /** Absent: the endpoint takes no body and forwards nothing. */
  readonly request?: RequestTable;
  readonly answer?: AnswerTable;
  /** What a custom endpoint's requests are addressed to: its connection. Absent: the request names a model. */
  readonly target?: string;
}

export type Fields = Readonly<Record<string, Shape>>;

export const object = (fields: Fields, more: Omit<Shape, "fields"> = {}): Shape => ({
  ...more,
  fields: new Map(Object.entries(fields)),
});
export const list = (items: Shape, more: Omit<Shape, "items"> = {}): Shape => ({ ...more, items });
export const variants = (byType: Fields, unknown: Shape, untyped?: Shape): Variants => ({
  byType: new Map(Object.entries(byType)),
  unknown,
  ...(untyped && { untyped }),
});

/** The same row for several keys. */
export const each = (keys: readonly string[], shape: Shape): Fields =>
  Object.fromEntries(keys.map((key) => [key, shape]));

type Open = { -readonly [K in keyof Shape]: Shape[K] };
/** A shape that may refer to itself. */
export function recursive(make: (self: Shape) => Shape): Shape {
  const self: Open = {};
  return Object.assign(self, make(self));
}

export const TEXT: Shape = { string: "text" };
export const SCALAR: Shape = { scalar: true };
export const LEAVE: Shape = { leave: true };
export const SEALED: Shape = { string: "sealed" };
export const IDENTITY: Shape = { string: "identity" };
export const OPAQUE: Shape = { string: "opaque" };
export const JSON_TEXT: Shape = { string: "json" };
/** Codes and ids, however they are nested. */
export const FIXED: Shape = recursive((self) => ({
  string: "fixed",
  scalar: true,
  items: self,
  rest: self,
  fixedKeys: true,
}));
/** Text or a list of texts. */
export const TEXTS: Shape = { string: "text", items: TEXT };

const SEALED_FIELDS: Fields = {
  signature: SEALED,
  thought_signature: SEALED,
  encrypted_content: SEALED,
  encrypted_index: SEALED,
  encrypted_stdout: SEALED,
};

/** What no row speaks of: every string and key is scanned, numbers are not (`seed` and time stamps look like phone numbers). */
export const UNKNOWN: Shape = recursive((self) =>
  object(SEALED_FIELDS, { string: "text", scalar: true, items: self, rest: self }),
);
/** Free-form zones: tool input, metadata, examples. One text, so that a value is read beside its key. */
export const FREE: Shape = { string: "text", scalar: true, free: true };
/** What no row speaks of in a delta: text in pieces, but for the fields that name and number it. */
export const UNKNOWN_PIECES: Shape = recursive((self) =>
  object(
    {
      ...SEALED_FIELDS,
      type: FIXED,
      id: FIXED,
      index: FIXED,
      format: FIXED,
      status: FIXED,
      role: FIXED,
      object: FIXED,
    },
    { string: "text", scalar: true, items: self, indexed: true, rest: self },
  ),
);

/** JSON Schema: https://json-schema.org/draft/2020-12/json-schema-core */
export const SCHEMA: Shape = recursive((self) => {
  // Some languages write an empty map as an empty list.
  const named: Shape = { items: self, rest: self, fixedKeys: true };
  const fixed = ["type", "$ref", "$id", "$schema", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary", "format"];
  fixed.push("required", "dependentRequired", "contentEncoding", "contentMediaType", "pattern");
  const nested = ["items", "prefixItems", "additionalItems", "additionalProperties", "unevaluatedItems", "contains"];
  nested.push("unevaluatedProperties", "propertyNames", "anyOf", "allOf", "oneOf", "not", "if", "then", "else");
  nested.push("contentSchema");
  const numbers = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "uniqueItems",
    "nullable",
  ];
  numbers.push(
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "deprecated",
    "strict",
  );
  return object(
    {
      ...each(fixed, FIXED),
      ...each(numbers, UNKNOWN),
      ...each(["title", "description", "$comment"], UNKNOWN),
      ...each(["default", "const", "enum", "examples", "example"], FREE),
      ...each(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"], named),
      ...each(nested, self),
    },
    { string: "text", scalar: true, items: self, rest: UNKNOWN },
  );
});
