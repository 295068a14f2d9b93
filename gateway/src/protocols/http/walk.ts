/**
 * Walks a document along its shape and lists what stands in it: texts to scan, identities, parts that cannot be scanned. The
 * only place that applies the tables, for requests and answers alike. It changes nothing and keeps no text of its own: each
 * spot points into the source. A request that does not fit its shape is refused; an answer that does not is all text.
 */
import { SluiceError } from "../../core/errors.ts";
import type { Origin } from "../../core/segment.ts";
import {
  type Edit,
  type JsonArray,
  type JsonMember,
  type JsonNode,
  type JsonObject,
  type JsonString,
  jsonString,
  stringMember,
} from "./json.ts";
import { type OpaqueKind, type Shape, UNKNOWN } from "./shape.ts";

/** One text: a string, a key, or the source of a free-form value. */
export interface Spot {
  /** Range to splice. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly path: string;
  readonly origin: Origin;
  /** `text` is serialized JSON. */
  readonly json: boolean;
  /** `text` is the source itself and not the value of a string: it goes back without quotes. */
  readonly source: boolean;
  /** One piece of a text that comes in pieces. */
  readonly lane: boolean;
  readonly part: Part | undefined;
}

/** What may be withheld as a whole. */
export interface Part {
  readonly start: number;
  readonly end: number;
  readonly replacement: (notice: string) => string;
  /** The part around it. */
  readonly outer: Part | undefined;
  /** Set once something that is not text was found in it. */
  kind: OpaqueKind | undefined;
}

export interface Identity {
  readonly start: number;
  readonly end: number;
  readonly value: string;
  readonly part: Part | undefined;
}

/** A replacement for what says the text over again. */
export interface Withdrawn extends Edit {
  readonly part: Part | undefined;
}

export interface Walked {
  readonly spots: readonly Spot[];
  readonly identities: readonly Identity[];
  /** Parts that are not text, in document order of the walk. */
  readonly opaque: readonly Part[];
  readonly withdrawn: readonly Withdrawn[];
  readonly model: JsonString | undefined;
}

export interface WalkOptions {
  /** `request`: what does not fit is refused. `answer`: it is text. */
  readonly side: "request" | "answer";
  /** Top-level keys that are walked first. */
  readonly order?: readonly string[];
  /** Set before the names of lanes. */
  readonly lanes?: string;
}

/** @throws SluiceError field_invalid, naming the path (requests only). */
export function walk(text: string, root: JsonNode, shape: Shape, options: WalkOptions): Walked {
  const walker = new Walker(text, options);
  walker.visit(root, shape, "", ROOT, options.order);
  return walker;
}

interface Context {
  readonly origin: Origin;
  readonly lane: true | string | undefined;
  readonly part: Part | undefined;
}

const ROOT: Context = { origin: "user", lane: undefined, part: undefined };

/** What a code or an id looks like. No `@`: an address is never a code. */
const TOKEN = /^[A-Za-z0-9_.:/-]{1,128}$/;
/** What a signature looks like: base64 of either alphabet, longer than any personal number. */
const SEAL = /^[A-Za-z0-9+/_-]{40,}={0,2}$/;
/** Personal numbers have at least this many digits. */
const NUMBER_DIGITS_MIN = 8;
const EMPTY = "{}";

/** Who wrote a message, by its role; every other role is the user's. */
const ORIGINS: ReadonlyMap<string | undefined, Origin> = new Map([
  ["system", "system"],
  ["developer", "system"],
  ["assistant", "assistant"],
  ["tool", "tool"],
  ["function", "tool"],
]);

type Range = Pick<Spot, "start" | "end">;
type Kind = Pick<Spot, "json" | "source" | "lane">;

class Walker implements Walked {
  readonly spots: Spot[] = [];
  readonly identities: Identity[] = [];
  readonly opaque: Part[] = [];
  readonly withdrawn: Withdrawn[] = [];
  model: JsonString | undefined;

  readonly #text: string;
  readonly #answer: boolean;
  readonly #lanes: string;

  constructor(text: string, options: WalkOptions) {
    this.#text = text;
    this.#answer = options.side === "answer";
    this.#lanes = options.lanes ?? "";
  }

  visit(node: JsonNode, shape: Shape, path: string, around: Context, order?: readonly string[]): void {
    if (node.kind === "null") return;
    if (shape.withdraw !== undefined) {
      this.withdrawn.push({ start: node.start, end: node.end, text: shape.withdraw, part: around.part });
      return;
    }
    const here = this.#enter(node, shape, around);
    if (shape.leave) return;
    if (shape.free && this.#free(node, path, here)) return;
    switch (node.kind) {
      case "string":
        return this.#string(node, shape, path, here);
      case "number":
      case "true":
      case "false":
        if (!shape.scalar) this.#misfit(node, path, here);
        return;
      case "array":
        return this.#array(node, shape, path, here);
      case "object":
        return this.#object(node, shape, path, here, order);
    }
  }

  #enter(node: JsonNode, shape: Shape, around: Context): Context {
    const { origin, part, lane, opaque } = shape;
    if (origin === undefined && part === undefined && lane === undefined && opaque === undefined) return around;
    const inner: Context = {
      origin: origin === "role" ? (ORIGINS.get(stringMember(node, "role")) ?? "user") : (origin ?? around.origin),
      lane: lane ?? around.lane,
      part: part ? newPart(node, part, around.part) : around.part,
    };
    if (opaque !== undefined && !this.#answer) this.#mark(inner.part ?? bare(node), opaque);
    return inner;
  }

  #mark(part: Part, kind: OpaqueKind): void {
    if (part.kind !== undefined) return;
    part.kind = kind;
    this.opaque.push(part);
  }

  #string(node: JsonString, shape: Shape, path: string, here: Context): void {
    const { value } = node;
    switch (shape.string) {
      case undefined:
        return this.#misfit(node, path, here);
      case "text":
        return this.#spot(node, value, path, here, this.#holdsJson(value, here));
      case "fixed":
        if (!TOKEN.test(value)) this.#whole(node, value, path, here);
        return;
      case "sealed":
        if (!SEAL.test(value)) this.#whole(node, value, path, here);
        return;
      case "opaque":
        return;
      case "identity":
        if (!this.#answer) this.identities.push({ start: node.start, end: node.end, value, part: here.part });
        return;
      case "model":
        this.model ??= node;
        return;
      case "json":
        return this.#spot(node, value, path, here, true);
    }
  }

  /** What a tool gave back is often JSON: read as such, an escape is not taken for text. Where it is none, nothing is lost. */
  #holdsJson(value: string, { origin }: Context): boolean {
    return origin === "tool" && !this.#answer && /^\s*[[{]/.test(value);
  }

  #free(node: JsonNode, path: string, here: Context): boolean {
    const { start, end } = node;
    const text = this.#text.slice(start, end);
    if (node.kind === "number" ? digits(text) < NUMBER_DIGITS_MIN : node.kind !== "object" && node.kind !== "array")
      return false;
    if (text.length > EMPTY.length) this.#add(node, text, path, here, { json: true, source: true, lane: false });
    return true;
  }

  #array(node: JsonArray, shape: Shape, path: string, here: Context): void {
    const { items } = shape;
    if (shape.tokens && this.#tokens(node, path)) return;
    if (items === undefined) return this.#misfit(node, path, here);
    let position = 0;
    for (const item of node.items) {
      const name = shape.indexed ? (this.#index(item) ?? position) : position;
      this.visit(item, items, path === "" ? `${name}` : `${path}.${name}`, here);
      position++;
    }
  }

  #index(item: JsonNode): string | undefined {
    if (item.kind !== "object") return undefined;
    for (const { key, value } of item.members) {
      if (key === "index" && value.kind === "number") return this.#text.slice(value.start, value.end);
    }
    return undefined;
  }

  /** True when the array is token ids, alone or in lists; each list is one opaque part. */
  #tokens(node: JsonArray, path: string): boolean {
    const lists = node.items[0]?.kind === "array" ? node.items : [node];
    if (lists[0]?.kind !== "array" || lists[0].items[0]?.kind !== "number") return false;
    for (const each of lists) {
      if (each.kind !== "array" || each.items.some((item) => item.kind !== "number")) {
        throw fieldInvalid(path, "mixes token ids with something else");
      }
      this.#mark(bare(each), "tokens");
    }
    return true;
  }

  #object(node: JsonObject, shape: Shape, path: string, here: Context, order?: readonly string[]): void {
    if (shape.variants) return this.#variant(node, shape, path, here);
    const { fields } = shape;
    if (fields === undefined && shape.rest === undefined) return this.#misfit(node, path, here);
    const members = order ? ordered(node, order) : node.members;
    let position = -1;
    for (const { key, keyStart, keyEnd, value } of members) {
      position++;
      const row = fields?.get(key);
      if (row !== undefined) {
        this.visit(value, row, path === "" ? key : `${path}.${key}`, here);
        continue;
      }
      // A key no row names may be payload itself, so a path says its position.
      const inner = path === "" ? `${position}` : `${path}.${position}`;
      if (!shape.fixedKeys || !TOKEN.test(key)) {
        this.#whole({ start: keyStart, end: keyEnd }, key, `${inner}.key`, here);
      }
      this.visit(value, shape.rest ?? UNKNOWN, inner, here);
    }
  }

  #variant(node: JsonObject, shape: Shape, path: string, here: Context): void {
    const type = stringMember(node, "type");
    const table = shape.variants;
    const row =
      type === undefined ? table?.untyped : (table?.byType.get(type) ?? (this.#answer ? UNKNOWN : table?.unknown));
    if (row) return this.visit(node, row, path, here);
    if (!this.#answer) throw fieldInvalid(path === "" ? "type" : `${path}.type`, "must be a string");
    this.visit(node, UNKNOWN, path, here);
  }

  /** A text that comes at once, also where others come in pieces. */
  #whole(range: Range, text: string, path: string, here: Context): void {
    this.#add(range, text, path, here, { json: false, source: false, lane: false });
  }

  #spot(range: Range, text: string, path: string, here: Context, json: boolean): void {
    const { lane } = here;
    const name = lane === undefined ? path : this.#lanes + (lane === true ? path : lane);
    this.#add(range, text, name, here, { json, source: false, lane: lane !== undefined });
  }

  #add({ start, end }: Range, text: string, path: string, { origin, part }: Context, how: Kind): void {
    if (text !== "") {
      this.spots.push({ start, end, text, path, origin, json: how.json, source: how.source, lane: how.lane, part });
    }
  }

  #misfit(node: JsonNode, path: string, here: Context): void {
    if (!this.#answer) throw fieldInvalid(path, "has a value of a wrong type");
    this.visit(node, UNKNOWN, path, here);
  }
}

function digits(text: string): number {
  return text.replace(/\D+/g, "").length;
}

function newPart(node: JsonNode, replacement: Part["replacement"], outer: Part | undefined): Part {
  return { start: node.start, end: node.end, replacement, outer, kind: undefined };
}

/** What is no part of a list has only a string to take its place. */
function bare(node: JsonNode): Part {
  return newPart(node, JSON.stringify, undefined);
}

/** The members in the order they are walked: rows of the table first. No key stands twice. */
function ordered({ members }: JsonObject, order: readonly string[]): JsonObject["members"] {
  const walked: JsonMember[] = [];
  for (const key of order) {
    const named = members.find((each) => each.key === key);
    if (named !== undefined) walked.push(named);
  }
  for (const each of members) if (!order.includes(each.key)) walked.push(each);
  return walked;
}

/** The edit that puts `after` where the spot's text stood; absent when nothing changed. */
export function spotEdit(spot: Spot | undefined, after: string | undefined): Edit | undefined {
  if (spot === undefined || after === undefined || after === spot.text) return undefined;
  return { start: spot.start, end: spot.end, text: spot.source ? after : jsonString(after) };
}

export function fieldInvalid(path: string, what: string): SluiceError {
  return new SluiceError("field_invalid", `${path === "" ? "the body" : path} ${what}`);
}
