/** The official clients, pointed straight at the rehearsal: it has to pass for the real thing before anything is tested with it. */
import { createOpenAI } from "@ai-sdk/openai";
import Anthropic from "@anthropic-ai/sdk";
import { generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import Groq from "groq-sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Rehearsal, startRehearsal } from "./rehearsal.ts";

const SAID = 'Write to [EMAIL_1] about "order" [ORDER_NUMBER_1] \\ and 😀.';
const USER = [{ role: "user" as const, content: SAID }];
const ASKED = [{ role: "user" as const, content: `call send_mail with: ${SAID}` }];
const SCHEMA = {
  type: "object" as const,
  properties: {
    text: { type: "string" as const },
    times: { type: "integer" as const },
    kind: { enum: ["short", "long"] },
  },
  required: ["text"],
};

let rehearsal: Rehearsal;
let openai: OpenAI;
let anthropic: Anthropic;
beforeAll(async () => {
  rehearsal = await startRehearsal({ paceMs: 0 });
  openai = new OpenAI({ baseURL: `${rehearsal.url}/v1`, apiKey: "none", maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: rehearsal.url, apiKey: "none", maxRetries: 0 });
});
afterAll(() => rehearsal.close());

const fetchText = async (path: string, init?: RequestInit): Promise<string> =>
  (await fetch(rehearsal.url + path, init)).text();
const post = (path: string, body: unknown): Promise<string> =>
  fetchText(path, { method: "POST", body: JSON.stringify(body) });

describe("openai", () => {
  const tools = [{ type: "function" as const, function: { name: "send_mail", parameters: SCHEMA } }];

  test("gets the last message back, labelled as a rehearsal", async () => {
    const { data, response } = await openai.chat.completions
      .create({ model: "rehearsal", messages: USER })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe(SAID);
    expect(data.model).toBe("rehearsal");
    expect(data.usage?.total_tokens).toBeGreaterThan(0);
    expect(response.headers.get("x-sluice-rehearsal")).toBe("true");
  });

  test("gets it in pieces, with the usage it asked for, and every choice", async () => {
    const stream = await openai.chat.completions.create({
      model: "rehearsal",
      messages: USER,
      n: 2,
      stream: true,
      stream_options: { include_usage: true },
    });
    const texts = ["", ""];
    let pieces = 0;
    let usage: unknown;
    for await (const chunk of stream) {
      for (const { index, delta } of chunk.choices) texts[index] += delta.content ?? "";
      pieces += 1;
      usage = chunk.usage ?? usage;
    }
    expect(texts).toEqual([SAID, SAID]);
    expect(pieces).toBeGreaterThan(20);
    expect(usage).toMatchObject({ completion_tokens: expect.any(Number) as number });
  });

  test("no usage is streamed to who did not ask, and the stream ends with its marker", async () => {
    const text = await post("/v1/chat/completions", { model: "rehearsal", messages: USER, stream: true });
    expect(text).not.toContain("usage");
    expect(text).toContain("\n\n: keep-alive\n\n");
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  test("gets a tool call whose arguments repeat the message, whole and streamed", async () => {
    const whole = await openai.chat.completions.create({ model: "rehearsal", messages: ASKED, tools });
    const call = whole.choices[0]?.message.tool_calls?.[0];
    expect(whole.choices[0]?.finish_reason).toBe("tool_calls");
    expect(JSON.parse(call?.type === "function" ? call.function.arguments : "")).toEqual({
      text: ASKED[0]?.content,
      times: 1,
      kind: "short",
    });
    const final = await openai.chat.completions
      .stream({ model: "rehearsal", messages: ASKED, tools })
      .finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls).toMatchObject(
      JSON.parse(JSON.stringify(whole.choices[0]?.message.tool_calls)) as object,
    );
  });

  test("calls a tool because it must, and answers a tool's result with text", async () => {
    const must = await openai.chat.completions.create({
      model: "rehearsal",
      messages: USER,
      tools,
      tool_choice: "required",
    });
    expect(must.choices[0]?.finish_reason).toBe("tool_calls");
    const after = await openai.chat.completions.create({
      model: "rehearsal",
      tools,
      tool_choice: "required",
      messages: [
        ...ASKED,
        must.choices[0]?.message ?? ASKED[0]!,
        { role: "tool", tool_call_id: "call_rehearsal", content: "sent to [EMAIL_1]" },
      ],
    });
    expect(after.choices[0]?.message.content).toBe("sent to [EMAIL_1]");
  });

  test("is cut at the token limit, in the middle of a placeholder if need be", async () => {
    const cut = await openai.chat.completions.create({ model: "rehearsal", messages: USER, max_completion_tokens: 4 });
    expect(cut.choices[0]).toMatchObject({ finish_reason: "length", message: { content: SAID.slice(0, 16) } });
  });

  test("the Responses API agrees with itself: deltas, done and the final object", async () => {
    const whole = await openai.responses.create({ model: "rehearsal", input: SAID, instructions: "Be brief" });
    expect(whole.output_text).toBe(SAID);
    const final = await openai.responses
      .stream({ model: "rehearsal", input: SAID, instructions: "Be brief" })
      .finalResponse();
    expect(final.output_text).toBe(SAID);
    expect(final.usage).toEqual(whole.usage);
    const events: string[] = [];
    let text = "";
    for await (const event of await openai.responses.create({ model: "rehearsal", input: USER, stream: true })) {
      events.push(event.type);
      if (event.type === "response.output_text.delta") text += event.delta;
      if (event.type === "response.output_text.done") expect(event.text).toBe(text);
    }
    expect(text).toBe(SAID);
    expect(events[0]).toBe("response.created");
    expect(events.at(-1)).toBe("response.completed");
  });

  test("the Responses API calls a tool, whole and streamed", async () => {
    const request = {
      model: "rehearsal",
      input: `call send_mail: ${SAID}`,
      tools: [{ type: "function" as const, name: "send_mail", parameters: SCHEMA, strict: false }],
    };
    const whole = await openai.responses.create(request);
    const streamed = await openai.responses.stream(request).finalResponse();
    for (const { output } of [whole, streamed]) {
      const item = output[0];
      expect(item?.type === "function_call" ? JSON.parse(item.arguments) : undefined).toMatchObject({
        text: request.input,
      });
    }
  });

  test("completions, embeddings and models", async () => {
    const completion = await openai.completions.create({ model: "rehearsal", prompt: SAID });
    expect(completion.choices[0]?.text).toBe(SAID);
    let text = "";
    for await (const chunk of await openai.completions.create({ model: "rehearsal", prompt: SAID, stream: true }))
      text += chunk.choices[0]?.text ?? "";
    expect(text).toBe(SAID);
    const embed = async (input: string[]) =>
      (await openai.embeddings.create({ model: "rehearsal", input })).data.map((each) => each.embedding);
    const [first, second] = await embed(["a", "b"]);
    expect(await embed(["a"])).toEqual([first]);
    expect(second).not.toEqual(first);
    expect(Math.hypot(...(first ?? []))).toBeCloseTo(1, 5);
    const floats = JSON.parse(await post("/v1/embeddings", { model: "rehearsal", input: "a" })) as {
      data: { embedding: number[] }[];
    };
    expect(floats.data[0]?.embedding).toEqual(first);
    expect((await openai.models.list()).data.map((each) => each.id)).toEqual(["rehearsal"]);
  });
});

describe("anthropic", () => {
  const request = { model: "rehearsal", max_tokens: 1_000, messages: USER };
  const withTool = { ...request, messages: ASKED, tools: [{ name: "send_mail", input_schema: SCHEMA }] };

  test("gets the last message back, whole and in pieces", async () => {
    const whole = await anthropic.messages.create(request);
    expect(whole).toMatchObject({
      content: [{ type: "text", text: SAID }],
      stop_reason: "end_turn",
      model: "rehearsal",
    });
    const stream = anthropic.messages.stream({ ...request, system: "Be brief" });
    let pieces = 0;
    stream.on("text", () => (pieces += 1));
    const final = await stream.finalMessage();
    expect(final.content).toMatchObject(whole.content);
    expect(final.usage.output_tokens).toBe(whole.usage.output_tokens);
    expect(pieces).toBeGreaterThan(10);
  });

  test("its stream has a ping and ends with its marker", async () => {
    const text = await post("/v1/messages", { ...request, stream: true });
    expect(text).toContain("event: ping\n");
    expect(text).toMatch(/event: message_stop\ndata: [^\n]*\n\n$/);
  });

  test("gets a tool call, whole and streamed, and text after the result", async () => {
    const whole = await anthropic.messages.create(withTool);
    expect(whole).toMatchObject({
      stop_reason: "tool_use",
      content: [{ type: "tool_use", input: { text: ASKED[0]?.content } }],
    });
    const final = await anthropic.messages.stream(withTool).finalMessage();
    expect(final.content).toMatchObject(whole.content);
    const result = { type: "tool_result" as const, tool_use_id: "toolu_rehearsal", content: "sent" };
    const after = await anthropic.messages.create({
      ...withTool,
      messages: [...ASKED, { role: "user", content: [result] }],
    });
    expect(after.content).toMatchObject([{ type: "text", text: "sent" }]);
  });

  test("counts tokens", async () => {
    const { input_tokens } = await anthropic.messages.countTokens({ model: "rehearsal", messages: USER });
    expect(input_tokens).toBeGreaterThan(5);
  });
});

describe("other clients", () => {
  test("groq-sdk streams", async () => {
    // It puts /openai/v1 behind its base URL by itself, which no upstream of ours serves.
    const groq = new Groq({
      baseURL: rehearsal.url,
      apiKey: "none",
      maxRetries: 0,
      fetch: (url, init) => fetch(String(url).replace("/openai", ""), init),
    });
    const stream = await groq.chat.completions.create({ model: "rehearsal", messages: USER, stream: true });
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toBe(SAID);
  });

  test("the Vercel ai package generates, streams and loops over a tool", async () => {
    const provider = createOpenAI({ baseURL: `${rehearsal.url}/v1`, apiKey: "none" });
    expect((await generateText({ model: provider("rehearsal"), prompt: SAID })).text).toBe(SAID);
    expect(await streamText({ model: provider.chat("rehearsal"), prompt: SAID }).text).toBe(SAID);
    const looped = await generateText({
      model: provider("rehearsal"),
      prompt: `call send_mail: ${SAID}`,
      stopWhen: stepCountIs(3),
      tools: {
        send_mail: tool({ inputSchema: jsonSchema<{ text: string }>(SCHEMA), execute: ({ text }) => `sent: ${text}` }),
      },
    });
    expect(looped.text).toContain(SAID);
    expect(looped.steps).toHaveLength(2);
  });
});

test("shows what it received, over HTTP too, and says no more about who sent it than a provider would see", async () => {
  await post("/v1/chat/completions?x=1", { model: "rehearsal", messages: USER });
  expect(rehearsal.received()).toMatchObject({
    method: "POST",
    path: "/v1/chat/completions?x=1",
    body: { messages: USER },
  });
  expect(rehearsal.received()?.headers).not.toHaveProperty("host");
  expect(JSON.parse(await fetchText("/received"))).toEqual(rehearsal.received());
});

test("echo answers with everything that it received", async () => {
  const echo = await startRehearsal({ paceMs: 0, echo: true });
  const client = new OpenAI({ baseURL: `${echo.url}/v1`, apiKey: "none", maxRetries: 0 });
  const { choices } = await client.chat.completions.create({
    model: "rehearsal",
    messages: [{ role: "system", content: "S" }, ...USER],
  });
  expect(JSON.parse(choices[0]?.message.content ?? "")).toMatchObject({
    messages: [{ content: "S" }, { content: SAID }],
  });
  await echo.close();
});

test("unknown paths and bodies are refused", async () => {
  expect((await fetch(`${rehearsal.url}/v1/nothing`, { method: "POST", body: "{}" })).status).toBe(404);
  expect((await fetch(`${rehearsal.url}/v1/messages`, { method: "POST", body: "[1]" })).status).toBe(400);
});

test("keeps its pace", async () => {
  const slow = await startRehearsal({ paceMs: 5, pieceChars: 1 });
  const startedAt = performance.now();
  await (
    await fetch(`${slow.url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ stream: true, messages: [{ role: "user", content: "x".repeat(20) }] }),
    })
  ).text();
  expect(performance.now() - startedAt).toBeGreaterThan(90);
  await slow.close();
});
