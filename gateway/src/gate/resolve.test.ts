import { describe, expect, it } from "vitest";
import { connectionFor } from "../core/test/connection.ts";
import { listModels, resolve } from "./resolve.ts";

const registry = {
  connections: [
    connectionFor({ name: "eu", kind: "openai", models: ["gpt-4o", "mistral-*"] }),
    connectionFor({ name: "us", kind: "openai", models: ["*"] }),
    connectionFor({ name: "claude", kind: "anthropic", models: ["claude-*"] }),
    connectionFor({ name: "ours", kind: "custom", models: [] }),
  ],
  aliases: new Map([
    ["fast", ["eu/mistral-small"]],
    ["safe", ["eu/gpt-4o", "us/gpt-5"]],
  ]),
};

describe("resolve", () => {
  it.each([
    ["openai", "gpt-4o", "eu", "gpt-4o"],
    ["openai", "mistral-large", "eu", "mistral-large"],
    ["openai", "anything", "us", "anything"],
    ["openai", "us/gpt-4o", "us", "gpt-4o"],
    ["openai", "fast", "eu", "mistral-small"],
    ["openai", "meta-llama/Llama-3", "us", "meta-llama/Llama-3"],
    ["anthropic", "claude-x", "claude", "claude-x"],
    ["custom", "ours", "ours", ""],
  ])("%s %s goes to %s as %s", (family, target, name, model) => {
    const resolved = resolve(registry, family, target);
    expect([resolved.connection.name, resolved.model]).toEqual([name, model]);
  });

  it.each([
    ["anthropic", "gpt-4o"],
    ["anthropic", "eu/gpt-4o"],
    ["custom", "nobody"],
    ["openai", "jane.doe@example.com"],
    ["openai", "us/jane.doe@example.com"],
    ["openai", ""],
    ["openai", "a\nb"],
  ])("%s %j is refused without being repeated", (family, target) => {
    expect(() => resolve(registry, family, target)).toThrow(expect.objectContaining({ code: "model_unknown" }));
    try {
      resolve(registry, family, target);
    } catch (error) {
      expect(String(error)).not.toContain("jane");
    }
  });
});

it("an alias with several targets gives one after the other, and none behind the last", () => {
  expect(resolve(registry, "openai", "safe")).toMatchObject({ model: "gpt-4o", fallbacks: 1 });
  expect(resolve(registry, "openai", "safe", 1)).toMatchObject({ model: "gpt-5", fallbacks: 0 });
  expect(() => resolve(registry, "openai", "safe", 2)).toThrow(expect.objectContaining({ code: "model_unknown" }));
  expect(resolve(registry, "openai", "gpt-4o")).toMatchObject({ fallbacks: 0 });
});

it("a list of models holds aliases and plain names, each once, and no patterns", () => {
  expect(listModels(registry, "openai")).toEqual([
    { id: "fast", connection: "eu" },
    { id: "safe", connection: "eu" },
    { id: "gpt-4o", connection: "eu" },
  ]);
  expect(listModels(registry, "anthropic")).toEqual([]);
});
