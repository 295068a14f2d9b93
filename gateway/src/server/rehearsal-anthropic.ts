/**
 * The rehearsal upstream's Anthropic side: messages and count_tokens, in the shapes of https://docs.claude.com/en/api, whole
 * and as an event stream with pings. Ids are constants: answers repeat.
 */
import {
  isObject,
  type Json,
  type JsonObject,
  objectsOf,
  piecesOf,
  REHEARSAL_MODEL,
  stringOf,
  textOf,
  think,
  type Thought,
  tokensOf,
} from "./rehearsal-mind.ts";
import { type Answer, numberOf } from "./rehearsal-openai.ts";

const TOOL_USE_ID = "toolu_rehearsal";

export function answerMessages(body: JsonObject, pieceChars: number): Answer {
  const last = objectsOf(body["messages"]).at(-1);
  const thought = think({
    text: textOf(last?.["content"]),
    fromTool: objectsOf(last?.["content"]).some((part) => part["type"] === "tool_result"),
    tools: objectsOf(body["tools"]).map((tool) => ({
      name: stringOf(tool["name"]) ?? "",
      schema: tool["input_schema"],
    })),
    must: mustCall(body["tool_choice"]),
    tokensMax: numberOf(body["max_tokens"]),
  });
  const usage = { input_tokens: inputTokens(body), cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
  const output = tokensOf("tool" in thought ? thought.args : thought.text);
  const message = { id: "msg_rehearsal", type: "message", role: "assistant", model: REHEARSAL_MODEL };
  if (body["stream"] !== true) {
    const ended = { stop_reason: stopReason(thought), stop_sequence: null };
    return { whole: { ...message, content: [block(thought)], ...ended, usage: { ...usage, output_tokens: output } } };
  }
  const begun = {
    ...message,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...usage, output_tokens: 1 },
  };
  return {
    frames: [
      { type: "message_start", message: begun },
      { type: "content_block_start", index: 0, content_block: emptyBlock(thought) },
      { type: "ping" },
      ...deltas(thought, pieceChars).map((delta) => ({ type: "content_block_delta", index: 0, delta })),
      { type: "content_block_stop", index: 0 },
      {
        type: "message_delta",
        delta: { stop_reason: stopReason(thought), stop_sequence: null },
        usage: { output_tokens: output },
      },
      { type: "message_stop" },
    ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
  };
}

export function answerCountTokens(body: JsonObject): Answer {
  return { whole: { input_tokens: inputTokens(body) } };
}

function inputTokens(body: JsonObject): number {
  return tokensOf(body["messages"]) + (body["system"] === undefined ? 0 : tokensOf(body["system"]));
}

function block(thought: Thought): JsonObject {
  if ("tool" in thought)
    return { type: "tool_use", id: TOOL_USE_ID, name: thought.tool, input: JSON.parse(thought.args) as Json };
  return { type: "text", text: thought.text };
}

function emptyBlock(thought: Thought): JsonObject {
  return "tool" in thought
    ? { type: "tool_use", id: TOOL_USE_ID, name: thought.tool, input: {} }
    : { type: "text", text: "" };
}

function deltas(thought: Thought, pieceChars: number): JsonObject[] {
  if ("tool" in thought)
    return piecesOf(thought.args, pieceChars).map((partial_json) => ({ type: "input_json_delta", partial_json }));
  return piecesOf(thought.text, pieceChars).map((text) => ({ type: "text_delta", text }));
}

function stopReason(thought: Thought): string {
  if ("tool" in thought) return "tool_use";
  return thought.cut ? "max_tokens" : "end_turn";
}

function mustCall(choice: Json | undefined): boolean | string {
  if (!isObject(choice)) return false;
  return choice["type"] === "tool" ? (stringOf(choice["name"]) ?? false) : choice["type"] === "any";
}
