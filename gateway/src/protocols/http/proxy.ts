/**
 * The proxy API: one shape for a chat with any provider, `{provider, model, messages, scrub}`. It is written into the
 * provider's own request and from there takes the way of every inference request; the answer comes in the provider's own
 * shape. Nothing but the evidence leaf is kept. What the caller may not do elsewhere it may not do here: scrubbing is a rule
 * of the connection and cannot be switched off by a request.
 */
import type { Connection } from "../../core/connection.ts";
import { SluiceError } from "../../core/errors.ts";
import { findEndpoint } from "./endpoints.ts";
import { type JsonNode, jsonString, member, parseJson } from "./json.ts";
import type { Endpoint } from "./shape.ts";
import { fieldInvalid } from "./walk.ts";

export const PROXY_PATH = "/api/proxy";

const FIELDS: ReadonlySet<string> = new Set([
  "provider",
  "model",
  "messages",
  "scrub",
  "stream",
  "max_tokens",
  "temperature",
]);
/** Anthropic's API demands a limit; this one is used when the caller names none. */
const MAX_TOKENS_DEFAULT = 1024;

export interface ProxyRequest {
  readonly endpoint: Endpoint;
  /** The request in the provider's own shape. */
  readonly text: string;
}

/** @throws SluiceError json_*, field_invalid, model_unknown (no such provider for this caller). */
export function readProxyRequest(
  text: string,
  connections: readonly Connection[],
  limits: { readonly depthMax: number },
): ProxyRequest {
  const root = parseJson(text, limits);
  if (root.kind !== "object") throw fieldInvalid("", "must be a JSON object");
  for (const { key } of root.members) {
    // The name is the caller's text and is not repeated.
    if (!FIELDS.has(key)) throw fieldInvalid("", `may hold ${[...FIELDS].join(", ")} only`);
  }
  const provider = stringAt(root, "provider");
  const model = stringAt(root, "model");
  const messages = member(root, "messages");
  if (messages?.kind !== "array") throw fieldInvalid("messages", "must be a list of {role, content}");
  const scrub = member(root, "scrub")?.kind ?? "true";
  if (scrub !== "true") {
    throw fieldInvalid(
      "scrub",
      "must be true: what is scrubbed is a rule of the connection and no choice of a request",
    );
  }
  const connection = connections.find((each) => each.name === provider);
  const write = connection === undefined ? undefined : WRITERS[connection.kind];
  if (connection === undefined || write === undefined) {
    throw new SluiceError(
      "model_unknown",
      "no such provider for this credential; a provider is the name of a connection",
    );
  }
  const { path, body } = write(text, messages, (name) => raw(text, root, name));
  const endpoint = findEndpoint("POST", path);
  if (endpoint === undefined) throw new Error(`assertion: no endpoint ${path}`);
  return { endpoint, text: `{"model":${jsonString(`${provider}/${model}`)},${body}}` };
}

/** Gives a member as it stands in the request, or undefined. */
type Raw = (name: string) => string | undefined;
type Writer = (text: string, messages: JsonNode & { kind: "array" }, raw: Raw) => { path: string; body: string };

/** One row a family that has chats. */
const WRITERS: Readonly<Record<string, Writer>> = {
  openai: (text, messages, raw) => ({
    path: "/v1/chat/completions",
    body: members({ messages: slice(text, messages), ...settings(raw) }),
  }),
  anthropic: (text, messages, raw) => {
    const isSystem = (item: JsonNode): boolean => {
      const role = item.kind === "object" ? member(item, "role") : undefined;
      return role?.kind === "string" && (role.value === "system" || role.value === "developer");
    };
    const system = messages.items.filter(isSystem).map((item) => {
      const content = item.kind === "object" ? member(item, "content") : undefined;
      if (content?.kind !== "string") throw fieldInvalid("messages", "a system message must have a text as content");
      return `{"type":"text","text":${slice(text, content)}}`;
    });
    const others = messages.items.filter((item) => !isSystem(item)).map((item) => slice(text, item));
    return {
      path: "/v1/messages",
      body: members({
        ...(system.length === 0 ? {} : { system: `[${system.join(",")}]` }),
        messages: `[${others.join(",")}]`,
        max_tokens: String(MAX_TOKENS_DEFAULT),
        ...settings(raw),
      }),
    };
  },
};

function settings(raw: Raw): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of ["stream", "max_tokens", "temperature"]) {
    const value = raw(name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function members(parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts)
    .map(([name, value]) => `${jsonString(name)}:${value}`)
    .join(",");
}

function slice(text: string, node: JsonNode): string {
  return text.slice(node.start, node.end);
}

function raw(text: string, root: JsonNode & { kind: "object" }, name: string): string | undefined {
  const node = member(root, name);
  return node === undefined ? undefined : slice(text, node);
}

function stringAt(root: JsonNode, name: string): string {
  const node = member(root, name);
  if (node?.kind !== "string" || node.value === "") throw fieldInvalid(name, "must be a text");
  return node.value;
}
