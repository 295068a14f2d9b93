/**
 * What the rehearsal upstream "thinks": it repeats the last thing it was told, or calls a tool with it. Everything here is a
 * pure function of the request, so the same request always gets the same answer.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export const REHEARSAL_MODEL = "rehearsal";
/** Room enough for one answer; an upstream of this kind has nothing longer to say. */
const CHARS_PER_TOKEN = 4;

export interface Tool {
  readonly name: string;
  /** JSON Schema of the arguments. */
  readonly schema: Json | undefined;
}

export type Thought =
  | { readonly text: string; readonly cut: boolean }
  | { readonly tool: string; readonly args: string };

export interface Told {
  /** Text of the last message. */
  readonly text: string;
  /** The last message is a tool's result: answered with text, or a client that loops over tools would never end. */
  readonly fromTool: boolean;
  readonly tools: readonly Tool[];
  /** `tool_choice`: must call any tool, or this one. */
  readonly must: boolean | string;
  /** Longest answer in tokens. */
  readonly tokensMax: number | undefined;
}

export function think(told: Told): Thought {
  const tool = told.fromTool ? undefined : chooseTool(told);
  if (tool !== undefined) return { tool: tool.name, args: JSON.stringify(fill(tool.schema, told.text)) };
  const charsMax = told.tokensMax === undefined ? told.text.length : told.tokensMax * CHARS_PER_TOKEN;
  return { text: told.text.slice(0, charsMax), cut: told.text.length > charsMax };
}

function chooseTool({ tools, must, text }: Told): Tool | undefined {
  if (typeof must === "string") return tools.find((tool) => tool.name === must);
  const wish = /\bcall\s+([\w.-]*\w)/i.exec(text)?.[1];
  return tools.find((tool) => tool.name === wish) ?? (must ? tools[0] : undefined);
}

/** Arguments that fit the schema, with the message in every string. */
function fill(schema: Json | undefined, text: string): Json {
  if (!isObject(schema)) return { text };
  if (Array.isArray(schema["enum"])) return schema["enum"][0] ?? null;
  switch (schema["type"]) {
    case "string":
      return text;
    case "number":
    case "integer":
      return 1;
    case "boolean":
      return true;
    case "null":
      return null;
    case "array":
      return [fill(schema["items"], text)];
    default: {
      const { properties } = schema;
      if (!isObject(properties) || Object.keys(properties).length === 0) return { text };
      return Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, fill(part, text)]));
    }
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function stringOf(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function objectsOf(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The text of a message's content, whichever of the forms in use it has: a string, or parts with a `text`. */
export function textOf(content: Json | undefined): string {
  if (typeof content === "string") return content;
  return objectsOf(content)
    .map((part) => stringOf(part["text"]) ?? textOf(part["content"]))
    .join("");
}

/** Tokens of a text, as this upstream counts them. */
export function tokensOf(value: Json | undefined): number {
  const text = typeof value === "string" ? value : JSON.stringify(value ?? "");
  return Math.max(1, Math.ceil(text.length / CHARS_PER_TOKEN));
}

/** Cuts a text into pieces of `size` UTF-16 units, never inside a surrogate pair (no provider sends half a character). */
export function piecesOf(text: string, size: number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + size);
    const last = text.charCodeAt(end - 1);
    if (last >= 0xd800 && last < 0xdc00 && end < text.length) end += 1;
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}
