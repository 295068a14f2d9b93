import { describe, expect, it } from "vitest";
import { Secret } from "../core/secret.ts";
import { connectionFor } from "../core/test/connection.ts";
import { type Bound, bindingOf } from "./binding.ts";

const CONNECTION = connectionFor({ url: new URL("https://ai.example/v1"), query: { "api-version": "1" } });
const BOUND: Bound = {
  action: "infer",
  endpoint: "messages",
  model: "m",
  connection: CONNECTION,
  travels: { path: "/v1/messages", query: "", headers: ["anthropic-version", "2023-06-01"] },
  body: Buffer.alloc(32, 1),
};
const textOf = (bound: Bound): string => Buffer.from(bindingOf(bound)).toString("base64url");

describe("what a yes is bound to", () => {
  it("is equal for equal requests, whatever the credential", () => {
    const rotated = { header: "authorization", prefix: "Bearer ", secret: new Secret("another") };
    expect(textOf({ ...BOUND, body: Buffer.from(BOUND.body) })).toBe(textOf(BOUND));
    expect(textOf({ ...BOUND, connection: { ...CONNECTION, credential: rotated } })).toBe(textOf(BOUND));
    expect(bindingOf(BOUND)).toHaveLength(32);
  });

  it.each<[string, Partial<Bound>]>([
    ["action", { action: "embed" }],
    ["endpoint", { endpoint: "custom:/publish" }],
    ["model", { model: "n" }],
    ["body", { body: Buffer.alloc(32, 2) }],
    ["path", { travels: { ...BOUND.travels, path: "/v1/publish" } }],
    ["query", { travels: { ...BOUND.travels, query: "beta=true" } }],
    ["header", { travels: { ...BOUND.travels, headers: ["anthropic-version", "2024-01-01"] } }],
    ["further header", { travels: { ...BOUND.travels, headers: [...BOUND.travels.headers, "anthropic-beta", "x"] } }],
    ["boundary between parts", { model: "", endpoint: "messagesm" }],
    ["connection", { connection: { ...CONNECTION, name: "other" } }],
    ["URL of the connection", { connection: { ...CONNECTION, url: new URL("https://ai.example/v2") } }],
    ["query of the connection", { connection: { ...CONNECTION, query: { "api-version": "2" } } }],
    ["header of the connection", { connection: { ...CONNECTION, headers: { "openai-beta": "x" } } }],
  ])("is another with another %s", (_, change) => {
    expect(textOf({ ...BOUND, ...change })).not.toBe(textOf(BOUND));
  });
});
