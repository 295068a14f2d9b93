/**
 * Reads an inference request: every text in it, in the canonical order that decides the numbering of placeholders, and every
 * part that is not text. Writes it again by splicing into the client's own bytes, so that what was not changed survives as it
 * was sent. Every string is scanned, or a code, or hashed, or counted as opaque; none is passed over. Known weakness: two keys
 * of one object whose texts scrub to the same become the same key.
 */
import type { Segment } from "../../core/segment.ts";
import { applyEdits, type Edit, type JsonNode, jsonString, member, parseJson } from "./json.ts";
import type { Endpoint, RequestTable } from "./shape.ts";
import { fieldInvalid, type Part, type Spot, spotEdit, type Walked, walk } from "./walk.ts";

export interface InferenceRequest {
  /** What the client asked for: a model, or the connection of a custom endpoint. */
  readonly target: string;
  readonly streaming: boolean;
  /** The answer's text is to be a JSON document: what is put into it must be escaped. */
  readonly jsonAnswer: boolean;
  /** Every text in canonical order, each complete in itself. */
  readonly segments: Segment[];
  /** Parts that cannot be scanned as text, by kind: image, audio, video, file, document, tokens, unknown. */
  readonly opaqueParts: Record<string, number>;
  /** The request to forward. `segments` are the scrubbed ones: same length, same order. */
  write(segments: readonly Segment[], changes: RequestChanges): string;
}

export interface RequestChanges {
  /** The model as the target calls it. */
  readonly model: string;
  /** Puts a text that says so in the place of every part that is not text. */
  readonly withholdOpaque: boolean;
  /** Replaces what names the user to the provider. */
  readonly hashIdentity: (value: string) => string;
}

/** @throws SluiceError json_*, field_invalid; messages name the path. */
export function readRequest(endpoint: Endpoint, text: string, limits: { readonly depthMax: number }): InferenceRequest {
  const table = endpoint.request;
  if (table === undefined) throw new Error(`${endpoint.name} takes no request`);
  const root = parseJson(text, limits);
  const walked = readTable(text, root, table);
  const opaqueParts: Record<string, number> = {};
  for (const { kind } of walked.opaque) if (kind !== undefined) opaqueParts[kind] = (opaqueParts[kind] ?? 0) + 1;
  return {
    target: endpoint.target ?? targetOf(walked),
    streaming: streaming(root, endpoint),
    jsonAnswer: JSON_FORMATS.some((path) => JSON_TYPES.has(wordAt(root, path))),
    segments: walked.spots.map(segment),
    opaqueParts,
    write: (segments, changes) => write(text, walked, segments, changes),
  };
}

function readTable(text: string, root: JsonNode, table: RequestTable): Walked {
  if (root.kind !== "object") throw fieldInvalid("", "must be a JSON object");
  for (const key of table.required) {
    if ((member(root, key)?.kind ?? "null") === "null") throw fieldInvalid(key, "is missing");
  }
  return walk(text, root, table.shape, { side: "request", order: table.order });
}

function targetOf({ model }: Walked): string {
  if (model === undefined || model.value === "") throw fieldInvalid("model", "is missing");
  return model.value;
}

function streaming(root: JsonNode, endpoint: Endpoint): boolean {
  const stream = member(root, "stream")?.kind ?? "null";
  if (endpoint.stream === "none") return false;
  if (stream === "true" || stream === "false") return stream === "true";
  // A custom API may call it something else, or always stream.
  if (endpoint.family === "custom") return true;
  if (stream !== "null") throw fieldInvalid("stream", "must be true or false");
  return false;
}

/**
 * Where requests ask for an answer in JSON: OpenAI chat and Responses, Anthropic structured outputs.
 * https://platform.openai.com/docs/guides/structured-outputs, https://docs.claude.com/en/docs/build-with-claude/structured-outputs
 */
const JSON_FORMATS = [
  ["response_format", "type"],
  ["text", "format", "type"],
  ["output_format", "type"],
  ["output_config", "format", "type"],
] as const;
const JSON_TYPES: ReadonlySet<string> = new Set(["json_object", "json_schema"]);

function wordAt(root: JsonNode, path: readonly string[]): string {
  let node: JsonNode | undefined = root;
  for (const key of path) node = node?.kind === "object" ? member(node, key) : undefined;
  return node?.kind === "string" ? node.value : "";
}

function segment({ path, text, origin, json }: Spot): Segment {
  return json ? { path, text, final: true, origin, encoding: "json" } : { path, text, final: true, origin };
}

function write(text: string, walked: Walked, segments: readonly Segment[], changes: RequestChanges): string {
  if (segments.length !== walked.spots.length) throw new Error("the scrubber gave back another number of segments");
  const withheld = (part: Part | undefined): boolean =>
    changes.withholdOpaque && part !== undefined && (part.kind !== undefined || withheld(part.outer));
  const edits: Edit[] = walked.withdrawn.filter(({ part }) => !withheld(part));
  walked.spots.forEach((spot, position) => {
    const scrubbed = segments[position];
    if (scrubbed === undefined || scrubbed.path !== spot.path)
      throw new Error("the scrubber changed the order of segments");
    const edit = spotEdit(spot, scrubbed.text);
    if (edit && !withheld(spot.part)) edits.push(edit);
  });
  for (const { start, end, value, part } of walked.identities) {
    if (!withheld(part)) edits.push({ start, end, text: jsonString(changes.hashIdentity(value)) });
  }
  for (const part of walked.opaque) {
    if (!withheld(part) || withheld(part.outer)) continue;
    edits.push({ start: part.start, end: part.end, text: part.replacement(`[withheld: ${part.kind}]`) });
  }
  const { model } = walked;
  if (model !== undefined && model.value !== changes.model) {
    edits.push({ start: model.start, end: model.end, text: jsonString(changes.model) });
  }
  return applyEdits(text, edits);
}
