import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectionFor } from "../../core/test/connection.ts";
import { customEndpoint, type Endpoint, findEndpoint } from "./endpoints.ts";
import { readRequest, type RequestChanges } from "./request.ts";
import { REQUESTS } from "./test/fixtures/requests.ts";
import { codeOf, scrub } from "./test/way.ts";

const DEPTH = { depthMax: 100 };
const CHANGES: RequestChanges = {
  model: "upstream-model",
  withholdOpaque: true,
  hashIdentity: (value) => `hashed-${value.length}`,
};

function endpointAt(path: string): Endpoint {
  const endpoint = findEndpoint("POST", path);
  if (endpoint === undefined) throw new Error(path);
  return endpoint;
}
const CHAT = endpointAt("/v1/chat/completions");
const RESPONSES = endpointAt("/v1/responses");
const MESSAGES = endpointAt("/v1/messages");
const EMBEDDINGS = endpointAt("/v1/embeddings");

async function written(endpoint: Endpoint, body: unknown, changes: Partial<RequestChanges> = {}): Promise<string> {
  const request = readRequest(endpoint, typeof body === "string" ? body : JSON.stringify(body), DEPTH);
  const { segments } = await scrub(request.segments);
  return request.write(segments, { ...CHANGES, ...changes });
}

const chatOf = (...messages: unknown[]) => ({ model: "m", messages });
const segmentsOf = (endpoint: Endpoint, body: unknown) => readRequest(endpoint, JSON.stringify(body), DEPTH).segments;

const PLANT = "maria.planted@example.org";

/** Every document that differs from this one in one string or key that holds the plant, or in a member that was added. */
function* planted(value: unknown): Generator {
  if (typeof value === "string") {
    yield PLANT;
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) for (const other of planted(item)) yield value.with(i, other);
    yield [...(value as unknown[]), PLANT];
  } else if (typeof value === "object" && value !== null) {
    const members = Object.entries(value);
    for (const [i, [key, inner]] of members.entries()) {
      for (const other of planted(inner)) yield Object.fromEntries(members.with(i, [key, other]));
      yield Object.fromEntries(members.with(i, [PLANT, inner]));
      yield Object.fromEntries(members.with(i, [key, PLANT]));
    }
    yield { ...value, "x-added": PLANT };
    yield { ...value, "x-added": [{ [PLANT]: 1 }] };
  }
}

describe("To beat 1: a planted value reaches no upstream", () => {
  it.each(Object.entries(REQUESTS))(
    "%s: wherever it is put, it is masked, hashed, withheld or refused",
    async (_name, { path, body }) => {
      const endpoint = endpointAt(path);
      let masked = 0;
      for (const other of planted(body)) {
        const text = JSON.stringify(other);
        let request;
        try {
          request = readRequest(endpoint, text, DEPTH);
        } catch {
          expect(["field_invalid", "json_duplicate_key"]).toContain(codeOf(() => readRequest(endpoint, text, DEPTH)));
          continue;
        }
        const { segments } = await scrub(request.segments);
        const out = request.write(segments, CHANGES);
        if (out.includes("maria")) expect.fail(`leaked: ${text}`);
        JSON.parse(out);
        masked++;
      }
      expect(masked).toBeGreaterThan(Object.keys(body).length);
    },
  );

  it.each(Object.entries(REQUESTS))(
    "%s: the whole request passes unchanged when nothing is found in it",
    async (_name, { path, body }) => {
      const endpoint = endpointAt(path);
      const text = JSON.stringify(body, null, 1);
      const request = readRequest(endpoint, text, DEPTH);
      expect(request.target).toBe(body["model"]);
      expect(new Set(request.segments.map(({ path: lane }) => lane)).size).toBe(request.segments.length);
      const same = request.write(request.segments, {
        model: request.target,
        withholdOpaque: false,
        hashIdentity: (value) => value,
      });
      expect(same).toBe(text.replace(/"logprobs": \[\s*\{[^}]*\}\s*\]/, '"logprobs": []'));
    },
  );
});

describe("what is scanned", () => {
  it("names the path and the origin of every text, in canonical order", () => {
    const body = {
      metadata: { team: "support" },
      tools: [{ type: "function", function: { name: "f", description: "the tool" } }],
      messages: [
        { role: "system", content: "the system" },
        { content: [{ type: "text", text: "the user" }], role: "user" },
        {
          role: "assistant",
          content: "the assistant",
          tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: '{"a":1}' } }],
        },
        { role: "tool", tool_call_id: "c", content: "the result" },
      ],
      model: "m",
    };
    expect(segmentsOf(CHAT, body)).toEqual([
      { path: "messages.0.content", text: "the system", final: true, origin: "system" },
      { path: "messages.1.content.0.text", text: "the user", final: true, origin: "user" },
      { path: "messages.2.content", text: "the assistant", final: true, origin: "assistant" },
      {
        path: "messages.2.tool_calls.0.function.arguments",
        text: '{"a":1}',
        final: true,
        origin: "assistant",
        encoding: "json",
      },
      { path: "messages.3.content", text: "the result", final: true, origin: "tool" },
      { path: "tools.0.function.description", text: "the tool", final: true, origin: "system" },
      { path: "metadata", text: '{"team":"support"}', final: true, origin: "user", encoding: "json" },
    ]);
  });

  it("takes who wrote it from the role, the item and the block", () => {
    const origins = (endpoint: Endpoint, body: unknown) =>
      segmentsOf(endpoint, body).map(({ text, origin }) => [text, origin]);
    expect(
      origins(RESPONSES, {
        model: "m",
        input: [
          { role: "developer", content: "d" },
          { role: "user", content: "u" },
          { type: "function_call", call_id: "c", name: "f", arguments: "[1]" },
          { type: "function_call_output", call_id: "c", output: "o" },
        ],
        instructions: "i",
      }),
    ).toEqual([
      ["i", "system"],
      ["d", "system"],
      ["u", "user"],
      ["[1]", "assistant"],
      ["o", "tool"],
    ]);
    expect(
      origins(MESSAGES, {
        model: "m",
        messages: [
          { role: "assistant", content: [{ type: "tool_use", id: "t", name: "f", input: { a: 1 } }] },
          {
            role: "user",
            content: [
              { type: "tool_result", tool_use_id: "t", content: "r" },
              { type: "text", text: "u" },
            ],
          },
        ],
        system: "s",
      }),
    ).toEqual([
      ["s", "system"],
      ['{"a":1}', "assistant"],
      ["r", "tool"],
      ["u", "user"],
    ]);
  });

  it("leaves codes alone while they look like codes, and scans them when they do not", () => {
    const call = (id: string) => chatOf({ role: "tool", tool_call_id: id, content: "" });
    expect(segmentsOf(CHAT, call("call_abc.1:2/3-x"))).toEqual([]);
    expect(segmentsOf(CHAT, call("call of Ada"))).toMatchObject([
      { path: "messages.0.tool_call_id", text: "call of Ada" },
    ]);
    expect(segmentsOf(CHAT, call(PLANT))).toMatchObject([{ text: PLANT }]);
    expect(segmentsOf(CHAT, call("x".repeat(129)))).toHaveLength(1);
  });

  it("F5: scans tool arguments and tool input with their keys, numbers and escapes", async () => {
    const args = JSON.stringify({ card: 4111111111111111, [PLANT]: "x", note: `line\n${PLANT} "quoted"`, n: 5 });
    const body = chatOf({
      role: "assistant",
      content: null,
      tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: args } }],
    });
    const out = JSON.parse(await written(CHAT, body)) as {
      messages: [{ tool_calls: [{ function: { arguments: string } }] }];
    };
    expect(JSON.parse(out.messages[0].tool_calls[0].function.arguments)).toEqual({
      card: "[CARD_1]",
      "[EMAIL_1]": "x",
      note: 'line\n[EMAIL_1] "quoted"',
      n: 5,
    });
    const input = { card: 4111111111111111, [PLANT]: [`\n${PLANT}`], n: 12.5 };
    const anthropic = {
      model: "m",
      messages: [{ role: "assistant", content: [{ type: "tool_use", id: "t", name: "f", input }] }],
    };
    const block = JSON.parse(await written(MESSAGES, anthropic)) as { messages: [{ content: [{ input: unknown }] }] };
    expect(block.messages[0].content[0].input).toEqual({ card: "[CARD_1]", "[EMAIL_1]": ["\n[EMAIL_1]"], n: 12.5 });
  });

  it("F25: scans every message of the conversation, and F8: one value has one number in all of them", async () => {
    const body = chatOf(
      { role: "user", content: "I am ada@example.org" },
      { role: "assistant", content: "Hello ada@example.org" },
      { role: "user", content: "Write to bob@example.org, not to ADA@example.org" },
    );
    expect(await written(CHAT, body)).toBe(
      '{"model":"upstream-model","messages":[{"role":"user","content":"I am [EMAIL_1]"},{"role":"assistant","content":"Hello [EMAIL_1]"},{"role":"user","content":"Write to [EMAIL_2], not to [EMAIL_1]"}]}',
    );
  });

  it("F12: scans embeddings, completions and responses", async () => {
    expect(await written(EMBEDDINGS, { input: PLANT, model: "m" })).toBe(
      '{"input":"[EMAIL_1]","model":"upstream-model"}',
    );
    expect(await written(EMBEDDINGS, { input: ["a", PLANT], model: "m" })).toContain('["a","[EMAIL_1]"]');
    expect(await written(endpointAt("/v1/completions"), { model: "m", prompt: PLANT, suffix: PLANT })).toContain(
      '"prompt":"[EMAIL_1]","suffix":"[EMAIL_1]"',
    );
    expect(await written(RESPONSES, { model: "m", input: PLANT })).toContain('"input":"[EMAIL_1]"');
  });

  it("To beat 5: the next turn of a conversation has the same masked prefix", async () => {
    const turn = { role: "user", content: "I am ada@example.org, call +43 1 5880112345" };
    const tools = [{ type: "function", function: { name: "f", description: "Ask eve@example.org" } }];
    const answer = {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: '{"to":"ada@example.org"}' } }],
    };
    const first = await written(CHAT, { model: "m", messages: [turn], tools: [] });
    const second = await written(CHAT, {
      model: "m",
      messages: [turn, answer, { role: "user", content: "and bob@example.org" }],
      tools,
    });
    const prefix = first.slice(0, first.indexOf(`],"tools"`));
    expect(prefix).toContain("[EMAIL_1]");
    expect(second.startsWith(prefix)).toBe(true);
    expect(second).toContain("[EMAIL_2]");
  });
});

describe("identities", () => {
  it("are replaced by their hash in every place that names the user to the provider", async () => {
    const chat = await written(CHAT, { ...chatOf(), user: "ada", safety_identifier: "ada l", prompt_cache_key: "a" });
    expect(JSON.parse(chat)).toMatchObject({
      user: "hashed-3",
      safety_identifier: "hashed-5",
      prompt_cache_key: "hashed-1",
    });
    const anthropic = await written(MESSAGES, { model: "m", messages: [], metadata: { user_id: "ada", team: PLANT } });
    expect(JSON.parse(anthropic)).toMatchObject({ metadata: { user_id: "hashed-3", team: "[EMAIL_1]" } });
  });

  it("must be strings", () => {
    expect(codeOf(() => segmentsOf(CHAT, { ...chatOf(), user: 17 }))).toBe("field_invalid");
    expect(codeOf(() => segmentsOf(CHAT, { ...chatOf(), user: null }))).toBe("");
  });
});

describe("F22: parts that are not text", () => {
  const opaque = (endpoint: Endpoint, body: unknown) => readRequest(endpoint, JSON.stringify(body), DEPTH).opaqueParts;

  it("are counted by kind, wherever they stand", () => {
    const counts = Object.fromEntries(
      Object.entries(REQUESTS).map(([name, { path, body }]) => [name, opaque(endpointAt(path), body)]),
    );
    expect(counts).toEqual({
      "chat.completions": { image: 1, audio: 1, file: 1 },
      responses: { image: 4, file: 1 },
      completions: {},
      embeddings: {},
      messages: { image: 4, document: 1 },
      "messages.count_tokens": { image: 4, document: 1 },
    });
  });

  it("are unknown when their type is, and the word of the client does not go on record", () => {
    const part = { type: "hologram of ada@example.org", data: "x" };
    expect(opaque(CHAT, chatOf({ role: "user", content: [part] }))).toEqual({ unknown: 1 });
    expect(opaque(RESPONSES, { model: "m", input: [part] })).toEqual({ unknown: 1 });
    expect(opaque(MESSAGES, { model: "m", messages: [{ role: "user", content: [part] }] })).toEqual({ unknown: 1 });
  });

  it("are replaced by a text part of the family when they are withheld", async () => {
    const image = { type: "image_url", image_url: { url: "https://x.example/ada@example.org.png" } };
    const chat = await written(CHAT, chatOf({ role: "user", content: [image, { type: "text", text: "hi" }] }));
    expect(JSON.parse(chat)).toMatchObject({
      messages: [
        {
          content: [
            { type: "text", text: "[withheld: image]" },
            { type: "text", text: "hi" },
          ],
        },
      ],
    });
    const file = { type: "input_file", filename: "ada@example.org.pdf", file_id: "file_1" };
    const responses = await written(RESPONSES, {
      model: "m",
      input: [
        { role: "user", content: [file] },
        { type: "image_generation_call", id: "i", result: "iVBOR" },
      ],
    });
    expect(JSON.parse(responses)).toMatchObject({
      input: [
        { content: [{ type: "input_text", text: "[withheld: file]" }] },
        { type: "message", content: [{ type: "input_text", text: "[withheld: image]" }] },
      ],
    });
    const scan = { type: "document", title: PLANT, source: { type: "url", url: "https://x.example" } };
    const messages = await written(MESSAGES, {
      model: "m",
      messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: [scan] }] }],
    });
    expect(JSON.parse(messages)).toMatchObject({
      messages: [{ content: [{ type: "tool_result", content: [{ type: "text", text: "[withheld: document]" }] }] }],
    });
  });

  it("keep their bytes when they are allowed, and the texts beside them are scanned", async () => {
    const file = { type: "file", file: { filename: `${PLANT}.pdf`, file_data: "data:application/pdf;base64,JVBERi0" } };
    const out = await written(CHAT, chatOf({ role: "user", content: [file] }), { withholdOpaque: false });
    expect(out).toContain("data:application/pdf;base64,JVBERi0");
    expect(out).not.toContain("maria");
  });

  it("include token ids, which are text that nobody can read here", async () => {
    expect(opaque(EMBEDDINGS, { model: "m", input: [1, 2, 3] })).toEqual({ tokens: 1 });
    expect(opaque(EMBEDDINGS, { model: "m", input: [[1, 2], [3]] })).toEqual({ tokens: 2 });
    expect(await written(EMBEDDINGS, { model: "m", input: [1, 2, 3] })).toContain('"input":"[withheld: tokens]"');
    expect(await written(EMBEDDINGS, { model: "m", input: [[1], [2]] })).toContain(
      '["[withheld: tokens]","[withheld: tokens]"]',
    );
    expect(codeOf(() => opaque(EMBEDDINGS, { model: "m", input: [1, "a"] }))).toBe("field_invalid");
    expect(codeOf(() => opaque(EMBEDDINGS, { model: "m", input: ["a", 1] }))).toBe("field_invalid");
    expect(codeOf(() => opaque(EMBEDDINGS, { model: "m", input: [[1], "a"] }))).toBe("field_invalid");
  });
});

describe("what is written", () => {
  it("keeps every byte that was not changed: numbers, unknown fields, white space, order", async () => {
    const text = `{ "x_big" : 12345678901234567890.00e+1,\n\t"model":"m","temperature":0.10, "messages":[{"content":"I am ${PLANT} \\u00e9","role":"user"}],"x":{"y":[1e3,-0]} }`;
    expect(await written(CHAT, text)).toBe(
      text.replace('"m"', '"upstream-model"').replace(`"I am ${PLANT} \\u00e9"`, '"I am [EMAIL_1] é"'),
    );
  });

  it("F6: is JSON whatever the scrubber puts in", () => {
    const request = readRequest(CHAT, JSON.stringify(chatOf({ role: "user", content: "x" })), DEPTH);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const out = request.write(
          request.segments.map((segment) => ({ ...segment, text })),
          CHANGES,
        );
        expect(JSON.parse(out)).toMatchObject({ messages: [{ content: text }] });
      }),
    );
  });

  it("refuses segments that are not those it gave out", () => {
    const request = readRequest(CHAT, JSON.stringify(chatOf({ role: "user", content: "x" })), DEPTH);
    expect(() => request.write([], CHANGES)).toThrow(/number of segments/);
    expect(() => request.write([{ path: "other", text: "", final: true }], CHANGES)).toThrow(/order of segments/);
  });
});

describe("what is refused", () => {
  it.each<[string, Endpoint, unknown, string]>([
    ["no object", CHAT, [], "the body must be a JSON object"],
    ["no model", CHAT, { messages: [] }, "model is missing"],
    ["an empty model", CHAT, { model: "", messages: [] }, "model is missing"],
    ["a model that is no string", CHAT, { model: 1, messages: [] }, "model has a value of a wrong type"],
    ["no messages", CHAT, { model: "m" }, "messages is missing"],
    ["messages that are no list", CHAT, { model: "m", messages: "x" }, "messages has a value of a wrong type"],
    ["a message that is no object", CHAT, chatOf("x"), "messages.0 has a value of a wrong type"],
    [
      "a content that is a number",
      CHAT,
      chatOf({ role: "user", content: 1 }),
      "messages.0.content has a value of a wrong type",
    ],
    [
      "a content that is an object",
      CHAT,
      chatOf({ role: "user", content: {} }),
      "messages.0.content has a value of a wrong type",
    ],
    [
      "a part without a type",
      CHAT,
      chatOf({ role: "user", content: [{ text: "x" }] }),
      "messages.0.content.0.type must be a string",
    ],
    [
      "a text that is a number",
      CHAT,
      chatOf({ role: "user", content: [{ type: "text", text: 5 }] }),
      "messages.0.content.0.text has a value of a wrong type",
    ],
    [
      "arguments that are an object",
      CHAT,
      chatOf({ role: "assistant", tool_calls: [{ function: { arguments: {} } }] }),
      "messages.0.tool_calls.0.function.arguments has a value of a wrong type",
    ],
    ["a stream that is a string", CHAT, { ...chatOf(), stream: "true" }, "stream has a value of a wrong type"],
    ["a stream that is a number", CHAT, { ...chatOf(), stream: 1 }, "stream must be true or false"],
    ["no input", EMBEDDINGS, { model: "m" }, "input is missing"],
    ["an input that is an object", RESPONSES, { model: "m", input: {} }, "input has a value of a wrong type"],
    [
      "a system that is a number",
      MESSAGES,
      { model: "m", messages: [], system: 1 },
      "system has a value of a wrong type",
    ],
  ])("%s", (_what, endpoint, body, message) => {
    expect(() => segmentsOf(endpoint, body)).toThrow(message);
    expect(codeOf(() => segmentsOf(endpoint, body))).toBe("field_invalid");
  });

  it("never throws anything but a SluiceError", () => {
    const words = [
      "model",
      "messages",
      "role",
      "content",
      "type",
      "text",
      "tool_calls",
      "function",
      "arguments",
      "input",
      "system",
      "tools",
      "m",
      "message",
    ];
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom(...words),
        fc.string(),
        fc.constantFrom(1, true, null, 12345678901),
        fc.array(tie("any"), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom(...words), tie("any"), { maxKeys: 5 }),
      ),
    })).any;
    const document = fc.record({
      model: fc.constant("m"),
      messages: value,
      input: value,
      prompt: value,
      system: value,
      tools: value,
      metadata: value,
    });
    fc.assert(
      fc.property(document, fc.constantFrom(...Object.values(REQUESTS).map(({ path }) => path)), (body, path) => {
        codeOf(() => {
          const request = readRequest(endpointAt(path), JSON.stringify(body), DEPTH);
          const marked = request.segments.map((segment) => ({
            ...segment,
            text: segment.encoding === "json" ? "{}" : "*",
          }));
          JSON.parse(request.write(marked, CHANGES));
        });
      }),
      { numRuns: 2000 },
    );
  });
});

describe("custom endpoints", () => {
  const row = {
    path: "/generate",
    requestText: ["inputs.*.text", "question"],
    requestSystem: ["preamble"],
    requestFixed: ["inputs.*.kind", "tenant", "options"],
    responseText: ["text"],
    stream: "sse" as const,
  };
  const custom = customEndpoint(connectionFor({ name: "own", endpoints: [row] }), "/generate");
  if (custom === undefined) throw new Error("not found");

  it("scan every string and key but those that the config calls fixed", async () => {
    const body = {
      tenant: PLANT,
      options: { a: [PLANT] },
      question: PLANT,
      inputs: [{ kind: PLANT, text: PLANT, note: PLANT }],
      other: { [PLANT]: PLANT },
      preamble: PLANT,
      big: 12345678901234567890,
    };
    expect(JSON.parse(await written(custom, body))).toEqual({
      tenant: PLANT,
      options: { a: [PLANT] },
      question: "[EMAIL_1]",
      inputs: [{ kind: PLANT, text: "[EMAIL_1]", note: "[EMAIL_1]" }],
      other: { "[EMAIL_1]": "[EMAIL_1]" },
      preamble: "[EMAIL_1]",
      big: 12345678901234567890,
    });
  });

  it("are addressed to their connection, and the config says what is the system's", () => {
    const request = readRequest(custom, JSON.stringify({ question: "q", preamble: "p" }), DEPTH);
    expect(request).toMatchObject({ target: "own", streaming: true });
    expect(request.segments).toMatchObject([
      { text: "p", origin: "system" },
      { text: "q", origin: "user" },
    ]);
    expect(readRequest(custom, '{"stream":false}', DEPTH).streaming).toBe(false);
  });
});
