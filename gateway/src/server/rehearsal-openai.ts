/**
 * The rehearsal upstream's OpenAI side: chat completions, completions, responses, embeddings and models, in the shapes of
 * https://platform.openai.com/docs/api-reference, whole and as event streams. Ids and times are constants: answers repeat.
 */
import { createHash } from "node:crypto";
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
  type Tool,
} from "./rehearsal-mind.ts";

/** One answer: a whole JSON value, or the frames of a stream in order. */
export type Answer = { readonly whole: Json } | { readonly frames: readonly string[] };

const CREATED = 1_767_225_600;
const EMBEDDING_DIMENSIONS = 8;
const CHOICES_MAX = 4;
const CALL_ID = "call_rehearsal";

const frame = (data: Json): string => `data: ${JSON.stringify(data)}\n\n`;
const DONE = "data: [DONE]\n\n";

export function answerChat(body: JsonObject, pieceChars: number): Answer {
  const messages = objectsOf(body["messages"]);
  const last = messages.at(-1);
  const thought = think({
    text: textOf(last?.["content"]),
    fromTool: last?.["role"] === "tool",
    tools: objectsOf(body["tools"]).map(chatTool),
    must: mustCall(body["tool_choice"]),
    tokensMax: numberOf(body["max_completion_tokens"]) ?? numberOf(body["max_tokens"]),
  });
  const choices = Array.from({ length: Math.min(CHOICES_MAX, numberOf(body["n"]) ?? 1) }, (_, index) => index);
  const usage = chatUsage(tokensOf(body["messages"]), outputTokens(thought) * choices.length);
  const base = {
    id: "chatcmpl-rehearsal",
    created: CREATED,
    model: REHEARSAL_MODEL,
    system_fingerprint: "fp_rehearsal",
  };
  if (body["stream"] !== true) {
    const finish = finishOf(thought);
    const whole = choices.map((index) => ({
      index,
      message: chatMessage(thought),
      logprobs: null,
      finish_reason: finish,
    }));
    return { whole: { ...base, object: "chat.completion", choices: whole, usage } };
  }
  const withUsage = isObject(body["stream_options"]) && body["stream_options"]["include_usage"] === true;
  const chunk = (choices: Json[], more: JsonObject = withUsage ? { usage: null } : {}): string =>
    frame({ ...base, object: "chat.completion.chunk", choices, ...more });
  const deltas = chatDeltas(thought, pieceChars);
  const frames = choices.map((index) =>
    chunk([{ index, delta: { role: "assistant", content: "tool" in thought ? null : "" }, finish_reason: null }]),
  );
  // A comment, as some providers send to keep proxies from closing a quiet connection.
  frames.push(": keep-alive\n\n");
  for (const delta of deltas)
    for (const index of choices) frames.push(chunk([{ index, delta, logprobs: null, finish_reason: null }]));
  for (const index of choices)
    frames.push(chunk([{ index, delta: {}, logprobs: null, finish_reason: finishOf(thought) }]));
  if (withUsage) frames.push(chunk([], { usage }));
  return { frames: [...frames, DONE] };
}

function chatDeltas(thought: Thought, pieceChars: number): JsonObject[] {
  if (!("tool" in thought)) return piecesOf(thought.text, pieceChars).map((content) => ({ content }));
  const first = { index: 0, id: CALL_ID, type: "function", function: { name: thought.tool, arguments: "" } };
  const rest = piecesOf(thought.args, pieceChars).map((args) => ({ index: 0, function: { arguments: args } }));
  return [first, ...rest].map((call) => ({ tool_calls: [call] }));
}

function chatMessage(thought: Thought): JsonObject {
  if (!("tool" in thought)) return { role: "assistant", content: thought.text, refusal: null, annotations: [] };
  const call = { id: CALL_ID, type: "function", function: { name: thought.tool, arguments: thought.args } };
  return { role: "assistant", content: null, refusal: null, annotations: [], tool_calls: [call] };
}

function chatTool(tool: JsonObject): Tool {
  const named = isObject(tool["function"]) ? tool["function"] : {};
  return { name: stringOf(named["name"]) ?? "", schema: named["parameters"] };
}

export function answerCompletion(body: JsonObject, pieceChars: number): Answer {
  const { prompt } = body;
  const text = Array.isArray(prompt) ? prompt.map((part) => stringOf(part) ?? "").join("\n") : (stringOf(prompt) ?? "");
  const thought = think({ text, fromTool: false, tools: [], must: false, tokensMax: numberOf(body["max_tokens"]) });
  const said = "text" in thought ? thought.text : "";
  const base = { id: "cmpl-rehearsal", object: "text_completion", created: CREATED, model: REHEARSAL_MODEL };
  const choice = (text: string, finish: string | null): JsonObject => ({
    text,
    index: 0,
    logprobs: null,
    finish_reason: finish,
  });
  const usage = chatUsage(tokensOf(text), outputTokens(thought));
  if (body["stream"] !== true) return { whole: { ...base, choices: [choice(said, finishOf(thought))], usage } };
  const frames = piecesOf(said, pieceChars).map((piece) => frame({ ...base, choices: [choice(piece, null)] }));
  frames.push(frame({ ...base, choices: [choice("", finishOf(thought))] }));
  if (isObject(body["stream_options"]) && body["stream_options"]["include_usage"] === true)
    frames.push(frame({ ...base, choices: [], usage }));
  return { frames: [...frames, DONE] };
}

export function answerResponse(body: JsonObject, pieceChars: number): Answer {
  const { input } = body;
  const items = objectsOf(input);
  const last = items.at(-1);
  const fromTool = last?.["type"] === "function_call_output";
  const thought = think({
    text: typeof input === "string" ? input : fromTool ? textOf(last?.["output"]) : textOf(last?.["content"]),
    fromTool,
    tools: objectsOf(body["tools"])
      .filter((tool) => tool["type"] === "function")
      .map((tool) => ({ name: stringOf(tool["name"]) ?? "", schema: tool["parameters"] })),
    must: mustCall(body["tool_choice"]),
    tokensMax: numberOf(body["max_output_tokens"]),
  });
  const whole = responseObject(body, thought);
  return body["stream"] === true ? { frames: responseFrames(whole, thought, pieceChars) } : { whole };
}

function responseObject(body: JsonObject, thought: Thought): JsonObject {
  const input = tokensOf(body["input"]) + (body["instructions"] === undefined ? 0 : tokensOf(body["instructions"]));
  const output = outputTokens(thought);
  const cut = "cut" in thought && thought.cut;
  return {
    id: "resp_rehearsal",
    object: "response",
    created_at: CREATED,
    status: cut ? "incomplete" : "completed",
    background: false,
    error: null,
    incomplete_details: cut ? { reason: "max_output_tokens" } : null,
    instructions: body["instructions"] ?? null,
    max_output_tokens: body["max_output_tokens"] ?? null,
    metadata: body["metadata"] ?? {},
    model: REHEARSAL_MODEL,
    output: [responseItem(thought, "completed")],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: false,
    temperature: 1,
    text: { format: { type: "text" } },
    tool_choice: body["tool_choice"] ?? "auto",
    tools: body["tools"] ?? [],
    top_p: 1,
    truncation: "disabled",
    usage: {
      input_tokens: input,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input + output,
    },
    user: null,
  };
}

function responseItem(thought: Thought, status: "in_progress" | "completed"): JsonObject {
  const begun = status === "in_progress";
  if ("tool" in thought) {
    const args = begun ? "" : thought.args;
    return { id: "fc_rehearsal", type: "function_call", status, arguments: args, call_id: CALL_ID, name: thought.tool };
  }
  const content = begun ? [] : [textPart(thought.text)];
  return { id: "msg_rehearsal", type: "message", status, content, role: "assistant" };
}

const textPart = (text: string): JsonObject => ({ type: "output_text", annotations: [], logprobs: [], text });

function responseFrames(whole: JsonObject, thought: Thought, pieceChars: number): string[] {
  const begun = { ...whole, status: "in_progress", incomplete_details: null, output: [], usage: null };
  const item = { item_id: "tool" in thought ? "fc_rehearsal" : "msg_rehearsal", output_index: 0 };
  const events: (JsonObject & { type: string })[] = [
    { type: "response.created", response: begun },
    { type: "response.in_progress", response: begun },
    { type: "response.output_item.added", output_index: 0, item: responseItem(thought, "in_progress") },
  ];
  if ("tool" in thought) {
    for (const delta of piecesOf(thought.args, pieceChars))
      events.push({ type: "response.function_call_arguments.delta", ...item, delta });
    events.push({
      type: "response.function_call_arguments.done",
      ...item,
      arguments: thought.args,
      name: thought.tool,
    });
  } else {
    const part = { ...item, content_index: 0 };
    events.push({ type: "response.content_part.added", ...part, part: textPart("") });
    for (const delta of piecesOf(thought.text, pieceChars))
      events.push({ type: "response.output_text.delta", ...part, delta, logprobs: [] });
    events.push({ type: "response.output_text.done", ...part, text: thought.text, logprobs: [] });
    events.push({ type: "response.content_part.done", ...part, part: textPart(thought.text) });
  }
  events.push({ type: "response.output_item.done", output_index: 0, item: responseItem(thought, "completed") });
  events.push({
    type: whole["status"] === "incomplete" ? "response.incomplete" : "response.completed",
    response: whole,
  });
  return events.map((event, at) => `event: ${event.type}\n${frame({ ...event, sequence_number: at })}`);
}

export function answerEmbeddings(body: JsonObject): Answer {
  const { input } = body;
  const inputs = Array.isArray(input) && !input.every((part) => typeof part === "number") ? input : [input ?? ""];
  const dimensions = Math.min(4_096, numberOf(body["dimensions"]) ?? EMBEDDING_DIMENSIONS);
  const asBase64 = body["encoding_format"] === "base64";
  const data = inputs.map((part, index) => {
    const vector = vectorOf(typeof part === "string" ? part : JSON.stringify(part), dimensions);
    return {
      object: "embedding",
      index,
      embedding: asBase64 ? Buffer.from(vector.buffer).toString("base64") : [...vector],
    };
  });
  const tokens = tokensOf(input);
  return {
    whole: { object: "list", data, model: REHEARSAL_MODEL, usage: { prompt_tokens: tokens, total_tokens: tokens } },
  };
}

/** A unit vector that depends on every byte of the text and means nothing. */
function vectorOf(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (let at = 0; at < dimensions; at++) {
    vector[at] = createHash("sha256").update(`${at}:${text}`).digest().readInt32LE(0) / 2 ** 31;
  }
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((part) => part / length);
}

export function answerModels(): Answer {
  return {
    whole: { object: "list", data: [{ id: REHEARSAL_MODEL, object: "model", created: CREATED, owned_by: "sluice" }] },
  };
}

function mustCall(choice: Json | undefined): boolean | string {
  if (choice === "required") return true;
  if (!isObject(choice)) return false;
  const named = isObject(choice["function"]) ? choice["function"]["name"] : choice["name"];
  return stringOf(named) ?? false;
}

function finishOf(thought: Thought): string {
  if ("tool" in thought) return "tool_calls";
  return thought.cut ? "length" : "stop";
}

function outputTokens(thought: Thought): number {
  return tokensOf("tool" in thought ? thought.args : thought.text);
}

function chatUsage(prompt: number, completion: number): JsonObject {
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

export function numberOf(value: Json | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}
