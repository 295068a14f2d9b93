/**
 * The OpenAI family: what its requests and answers are made of. Tables only; see shape.ts for the language. Sources:
 * https://platform.openai.com/docs/api-reference (chat, responses, completions, embeddings, models), and the fields that
 * compatible servers add. Known weakness: log probabilities of an answer are withdrawn when its text changed, because tokens
 * cannot be restored one by one.
 */
import { countMember, type JsonNode, member, stringMember } from "./json.ts";
import {
  type AnswerTable,
  type Endpoint,
  type EventRow,
  each,
  FIXED,
  FREE,
  type Fields,
  IDENTITY,
  JSON_TEXT,
  LEAVE,
  list,
  OPAQUE,
  object,
  recursive,
  SCALAR,
  SCHEMA,
  SEALED,
  type Shape,
  TEXT,
  TEXTS,
  UNKNOWN,
  UNKNOWN_PIECES,
  variants,
} from "./shape.ts";

const textPart = (type: string) => (notice: string) => JSON.stringify({ type, text: notice });
const messageItem = (notice: string) =>
  JSON.stringify({ type: "message", role: "user", content: [{ type: "input_text", text: notice }] });

/** Fields that any part, item or tool may have. */
const COMMON: Fields = {
  ...each(["type", "id", "role", "name", "status", "phase", "call_id", "namespace", "caller", "detail"], FIXED),
  ...each(["cache_control", "prompt_cache_breakpoint"], FIXED),
  ...each(
    ["text", "refusal", "thinking", "title", "description", "code", "reason", "error", "input", "created_by"],
    UNKNOWN,
  ),
  ...each(["annotations", "index", "strict", "defer_loading"], UNKNOWN),
};

const fileFields: Fields = { file_data: OPAQUE, file_url: OPAQUE, file_id: OPAQUE, filename: TEXT };
const image = object(
  { ...COMMON, image_url: { ...object({ url: OPAQUE, detail: FIXED }), string: "opaque" }, file_id: OPAQUE },
  { opaque: "image" },
);
const audio = object(
  { ...COMMON, input_audio: object({ data: OPAQUE, format: FIXED }), data: OPAQUE, transcript: TEXT },
  { opaque: "audio" },
);
const video = object({ ...COMMON, video_url: { ...object({ url: OPAQUE }), string: "opaque" } }, { opaque: "video" });
const file = object({ ...COMMON, ...fileFields, file: object(fileFields) }, { opaque: "file" });
const text = object({ ...COMMON, text: TEXT, refusal: TEXT, logprobs: { withdraw: "[]" } });
const unknownType: Shape = { opaque: "unknown", leave: true };

/** Content parts of Chat Completions and of the Responses API. */
const part = (noticeType: string): Shape => ({
  string: "text",
  part: textPart(noticeType),
  variants: variants(
    {
      text,
      input_text: text,
      output_text: text,
      refusal: text,
      reasoning: text,
      reasoning_text: text,
      summary_text: text,
      thinking: text,
      image_url: image,
      input_image: image,
      image,
      computer_screenshot: image,
      input_audio: audio,
      output_audio: audio,
      video_url: video,
      file,
      input_file: file,
    },
    unknownType,
  ),
});
const content = (noticeType: string): Shape => ({ string: "text", items: part(noticeType) });

const functionTool: Fields = { ...COMMON, description: TEXT, parameters: SCHEMA, output_schema: SCHEMA };
const TOOL: Shape = recursive((self) =>
  object(
    {
      ...functionTool,
      function: object(functionTool),
      custom: object({ ...COMMON, description: TEXT }),
      tools: list(self),
      server_label: FIXED,
      connector_id: FIXED,
      allowed_callers: FIXED,
      allowed_tools: FIXED,
      require_approval: FIXED,
      vector_store_ids: FIXED,
      model: FIXED,
      search_context_size: FIXED,
      server_url: TEXT,
      server_description: TEXT,
      ...each(
        ["headers", "authorization", "user_location", "filters", "container", "format", "ranking_options"],
        UNKNOWN,
      ),
      input_schema: SCHEMA,
      input_image_mask: object({ image_url: OPAQUE, file_id: OPAQUE }, { opaque: "image" }),
      environment: object({
        skills: list(object({ ...COMMON, source: object({ data: { string: "opaque", opaque: "file" } }) })),
      }),
    },
    { origin: "system" },
  ),
);
const TOOLS = list(TOOL);
/** `response_format` of chat, `text` of responses: a schema that the application wrote. */
const FORMAT = object(
  {
    type: FIXED,
    json_schema: object({ name: FIXED, description: TEXT, schema: SCHEMA, strict: SCALAR }),
    format: object({ type: FIXED, name: FIXED, description: TEXT, schema: SCHEMA, strict: SCALAR }),
    verbosity: FIXED,
  },
  { origin: "system" },
);

/** Top-level fields that are numbers or switches; a string there is scanned. */
const NUMBERS = [
  "temperature",
  "top_p",
  "n",
  "max_tokens",
  "max_completion_tokens",
  "max_output_tokens",
  "max_tool_calls",
];
NUMBERS.push(
  "presence_penalty",
  "frequency_penalty",
  "seed",
  "logprobs",
  "top_logprobs",
  "parallel_tool_calls",
  "store",
);
NUMBERS.push("best_of", "echo", "dimensions", "background");

/** Top-level fields of every OpenAI request. */
const REQUEST: Fields = {
  ...each(NUMBERS, UNKNOWN),
  model: { string: "model" },
  stream: SCALAR,
  user: IDENTITY,
  safety_identifier: IDENTITY,
  prompt_cache_key: IDENTITY,
  metadata: FREE,
  stop: TEXTS,
  service_tier: FIXED,
  stream_options: FIXED,
  prompt_cache_retention: FIXED,
  prompt_cache_options: FIXED,
  logit_bias: FIXED,
  moderation: FIXED,
  tool_choice: FIXED,
  tools: TOOLS,
};

/** Texts of a chat message, sent, received or received in pieces; `rest` is what no row speaks of. */
const messageText = (rest: Shape): Fields => ({
  role: FIXED,
  refusal: TEXT,
  reasoning: rest,
  reasoning_content: TEXT,
  tool_call_id: FIXED,
  tool_calls: list(
    object(
      {
        ...COMMON,
        index: SCALAR,
        function: object({ name: FIXED, arguments: JSON_TEXT }, { rest }),
        custom: object({ name: FIXED, input: TEXT }, { rest }),
      },
      { rest },
    ),
    { indexed: true },
  ),
  function_call: object({ name: FIXED, arguments: JSON_TEXT }, { rest }),
});

const CHAT_REQUEST = object({
  ...REQUEST,
  messages: list(
    // `name` is a participant's name, except in tool results; it is text in both.
    object({ ...messageText(UNKNOWN), name: TEXT, content: content("text"), audio: FIXED }, { origin: "role" }),
  ),
  functions: list(object(functionTool), { origin: "system" }),
  function_call: FIXED,
  response_format: FORMAT,
  prediction: object({ type: FIXED, content: content("text") }, { origin: "assistant" }),
  modalities: FIXED,
  audio: FIXED,
  reasoning_effort: FIXED,
  verbosity: FIXED,
  web_search_options: UNKNOWN,
});

/** Token ids are text that nobody can scan. */
const promptOrTokens: Shape = { string: "text", items: TEXT, tokens: true };
const COMPLETION_REQUEST = object({ ...REQUEST, prompt: promptOrTokens, suffix: TEXT });
const EMBEDDING_REQUEST = object({ ...REQUEST, input: promptOrTokens, encoding_format: FIXED, input_type: FIXED });

const itemContent = content("input_text");
const by = (origin: "assistant" | "tool", fields: Fields): Shape => object({ ...COMMON, ...fields }, { origin });
const message = object({ ...COMMON, name: TEXT, content: itemContent }, { origin: "role" });
/** Items of a Responses input or output. */
const ITEM: Shape = {
  part: messageItem,
  variants: variants(
    {
      message,
      reasoning: by("assistant", { encrypted_content: SEALED, summary: list(text), content: list(text) }),
      function_call: by("assistant", { arguments: JSON_TEXT }),
      function_call_output: by("tool", { output: itemContent }),
      custom_tool_call: by("assistant", { input: TEXT }),
      custom_tool_call_output: by("tool", { output: itemContent }),
      file_search_call: by("tool", {
        queries: UNKNOWN,
        results: list(object({ file_id: FIXED, filename: TEXT, text: TEXT, score: SCALAR, attributes: FREE })),
      }),
      web_search_call: by("assistant", { action: UNKNOWN }),
      computer_call: by("assistant", { action: FREE, actions: FREE, pending_safety_checks: UNKNOWN }),
      computer_call_output: by("tool", { output: image, acknowledged_safety_checks: UNKNOWN }),
      image_generation_call: by("assistant", {
        result: { string: "opaque", opaque: "image" },
        revised_prompt: TEXT,
        ...each(["output_format", "size", "quality", "background", "action"], FIXED),
      }),
      code_interpreter_call: by("assistant", {
        container_id: FIXED,
        outputs: list(object({ type: FIXED, logs: TEXT, url: { string: "opaque", opaque: "image" } })),
      }),
      local_shell_call: by("assistant", { action: FREE }),
      local_shell_call_output: by("tool", { output: TEXT }),
      shell_call: by("assistant", { action: FREE, environment: UNKNOWN }),
      shell_call_output: by("tool", { output: FREE, max_output_length: SCALAR }),
      apply_patch_call: by("assistant", { operation: FREE }),
      apply_patch_call_output: by("tool", { output: TEXT }),
      mcp_list_tools: by("tool", { server_label: FIXED, tools: TOOLS }),
      mcp_approval_request: by("assistant", { server_label: FIXED, arguments: JSON_TEXT }),
      mcp_approval_response: object({ ...COMMON, approval_request_id: FIXED, approve: SCALAR }),
      mcp_call: by("assistant", {
        server_label: FIXED,
        approval_request_id: FIXED,
        arguments: JSON_TEXT,
        output: { ...TEXT, origin: "tool" },
      }),
      tool_search_call: by("assistant", { arguments: FREE, execution: FIXED }),
      tool_search_output: by("tool", { execution: FIXED, tools: TOOLS }),
      additional_tools: by("tool", { tools: TOOLS }),
      program: by("assistant", { fingerprint: SEALED }),
      program_output: by("tool", { result: TEXT }),
      compaction: by("assistant", { encrypted_content: SEALED }),
      compaction_trigger: object(COMMON),
      configuration_update: object(COMMON),
      item_reference: object(COMMON),
    },
    unknownType,
    message,
  ),
};
const INPUT: Shape = { string: "text", items: ITEM };

const RESPONSES_REQUEST = object({
  ...REQUEST,
  input: INPUT,
  instructions: { ...INPUT, origin: "system" },
  prompt: object({
    id: FIXED,
    version: FIXED,
    variables: { rest: { ...part("input_text"), string: "text" } },
  }),
  text: FORMAT,
  include: FIXED,
  reasoning: FIXED,
  truncation: FIXED,
  conversation: FIXED,
  previous_response_id: FIXED,
  context_management: FIXED,
  access_programs: FIXED,
  image: FIXED,
});

/** Fields of every answer that name it and count it: as the upstream sent them. */
const ANSWER: Fields = each(
  ["id", "object", "created", "model", "service_tier", "system_fingerprint", "obfuscation", "usage"],
  LEAVE,
);
const logprobs: Shape = { withdraw: "null" };
const answerMessage = (rest: Shape): Fields => ({
  ...messageText(rest),
  content: { string: "text", items: rest },
  audio: object({ id: FIXED, data: OPAQUE, transcript: TEXT }),
});
const CHAT_ANSWER = object({
  ...ANSWER,
  choices: list(
    object({
      index: SCALAR,
      finish_reason: FIXED,
      logprobs,
      message: object(answerMessage(UNKNOWN)),
      delta: object(answerMessage(UNKNOWN_PIECES), { lane: true, rest: UNKNOWN_PIECES }),
    }),
    { indexed: true },
  ),
});
const completionAnswer = (lane: Pick<Shape, "lane">): Shape =>
  object({
    ...ANSWER,
    choices: list(object({ index: SCALAR, finish_reason: FIXED, logprobs, text: { ...TEXT, ...lane } }), {
      indexed: true,
    }),
  });

const EMBEDDING_ANSWER = object({
  ...ANSWER,
  data: list(object({ object: FIXED, index: SCALAR, embedding: LEAVE })),
});

const RESPONSE = object({
  ...ANSWER,
  ...each(["created_at", "completed_at", "status"], LEAVE),
  ...each([...NUMBERS, "error", "incomplete_details", "prompt", "output_text"], UNKNOWN),
  output: list(ITEM),
  instructions: INPUT,
  tools: TOOLS,
  text: FORMAT,
  metadata: FREE,
  user: IDENTITY,
  safety_identifier: IDENTITY,
  prompt_cache_key: IDENTITY,
  previous_response_id: FIXED,
  tool_choice: FIXED,
  reasoning: FIXED,
  truncation: FIXED,
  conversation: FIXED,
});

const eventFields: Fields = {
  ...each(["type", "item_id", "call_id", "obfuscation", "sequence_number"], LEAVE),
  ...each(["output_index", "content_index", "summary_index", "command_index", "annotation_index"], LEAVE),
  ...each(["text", "refusal", "input", "code", "command", "name", "annotation", "message", "error"], UNKNOWN),
  response: RESPONSE,
  item: ITEM,
  part: part("output_text"),
  arguments: JSON_TEXT,
  partial_image_b64: OPAQUE,
  logprobs: { withdraw: "[]" },
};
const pieces = (delta: Shape): Shape => object({ ...eventFields, delta: { ...delta, lane: true } });
const EVENT = object(eventFields);
const TEXT_PIECES = pieces(UNKNOWN_PIECES);
/** Deltas that are not text, by the event's type without its `.delta`; those of every other type are. */
const OTHER_PIECES: ReadonlyMap<string, Shape> = new Map([
  ["response.function_call_arguments", pieces(JSON_TEXT)],
  ["response.mcp_call_arguments", pieces(JSON_TEXT)],
  ["response.audio", pieces(OPAQUE)],
]);
/** What tells the texts of one response apart. */
const LANE_INDEXES = ["output_index", "content_index", "summary_index", "command_index"];
const RESPONSE_ENDS = new Set(["response.completed", "response.incomplete", "response.failed", "response.cancelled"]);

/** Responses: `X.delta` is a piece, `X.done` says the whole text once more, and a last event says the whole response. */
function responseEvent(event: JsonNode, source: string): EventRow {
  const type = stringMember(event, "type") ?? "";
  if (RESPONSE_ENDS.has(type)) return { shape: EVENT, lanes: "", ends: [""] };
  const stem = type.slice(0, type.lastIndexOf("."));
  if (type.endsWith(".delta")) {
    return { shape: OTHER_PIECES.get(stem) ?? TEXT_PIECES, lanes: responseLanes(stem, event, source), ends: [] };
  }
  return { shape: EVENT, lanes: "", ends: type.endsWith(".done") ? [responseLanes(stem, event, source)] : [] };
}

function responseLanes(stem: string, event: JsonNode, source: string): string {
  const indexes = LANE_INDEXES.map((key) => countMember(source, event, key) ?? "");
  return `${stem}:${indexes.join(":")}.`;
}

/** Chat and completions: a choice is finished when it says why. */
const choiceEvent =
  (shape: Shape): AnswerTable["event"] =>
  (event, source) => {
    const choices = member(event, "choices");
    const ends: string[] = [];
    if (choices?.kind === "array") {
      for (const [position, choice] of choices.items.entries()) {
        // Some servers say "" until there is a reason.
        if ((stringMember(choice, "finish_reason") ?? "") === "") continue;
        ends.push(`choices.${countMember(source, choice, "index") ?? position}.`);
      }
    }
    return { shape, lanes: "", ends };
  };

const FINISHED = /"finish_reason"\s*:\s*"[^"]/;
const ORDER = ["system", "instructions", "messages", "input", "prompt", "tools", "functions"];

const post = (
  name: string,
  path: string,
  request: Shape,
  required: readonly string[],
  answer: AnswerTable,
): Endpoint => ({
  name,
  family: "openai",
  method: "POST",
  path,
  action: name === "embeddings" ? "embed" : "infer",
  stream: name === "embeddings" ? "none" : "sse",
  request: { shape: request, order: ORDER, required },
  answer,
});
const listing = (name: string, path: string): Endpoint => ({
  name,
  family: "openai",
  method: "GET",
  path,
  action: "list",
  stream: "none",
});

export const OPENAI: readonly Endpoint[] = [
  post("chat.completions", "/v1/chat/completions", CHAT_REQUEST, ["model", "messages"], {
    whole: CHAT_ANSWER,
    event: choiceEvent(CHAT_ANSWER),
    endMarker: FINISHED,
  }),
  post("completions", "/v1/completions", COMPLETION_REQUEST, ["model"], {
    whole: completionAnswer({}),
    event: choiceEvent(completionAnswer({ lane: true })),
    endMarker: FINISHED,
  }),
  post("responses", "/v1/responses", RESPONSES_REQUEST, ["model"], {
    whole: RESPONSE,
    event: responseEvent,
    endMarker: /"type"\s*:\s*"response\.(?:completed|incomplete|failed|cancelled)"/,
  }),
  post("embeddings", "/v1/embeddings", EMBEDDING_REQUEST, ["model", "input"], {
    whole: EMBEDDING_ANSWER,
    event: () => ({ shape: EMBEDDING_ANSWER, lanes: "", ends: [] }),
  }),
  listing("models.list", "/v1/models"),
  listing("models.retrieve", "/v1/models/{id}"),
];
