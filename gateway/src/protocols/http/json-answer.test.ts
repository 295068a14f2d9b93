/** F6 in the answer's own text: a client that asked for JSON gets JSON, whatever stands in the restored values. */
import { describe, expect, it } from "vitest";
import { createRestorer, PlaceholderMap } from "@sluice/detector";
import type { Segment } from "../../core/segment.ts";
import { createAnswer } from "./answer.ts";
import { findEndpoint } from "./endpoints.ts";
import { readRequest } from "./request.ts";
import { asJson, type Lanes } from "./transform.ts";

const VALUE = 'say "hi" \\ to\nJosé\u2028😀@example.com';
const LIMITS = { responseBytesMax: 1e6, eventBytesMax: 1e6, depthMax: 64 };

function lanes(): Lanes {
  const map = new PlaceholderMap();
  map.issue("EMAIL", VALUE, true);
  const restorer = createRestorer(map.issued());
  const open = new Map<string, ReturnType<typeof restorer.stream>>();
  return {
    idle: false,
    push(segment: Segment) {
      const lane = open.get(segment.path) ?? restorer.stream(segment.encoding);
      open.set(segment.path, lane);
      const text = lane.push(segment.text) + (segment.final ? lane.end() : "");
      if (segment.final) open.delete(segment.path);
      return { ...segment, text };
    },
  };
}

const chat = findEndpoint("POST", "/v1/chat/completions");
const responses = findEndpoint("POST", "/v1/responses");
if (chat === undefined || responses === undefined) throw new Error("no endpoint");

describe("F6 a restored value does not break an answer that is to be JSON", () => {
  it.each([
    [chat, { model: "m", messages: [], response_format: { type: "json_object" } }, true],
    [chat, { model: "m", messages: [], response_format: { type: "json_schema" } }, true],
    [chat, { model: "m", messages: [], response_format: { type: "text" } }, false],
    [chat, { model: "m", messages: [] }, false],
    [responses, { model: "m", input: "x", text: { format: { type: "json_schema" } } }, true],
  ])("known from the request (%#)", (endpoint, request, expected) => {
    expect(readRequest(endpoint, JSON.stringify(request), { depthMax: 64 }).jsonAnswer).toBe(expected);
  });

  it("whole", () => {
    const answer = createAnswer(chat, "json", asJson(lanes()), LIMITS);
    const content = JSON.stringify({ to: "[EMAIL_1]" });
    answer.push(
      Buffer.from(
        JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }] }),
      ),
    );
    const read = JSON.parse(Buffer.from(answer.end() ?? []).toString()) as {
      choices: { message: { content: string } }[];
    };
    expect(JSON.parse(read.choices[0]?.message.content ?? "")).toEqual({ to: VALUE });
  });

  it("streamed, at every cut of the placeholder, with reasoning left as plain text", () => {
    const content = JSON.stringify({ to: "[EMAIL_1]", n: 1 });
    for (let cut = 1; cut < content.length; cut++) {
      const answer = createAnswer(chat, "sse", asJson(lanes()), LIMITS);
      const event = (delta: object, finish: string | null = null): Buffer =>
        Buffer.from(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`);
      const out = [
        answer.push(event({ reasoning_content: 'ask "[EMAIL_1]"' })),
        answer.push(event({ content: content.slice(0, cut) })),
        answer.push(event({ content: content.slice(cut) })),
        answer.push(event({}, "stop")),
        answer.push(Buffer.from("data: [DONE]\n\n")),
        answer.end(),
      ];
      let text = "";
      let notes = "";
      for (const line of Buffer.concat(out.map((each) => each ?? Buffer.alloc(0)))
        .toString()
        .split("\n")) {
        if (!line.startsWith("data: {")) continue;
        const { choices } = JSON.parse(line.slice(6)) as {
          choices: { delta: { content?: string; reasoning_content?: string } }[];
        };
        text += choices[0]?.delta.content ?? "";
        notes += choices[0]?.delta.reasoning_content ?? "";
      }
      expect(JSON.parse(text)).toEqual({ to: VALUE, n: 1 });
      expect(notes).toBe(`ask "${VALUE}"`);
    }
  });
});

describe("an answer that cannot be read", () => {
  const idle: Lanes = { idle: true, push: (segment) => segment };
  it.each(["json", "sse"] as const)("is refused also when nothing was masked in the request (%s)", (type) => {
    const broken = '{"choices":[{"x';
    const answer = createAnswer(chat, type, idle, LIMITS);
    const read = (): void => {
      answer.push(Buffer.from(type === "sse" ? `data: ${broken}\n\n` : broken));
      answer.end();
    };
    expect(read).toThrow(expect.objectContaining({ code: "upstream_protocol" }));
  });
});
