/**
 * The Anthropic family: what its requests and answers are made of. Tables only; see shape.ts for the language. Source:
 * https://docs.anthropic.com/en/api/messages and https://docs.anthropic.com/en/docs/build-with-claude/streaming.
 */
import { countMember, type JsonNode, stringMember } from "./json.ts";
import {
  each,
  type Endpoint,
  type EventRow,
  FIXED,
  FREE,
  type Fields,
  IDENTITY,
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

const textPart = (notice: string): string => JSON.stringify({ type: "text", text: notice });

/** Fields that any block may have. */
const COMMON: Fields = {
  ...each(["type", "id", "name", "cache_control", "tool_use_id", "caller", "media_type", "error_code"], FIXED),
  ...each(["text", "thinking", "title", "context", "source", "url", "citations", "page_age", "retrieved_at"], UNKNOWN),
  ...each(["stdout", "stderr", "return_code", "is_error", "content", "data"], UNKNOWN),
};

const unknownType: Shape = { opaque: "unknown", leave: true };
/** A source that is not text: its bytes, or where to fetch them. */
const binary = (opaque: "image" | "document"): Shape =>
  object({ type: FIXED, media_type: FIXED, data: OPAQUE, url: OPAQUE, file_id: OPAQUE }, { opaque });

/** Content blocks, sent or received. */
const BLOCK: Shape = recursive((self) => {
  const content: Shape = { string: "text", items: self };
  const documentSource: Shape = {
    variants: variants(
      {
        text: object({ type: FIXED, media_type: FIXED, data: TEXT }),
        content: object({ type: FIXED, content }),
        base64: binary("document"),
        url: binary("document"),
        file: binary("document"),
      },
      unknownType,
    ),
  };
  // A server tool's result is text, and may hold a block (a fetched document) at any depth.
  const result: Shape = recursive((inner) =>
    object(
      {
        ...COMMON,
        ...each(["content", "citations", "tool_references"], inner),
        ...each(["encrypted_content", "encrypted_index", "encrypted_stdout"], SEALED),
        source: documentSource,
        file_id: FIXED,
        tool_name: FIXED,
      },
      { string: "text", scalar: true, items: inner, rest: inner },
    ),
  );
  const toolUse = object({ ...COMMON, input: FREE, toolset_name: FIXED, server_name: FIXED }, { origin: "assistant" });
  const serverResult = object({ ...COMMON, content: result }, { origin: "tool" });
  const toolResult = object({ ...COMMON, content, toolset_name: FIXED }, { origin: "tool" });
  return {
    string: "text",
    part: textPart,
    variants: variants(
      {
        text: object({ ...COMMON, text: TEXT }),
        image: object({ ...COMMON, source: binary("image") }),
        document: object({ ...COMMON, source: documentSource, citations: FIXED }),
        search_result: object({ ...COMMON, content, citations: FIXED }),
        thinking: object({ ...COMMON, thinking: TEXT, signature: SEALED }),
        redacted_thinking: object({ ...COMMON, data: SEALED }),
        compaction: object({ ...COMMON, content, signature: SEALED }),
        tool_use: toolUse,
        server_tool_use: toolUse,
        mcp_tool_use: toolUse,
        tool_result: toolResult,
        mcp_tool_result: toolResult,
        web_search_tool_result: serverResult,
        web_fetch_tool_result: serverResult,
        code_execution_tool_result: serverResult,
        bash_code_execution_tool_result: serverResult,
        text_editor_code_execution_tool_result: serverResult,
        tool_search_tool_result: serverResult,
        tool_reference: object({ ...COMMON, tool_name: FIXED }),
        browser_state: object({ ...COMMON, tabs: UNKNOWN, state_changes: UNKNOWN }, { origin: "tool" }),
        container_upload: object({ ...COMMON, file_id: OPAQUE }, { opaque: "file" }),
      },
      unknownType,
    ),
  };
});
const CONTENT: Shape = { string: "text", items: BLOCK };

const MESSAGES_REQUEST = object({
  model: { string: "model" },
  stream: SCALAR,
  system: { ...CONTENT, origin: "system" },
  messages: list(object({ role: FIXED, content: CONTENT, id: FIXED }, { origin: "role" })),
  tools: list(
    object({
      ...COMMON,
      description: TEXT,
      input_schema: SCHEMA,
      input_examples: FREE,
      allowed_callers: FIXED,
      ...each(["allowed_domains", "blocked_domains", "user_location", "max_uses", "strict", "defer_loading"], UNKNOWN),
    }),
    { origin: "system" },
  ),
  metadata: object({ user_id: IDENTITY }, { rest: FREE }),
  stop_sequences: TEXTS,
  ...each(["max_tokens", "temperature", "top_p", "top_k", "mcp_servers"], UNKNOWN),
  ...each(["tool_choice", "thinking", "cache_control", "container", "context_management", "betas"], FIXED),
  ...each(["service_tier", "speed", "inference_geo", "user_profile_id", "workspace_id", "diagnostics"], FIXED),
  output_config: object({ effort: FIXED, format: object({ type: FIXED, schema: SCHEMA }) }, { origin: "system" }),
  output_format: object({ type: FIXED, schema: SCHEMA }, { origin: "system" }),
});

const MESSAGE = object({
  ...each(["id", "type", "role", "model", "stop_reason", "usage"], LEAVE),
  content: CONTENT,
  ...each(["stop_sequence", "stop_details", "container", "diagnostics"], UNKNOWN),
});
const eventFields: Fields = {
  ...each(["type", "index", "usage"], LEAVE),
  message: MESSAGE,
  error: UNKNOWN,
};
const EVENT = object({ ...eventFields, content_block: BLOCK, delta: MESSAGE });
/** What a block starts with is the first piece of its text. */
const TEXT_START = object({
  ...eventFields,
  content_block: object({
    ...COMMON,
    text: { ...TEXT, lane: "text" },
    thinking: { ...TEXT, lane: "thinking" },
    signature: SEALED,
  }),
});
const STARTS: ReadonlyMap<string | undefined, Shape> = new Map([
  ["text", TEXT_START],
  ["thinking", TEXT_START],
]);
const DELTA = object({
  ...eventFields,
  delta: object(
    {
      type: LEAVE,
      text: { ...TEXT, lane: "text" },
      thinking: { ...TEXT, lane: "thinking" },
      partial_json: { string: "json", lane: "input" },
      signature: SEALED,
      citation: UNKNOWN,
    },
    { rest: { ...UNKNOWN_PIECES, lane: true } },
  ),
});

function messageEvent(event: JsonNode, source: string): EventRow {
  const lanes = `content.${countMember(source, event, "index") ?? ""}.`;
  switch (stringMember(event, "type")) {
    case "content_block_delta":
      return { shape: DELTA, lanes, ends: [] };
    case "content_block_start": {
      const block = event.kind === "object" ? event.members.find(({ key }) => key === "content_block") : undefined;
      const type = block && stringMember(block.value, "type");
      return { shape: STARTS.get(type) ?? EVENT, lanes, ends: [] };
    }
    case "content_block_stop":
      return { shape: EVENT, lanes, ends: [lanes] };
    case "message_stop":
      return { shape: EVENT, lanes, ends: [""] };
    default:
      return { shape: EVENT, lanes, ends: [] };
  }
}

const post = (name: string, path: string, stream: "sse" | "none"): Endpoint => ({
  name,
  family: "anthropic",
  method: "POST",
  path,
  action: "infer",
  stream,
  request: { shape: MESSAGES_REQUEST, order: ["system", "messages", "tools"], required: ["model", "messages"] },
  answer: { whole: MESSAGE, event: messageEvent, endMarker: /"type"\s*:\s*"message_stop"/ },
});

export const ANTHROPIC: readonly Endpoint[] = [
  post("messages", "/v1/messages", "sse"),
  post("messages.count_tokens", "/v1/messages/count_tokens", "none"),
];
