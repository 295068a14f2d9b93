/**
 * What an answer's two forms, whole and streamed, have in common: what they promise, how they read, how they push texts
 * through the way back, and how they find the token counts.
 */
import { SluiceError } from "../../core/errors.ts";
import type { Segment } from "../../core/segment.ts";
import { countMember, type Edit, type JsonNode, member, parseJson } from "./json.ts";
import type { Spot, Walked } from "./walk.ts";

/** The way back of one exchange. */
export interface Lanes {
  /** Nothing to restore and nothing to mask: bytes may pass unparsed. */
  readonly idle: boolean;
  /**
   * The next piece of the lane that `path` names, transformed. May hold back the end of it until the next piece; a final piece
   * gives everything back and ends the lane. Throws when too many are open.
   */
  push(segment: Segment): Segment;
}

/** Lanes of a model's own notes: plain text also where the answer itself is to be JSON. */
const NOTES = /reasoning|thinking|refusal|summary/;

/** The way back of an answer whose text is itself a JSON document: what is restored into it is escaped for it. */
export function asJson(back: Lanes): Lanes {
  return {
    idle: back.idle,
    push: (segment) =>
      back.push(
        segment.encoding !== undefined || NOTES.test(segment.path) ? segment : { ...segment, encoding: "json" },
      ),
  };
}

export interface AnswerLimits {
  /** Bytes of an answer that comes whole. */
  readonly responseBytesMax: number;
  readonly eventBytesMax: number;
  readonly depthMax: number;
}

export interface Usage {
  inputTokens?: number;
  outputTokens?: number;
}

export interface AnswerTransform {
  /**
   * What the client gets for these bytes; absent when there is nothing yet.
   * @throws SluiceError upstream_protocol, upstream_encoding_invalid, upstream_event_too_large, upstream_body_too_large
   */
  push(chunk: Uint8Array): Uint8Array | undefined;
  /** What is left when the upstream has no more. Throws as `push` does. */
  end(): Uint8Array | undefined;
  /** Tokens as the upstream reported them so far. */
  readonly usage: Readonly<Usage>;
  /** The answer's own end was seen, so nothing is missing. */
  readonly complete: boolean;
}

/** Parses what an upstream sent. A pair of surrogates may be cut between two deltas, so a lone one is no fault. */
export function parseAnswer(text: string, depthMax: number): JsonNode {
  try {
    return parseJson(text, { depthMax, loneSurrogates: "allow" });
  } catch (fault) {
    if (!(fault instanceof SluiceError)) throw fault;
    throw new SluiceError("upstream_protocol", `the answer cannot be read: ${fault.message}`);
  }
}

/** Adds what must go once a text of the document has changed. */
export function withWithdrawn(edits: Edit[], { withdrawn }: Walked): Edit[] {
  if (edits.length > 0) edits.push(...withdrawn);
  return edits;
}

export function pushWhole(back: Lanes, { path, text, json }: Spot): string {
  return back.push(json ? { path, text, final: true, encoding: "json" } : { path, text, final: true }).text;
}

/** Members of an answer or event that hold a usage object, beside itself. */
const USAGE_HOLDERS = ["response", "message", "x_groq"];

/** Reads the token counts of any family. Later counts replace earlier ones: Anthropic counts up while it streams. */
export function readUsage(text: string, root: JsonNode, into: Usage): void {
  for (const holder of [root, ...USAGE_HOLDERS.map((key) => member(root, key))]) {
    const usage = holder && member(holder, "usage");
    if (usage === undefined) continue;
    const input = countMember(text, usage, "prompt_tokens") ?? countMember(text, usage, "input_tokens");
    const output = countMember(text, usage, "completion_tokens") ?? countMember(text, usage, "output_tokens");
    if (input !== undefined) into.inputTokens = input;
    if (output !== undefined) into.outputTokens = output;
  }
}
