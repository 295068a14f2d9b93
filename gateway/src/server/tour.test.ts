/** The main job, with the official clients, unmodified but for the base URL and the key. */
import { createOpenAI } from "@ai-sdk/openai";
import Anthropic from "@anthropic-ai/sdk";
import { generateText, streamText } from "ai";
import Groq from "groq-sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Started, startForTest } from "./test/running.ts";

const EMAIL = "john.doe@example.com";
const PHONE = "+49 30 901820";
const PROMPT = `Send a refund to ${EMAIL} for order #12345, or call ${PHONE}. "Quoted" \\ and 😀`;

let sluice: Started;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  sluice = await startForTest();
  openai = new OpenAI({ baseURL: `${sluice.url}/v1`, apiKey: sluice.key, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: sluice.url, apiKey: sluice.key, maxRetries: 0 });
});
afterAll(() => sluice.stop());

/** What the rehearsal upstream received last, as text. */
async function received(): Promise<string> {
  return JSON.stringify(sluice.rehearsal?.received());
}

async function expectScrubbed(): Promise<void> {
  const got = await received();
  expect(got).toContain("[EMAIL_1]");
  expect(got).toContain("[ORDER_NUMBER_1]");
  for (const value of [EMAIL, PHONE, "12345", sluice.key, "127.0.0.1", "OpenAI/JS", "Anthropic/JS"])
    expect(got).not.toContain(value);
}

const TOOL = {
  name: "send_refund",
  description: "Sends a refund",
  schema: { type: "object" as const, properties: { text: { type: "string" } }, required: ["text"] },
};

describe("openai", () => {
  it("gets its own words back from a chat completion that never left in clear", async () => {
    const { data, response } = await openai.chat.completions
      .create({ model: "rehearsal", messages: [{ role: "user", content: PROMPT }] })
      .withResponse();
    expect(data.choices[0]?.message.content).toContain(PROMPT);
    expect(response.headers.get("sluice-evidence")).toMatch(/^\d+$/);
    expect(response.headers.get("sluice-masked")).toContain("EMAIL=1");
    await expectScrubbed();
  });

  it("gets them back from a stream", async () => {
    const stream = await openai.chat.completions.create({
      model: "rehearsal",
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: "user", content: PROMPT }],
    });
    let text = "";
    let usage = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      usage += chunk.usage?.completion_tokens ?? 0;
    }
    expect(text).toContain(PROMPT);
    expect(usage).toBeGreaterThan(0);
    await expectScrubbed();
  });

  it("gets tool arguments that parse, streamed and not", async () => {
    const request = {
      model: "rehearsal",
      messages: [{ role: "user" as const, content: `call send_refund: ${PROMPT}` }],
      tools: [
        {
          type: "function" as const,
          function: { name: TOOL.name, description: TOOL.description, parameters: TOOL.schema },
        },
      ],
    };
    const whole = await openai.chat.completions.create(request);
    const call = whole.choices[0]?.message.tool_calls?.[0];
    expect(call?.type === "function" ? JSON.stringify(JSON.parse(call.function.arguments)) : "").toContain(EMAIL);
    const stream = openai.chat.completions.stream({ ...request, stream: true });
    const final = await stream.finalChatCompletion();
    const streamed = final.choices[0]?.message.tool_calls?.[0];
    expect(streamed?.type === "function" ? JSON.stringify(JSON.parse(streamed.function.arguments)) : "").toContain(
      EMAIL,
    );
    await expectScrubbed();
  });

  it("gets them back from the Responses API, deltas and final object alike", async () => {
    const whole = await openai.responses.create({ model: "rehearsal", input: PROMPT });
    expect(whole.output_text).toContain(PROMPT);
    const stream = await openai.responses.create({ model: "rehearsal", input: PROMPT, stream: true });
    let text = "";
    let final = "";
    for await (const event of stream) {
      if (event.type === "response.output_text.delta") text += event.delta;
      if (event.type === "response.completed") final = JSON.stringify(event.response.output);
    }
    expect(text).toContain(PROMPT);
    expect(final).toContain(EMAIL);
    await expectScrubbed();
  });

  it("embeds a text that never left in clear, and lists models", async () => {
    const reply = await openai.embeddings.create({ model: "rehearsal", input: [PROMPT] });
    expect(reply.data[0]?.embedding.length).toBeGreaterThan(0);
    await expectScrubbed();
    const models = await openai.models.list();
    expect(models.data.map((each) => each.id)).toContain("rehearsal");
  });

  it("sees an error of its own family when the key is wrong", async () => {
    const stranger = new OpenAI({ baseURL: `${sluice.url}/v1`, apiKey: "sluice_nobody_x", maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toThrow(OpenAI.AuthenticationError);
  });
});

describe("anthropic", () => {
  const request = { model: "rehearsal", max_tokens: 500, messages: [{ role: "user" as const, content: PROMPT }] };

  it("gets its own words back, streamed and not", async () => {
    const whole = await anthropic.messages.create(request);
    expect(JSON.stringify(whole.content)).toContain(EMAIL);
    await expectScrubbed();
    const stream = anthropic.messages.stream(request);
    let text = "";
    stream.on("text", (delta) => {
      text += delta;
    });
    const final = await stream.finalMessage();
    expect(text).toContain(PROMPT);
    expect(final.stop_reason).toBe("end_turn");
    await expectScrubbed();
  });

  it("gets tool input that parses, streamed and not", async () => {
    const withTool = {
      ...request,
      messages: [{ role: "user" as const, content: `call send_refund: ${PROMPT}` }],
      tools: [{ name: TOOL.name, description: TOOL.description, input_schema: TOOL.schema }],
    };
    const whole = await anthropic.messages.create(withTool);
    expect(JSON.stringify(whole.content.find((block) => block.type === "tool_use"))).toContain(EMAIL);
    const final = await anthropic.messages.stream(withTool).finalMessage();
    expect(JSON.stringify(final.content.find((block) => block.type === "tool_use"))).toContain(EMAIL);
  });

  it("counts tokens of the scrubbed text", async () => {
    const { input_tokens } = await anthropic.messages.countTokens({ model: "rehearsal", messages: request.messages });
    expect(input_tokens).toBeGreaterThan(0);
    await expectScrubbed();
  });

  it("sees an error of its own family when the key is wrong", async () => {
    const stranger = new Anthropic({ baseURL: sluice.url, apiKey: "sluice_nobody_x", maxRetries: 0 });
    await expect(stranger.messages.create(request)).rejects.toThrow(Anthropic.AuthenticationError);
  });
});

describe("other clients", () => {
  it("groq-sdk streams and restores", async () => {
    // groq-sdk puts /openai/v1 behind its base URL by itself.
    const groq = new Groq({ baseURL: sluice.url, apiKey: sluice.key, maxRetries: 0 });
    const stream = await groq.chat.completions.create({
      model: "rehearsal",
      stream: true,
      messages: [{ role: "user", content: PROMPT }],
    });
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toContain(PROMPT);
    await expectScrubbed();
  });

  it("the Vercel ai package generates and streams", async () => {
    const provider = createOpenAI({ baseURL: `${sluice.url}/v1`, apiKey: sluice.key });
    const { text } = await generateText({ model: provider("rehearsal"), prompt: PROMPT, maxRetries: 0 });
    expect(text).toContain(PROMPT);
    const streamed = streamText({ model: provider("rehearsal"), prompt: PROMPT, maxRetries: 0 });
    expect(await streamed.text).toContain(PROMPT);
    await expectScrubbed();
  });
});
