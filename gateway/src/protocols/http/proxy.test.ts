import { describe, expect, it } from "vitest";
import { connectionFor } from "../../core/test/connection.ts";
import { readProxyRequest } from "./proxy.ts";

const connections = [
  connectionFor({ name: "eu", kind: "openai" }),
  connectionFor({ name: "claude", kind: "anthropic" }),
];
const read = (body: unknown) => {
  const { endpoint, text } = readProxyRequest(JSON.stringify(body), connections, { depthMax: 64 });
  return { name: endpoint.name, request: JSON.parse(text) as unknown };
};
const messages = [
  { role: "system", content: "be kind" },
  { role: "user", content: "hello" },
];

describe("the proxy API", () => {
  it("is written into a chat completion, settings as they stood", () => {
    expect(read({ provider: "eu", model: "m", messages, scrub: true, stream: true, temperature: 0.5 })).toEqual({
      name: "chat.completions",
      request: { model: "eu/m", messages, stream: true, temperature: 0.5 },
    });
  });

  it("is written into messages with the system text in its own place", () => {
    expect(read({ provider: "claude", model: "m", messages, max_tokens: 7 })).toEqual({
      name: "messages",
      request: {
        model: "claude/m",
        system: [{ type: "text", text: "be kind" }],
        messages: [messages[1]],
        max_tokens: 7,
      },
    });
  });

  it.each([
    ["scrub off", { provider: "eu", model: "m", messages, scrub: false }, "field_invalid"],
    ["an unknown provider", { provider: "jane", model: "m", messages }, "model_unknown"],
    ["an unknown field", { provider: "eu", model: "m", messages, jane: 1 }, "field_invalid"],
    ["no messages", { provider: "eu", model: "m" }, "field_invalid"],
    ["no object", [], "field_invalid"],
  ])("F23 refuses %s by name", (_what, body, code) => {
    expect(() => read(body)).toThrow(
      expect.objectContaining({ code, message: expect.not.stringContaining("jane") as string }),
    );
  });
});
