import { describe, expect, it } from "vitest";
import { connectionFor } from "../../core/test/connection.ts";
import { customEndpoint, findEndpoint, methodsOf } from "./endpoints.ts";

describe("findEndpoint", () => {
  it.each([
    ["POST", "/v1/chat/completions", "chat.completions", "openai", "infer"],
    ["POST", "/v1/completions", "completions", "openai", "infer"],
    ["POST", "/v1/responses", "responses", "openai", "infer"],
    ["POST", "/v1/embeddings", "embeddings", "openai", "embed"],
    ["GET", "/v1/models", "models.list", "openai", "list"],
    ["GET", "/v1/models/main/gpt-5", "models.retrieve", "openai", "list"],
    ["POST", "/v1/messages", "messages", "anthropic", "infer"],
    ["POST", "/v1/messages/count_tokens", "messages.count_tokens", "anthropic", "infer"],
  ])("%s %s is %s of %s", (method, path, name, family, action) => {
    expect(findEndpoint(method, path)).toMatchObject({ name, family, action });
  });

  it.each([
    ["GET", "/v1/chat/completions"],
    ["POST", "/v1/chat/completions/"],
    ["POST", "/v1/images/generations"],
    ["POST", "/v1/batches"],
    ["POST", "/v1/messages/batches"],
    ["GET", "/v1/models/"],
    ["POST", "/V1/responses"],
    ["DELETE", "/v1/models/gpt-5"],
  ])("%s %s is none", (method, path) => {
    expect(findEndpoint(method, path)).toBeUndefined();
  });

  it("knows which methods a path takes", () => {
    expect(methodsOf("/v1/responses")).toEqual(["POST"]);
    expect(methodsOf("/v1/models/x")).toEqual(["GET"]);
    expect(methodsOf("/v1/audio/speech")).toEqual([]);
  });
});

describe("customEndpoint", () => {
  const row = {
    path: "/generate",
    requestText: ["inputs"],
    requestSystem: [],
    requestFixed: [],
    responseText: ["text"],
    stream: "sse" as const,
  };
  const connection = connectionFor({ name: "own", kind: "custom", endpoints: [row] });

  it("serves what the connection lists, and nothing else", () => {
    expect(customEndpoint(connection, "/generate")).toMatchObject({
      name: "custom:/generate",
      path: "/generate",
      target: "own",
      stream: "sse",
    });
    expect(customEndpoint(connection, "/generate")).toBe(customEndpoint(connection, "/generate"));
    expect(customEndpoint(connection, "/other")).toBeUndefined();
  });
});
