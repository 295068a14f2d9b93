import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Segment } from "../../core/segment.ts";
import { connectionFor } from "../../core/test/connection.ts";
import { type AnswerTransform, createAnswer, type Lanes } from "./answer.ts";
import { customEndpoint, type Endpoint, findEndpoint } from "./endpoints.ts";
import { at, FAMILIES, type Family, type Said, sseBytes, sseData, understand } from "./test/fixtures/answers.ts";
import { backFor, codeOf, LIMITS, RULES } from "./test/way.ts";

/** What breaks JSON, lines and encodings when it is put in carelessly. */
const VALUES = ['Ada "A" \\ L\n', "Zoë 😀\u2028", "Bob"];
const TEXT = 'Dear [PERSON_1], \\u005b é😀 "[PERSON_2]" and [PERSON_3]! Not [PERSON_4], [PERSON_ or [PERSON_1';
const ARGS =
  '{"to": "[PERSON_1]", "cc": ["[PERSON_2]\\n", "\\u005bPERSON_3\\u005d"], "n": 1.50, "x": "\\ud83d\\ude00[PERSON_9]"}';
const RESTORED_TEXT = TEXT.replace("[PERSON_1]", VALUES[0] ?? "")
  .replace("[PERSON_2]", VALUES[1] ?? "")
  .replace("[PERSON_3]", "Bob");
const RESTORED_ARGS = { to: VALUES[0], cc: [`${VALUES[1]}\n`, "Bob"], n: 1.5, x: "😀[PERSON_9]" };

const IDLE: Lanes = { idle: true, push: (segment) => segment };

function endpointAt(path: string): Endpoint {
  const endpoint = findEndpoint("POST", path);
  if (endpoint === undefined) throw new Error(path);
  return endpoint;
}

/** Feeds the bytes, cut at these places, and gives all that came out. */
function run(answer: AnswerTransform, bytes: Uint8Array, cuts: readonly number[] = []): Buffer {
  const out: Uint8Array[] = [];
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    out.push(answer.push(bytes.subarray(start, end)) ?? Buffer.alloc(0));
    start = end;
  }
  out.push(answer.end() ?? Buffer.alloc(0));
  return Buffer.concat(out);
}

const streamOf = (family: Family, back: Lanes = backFor(VALUES)) =>
  createAnswer(endpointAt(family.path), "sse", back, LIMITS);
const wholeOf = (family: Family, back: Lanes = backFor(VALUES)) =>
  createAnswer(endpointAt(family.path), "json", back, LIMITS);

const byWords = (text: string) => text.split(/(?=[ [_])/);
const byCharacters = (text: string) => Array.from(text);
const SAID: Said = { text: TEXT, args: ARGS, cut: byWords };

/** Cuts a text at these places. */
const cutAt = (places: readonly number[]) => (text: string) => {
  const ends = [...new Set(places.map((place) => place % (text.length + 1)))].toSorted((a, b) => a - b);
  return [...ends, text.length].map((end, i) => text.slice(ends[i - 1] ?? 0, end));
};

const families = Object.entries(FAMILIES);

describe.each(families)("%s", (_name, family) => {
  const expected = (understood: { text: string; args: string }) => {
    expect(understood.text).toBe(RESTORED_TEXT);
    if (understood.args !== "") expect(JSON.parse(understood.args)).toEqual(RESTORED_ARGS);
  };

  it("F6: restores a whole answer, and every value leaves the JSON around it intact", () => {
    const out = run(wholeOf(family), Buffer.from(JSON.stringify(family.whole(SAID))), [7]);
    expected(family.understandWhole(JSON.parse(out.toString())));
  });

  it("F1, To beat 4: restores a stream to the same text and tool arguments, in deltas of words or characters", () => {
    for (const cut of [byWords, byCharacters, (text: string) => [text]]) {
      const said = { ...SAID, cut };
      expected(understand(family, run(streamOf(family), sseBytes(family, said))));
    }
  });

  it("F1: restores however the model cuts its deltas", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (places) => {
        expected(understand(family, run(streamOf(family), sseBytes(family, { ...SAID, cut: cutAt(places) }))));
      }),
      { numRuns: 200 },
    );
  });

  it("F2, To beat 2: gives the same bytes for every cut of the stream into two, into many, and into single bytes", () => {
    const bytes = sseBytes(family, { ...SAID, cut: (text) => text.match(/.{1,9}/gsu) ?? [] });
    const whole = run(streamOf(family), bytes);
    expected(understand(family, whole));
    for (let cut = 0; cut <= bytes.length; cut++) {
      if (!run(streamOf(family), bytes, [cut]).equals(whole)) expect.fail(`cut at ${cut}`);
    }
    expect(run(streamOf(family), bytes, Array.from(bytes.keys())).equals(whole)).toBe(true);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (cuts) => run(streamOf(family), bytes, cuts).equals(whole)),
      { numRuns: 100 },
    );
  });

  it("F4, F13: masks what the model wrote by itself, streamed or not, and never a restored value", () => {
    const rules = { ...RULES, response: { EMAIL: "redact" as const } };
    const said = {
      text: "Write to [PERSON_1] or eve@example.org now",
      args: '{"a":"eve@example.org","b":"[PERSON_1]"}',
    };
    const back = () => backFor(["ada@example.org"], rules);
    const whole = family.understandWhole(
      JSON.parse(
        run(wholeOf(family, back()), Buffer.from(JSON.stringify(family.whole({ ...said, cut: byWords })))).toString(),
      ),
    );
    expect(whole.text).toBe("Write to ada@example.org or [EMAIL] now");
    for (const cut of [byWords, byCharacters]) {
      const streamed = understand(family, run(streamOf(family, back()), sseBytes(family, { ...said, cut })));
      expect(streamed.text).toBe(whole.text);
      if (whole.args !== "") expect(JSON.parse(streamed.args)).toEqual(JSON.parse(whole.args));
    }
  });

  it("leaves an answer without placeholders byte for byte, parsed or not", () => {
    const said = { text: "Nothing to see é😀", args: '{ "n": 12345678901234567890 }', cut: byWords };
    const stream = sseBytes(family, said);
    const whole = Buffer.from(JSON.stringify(family.whole(said), null, 2));
    for (const back of [backFor(VALUES), IDLE]) {
      expect(run(wholeOf(family, back), whole, [11]).equals(whole)).toBe(true);
      expect(run(streamOf(family, back), stream, [11, 222]).equals(stream)).toBe(true);
    }
  });

  it("reads usage and sees the end, parsed or not", () => {
    for (const back of [backFor(VALUES), IDLE]) {
      const stream = streamOf(family, back);
      const bytes = sseBytes(family, SAID);
      stream.push(bytes.subarray(0, bytes.length / 4));
      expect(stream.complete).toBe(false);
      stream.push(bytes.subarray(bytes.length / 4));
      stream.end();
      expect(stream.complete).toBe(true);
      if (family !== FAMILIES["completions"]) expect(stream.usage).toEqual({ inputTokens: 11, outputTokens: 7 });
      const whole = wholeOf(family, back);
      run(whole, Buffer.from(JSON.stringify(family.whole(SAID))));
      expect(whole).toMatchObject({ complete: true, usage: { inputTokens: 11, outputTokens: 7 } });
    }
  });

  it("F3, To beat 3: emits every event at once and delays no more than a part of a placeholder", () => {
    const stream = streamOf(family);
    let sent = "";
    let got = "";
    for (const { data } of family.events({ ...SAID, text: "Dear [PERSON_1], all is well", cut: byCharacters })) {
      const out = stream.push(Buffer.from(`data: ${JSON.stringify(data)}\n\n`));
      sent += pieceOf(data);
      got += sseData(out ?? Buffer.alloc(0))
        .map((each) => pieceOf(JSON.parse(each)))
        .join("");
      expect(out).toBeDefined();
      expect(sent.length - got.replace(VALUES[0] ?? "", "[PERSON_1]").length).toBeLessThan("[PERSON_1]".length);
    }
    expect(got.length).toBeGreaterThan(20);
  });

  it("F17: a stream that is cut inside a placeholder guesses nobody and is not complete", () => {
    const text = "Dear [PERSON_1";
    const events = family.events({ text, args: "{}", cut: byCharacters });
    let said = "";
    const end = events.findIndex(({ data }) => (said += pieceOf(data)) === text) + 1;
    const cut = events.slice(0, end).map(({ data }) => ({ ...(data as object), choices: unfinished(data) }));
    const stream = streamOf(family);
    const out = run(stream, Buffer.from(cut.map((data) => `data: ${JSON.stringify(data)}\n\n`).join("")));
    const got = sseData(out).map((each) => pieceOf(JSON.parse(each)));
    expect(got.join("")).toBe(text);
    expect(stream.complete).toBe(false);
  });
});

/** The piece of the text that an event of any family says. */
function pieceOf(event: unknown): string {
  if (at(event, "type") === "response.function_call_arguments.delta") return "";
  const choice = at(event, "choices", 0);
  const pieces = [at(choice, "delta", "content"), at(choice, "text"), at(event, "delta", "text"), at(event, "delta")];
  return pieces.find((piece): piece is string => typeof piece === "string") ?? "";
}

/** The choices of an event, none of them finished. */
function unfinished(event: unknown): unknown {
  const choices = at(event, "choices");
  return Array.isArray(choices) ? choices.map((choice: object) => ({ ...choice, finish_reason: null })) : undefined;
}

/** The data of the events that come out for these. */
function eventsOut(path: string, events: readonly unknown[], back: Lanes = backFor(VALUES)): unknown[] {
  const bytes = Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""));
  const out = run(createAnswer(endpointAt(path), "sse", back, LIMITS), bytes);
  return sseData(out).map((data) => JSON.parse(data) as unknown);
}

const CHAT = "/v1/chat/completions";
const delta = (more: unknown, finish: string | null = null, index = 0) => ({
  id: "c",
  object: "chat.completion.chunk",
  model: "m",
  choices: [{ index, delta: more, finish_reason: finish }],
});

describe("a tail that is held when its lane ends", () => {
  it("goes out before the event that ends the lane, in an event that says nothing else", () => {
    const events = [
      { ...delta({ role: "assistant", content: "Hi [PERS" }), usage: null, system_fingerprint: "fp" },
      delta({ content: "ON_2" }),
      delta({}, "length"),
    ];
    expect(eventsOut(CHAT, events)).toEqual([
      { ...delta({ role: "assistant", content: "Hi " }), usage: null, system_fingerprint: "fp" },
      delta({ content: "" }),
      delta({ content: "[PERSON_2" }),
      delta({}, "length"),
    ]);
  });

  it("goes into the event that ends the lane when that has text of it", () => {
    expect(eventsOut(CHAT, [delta({ content: "Hi [PERS" }), delta({ content: "ON" }, "stop")])).toEqual([
      delta({ content: "Hi " }),
      delta({ content: "[PERSON" }, "stop"),
    ]);
  });

  it("is not ended by a reason that says nothing yet", () => {
    const said = eventsOut(CHAT, [delta({ content: "[PERS" }, ""), delta({ content: "ON_3]" }, ""), delta({}, "stop")]);
    expect(said).toEqual([delta({ content: "" }, ""), delta({ content: "Bob" }, ""), delta({}, "stop")]);
  });

  it("names its tool call by index and type, never by id or name again", () => {
    const call = (index: number, more: unknown) => delta({ tool_calls: [{ index, ...(more as object) }] });
    const events = [
      call(1, { id: "call_b", type: "function", function: { name: "f", arguments: '{"a":"[PERSON_' } }),
      delta({}, "tool_calls"),
    ];
    expect(eventsOut(CHAT, events)).toEqual([
      call(1, { id: "call_b", type: "function", function: { name: "f", arguments: '{"a":"' } }),
      call(1, { type: "function", function: { arguments: "[PERSON_" } }),
      delta({}, "tool_calls"),
    ]);
  });

  it("keeps the sequence numbers of the Responses API rising by one", () => {
    const lane = { item_id: "m", output_index: 0, content_index: 0 };
    const events = [
      {
        type: "response.output_text.delta",
        sequence_number: 4,
        ...lane,
        delta: "Hi [PERSON_1",
        logprobs: [{ token: "Hi" }],
      },
      { type: "response.output_text.done", sequence_number: 5, ...lane, text: "Hi [PERSON_1" },
      { type: "response.completed", sequence_number: 6, response: { id: "r" } },
    ];
    expect(eventsOut("/v1/responses", events)).toEqual([
      { type: "response.output_text.delta", sequence_number: 4, ...lane, delta: "Hi ", logprobs: [] },
      { type: "response.output_text.delta", sequence_number: 5, ...lane, delta: "[PERSON_1", logprobs: [] },
      { type: "response.output_text.done", sequence_number: 6, ...lane, text: "Hi [PERSON_1" },
      { type: "response.completed", sequence_number: 7, response: { id: "r" } },
    ]);
  });

  it("goes out before [DONE], and at the end of a stream that says no end", () => {
    const bytes = (end: string) =>
      Buffer.from(`event: x\ndata: ${JSON.stringify(delta({ content: "[PERSON_" }))}\n\n${end}`);
    for (const end of ["data: [DONE]\n\n", ""]) {
      const out = run(createAnswer(endpointAt(CHAT), "sse", backFor(VALUES), LIMITS), bytes(end)).toString();
      expect(out).toBe(
        `event: x\ndata: ${JSON.stringify(delta({ content: "" }))}\n\nevent: x\ndata: ${JSON.stringify(delta({ content: "[PERSON_" }))}\n\n${end}`,
      );
    }
  });

  it("is kept apart by choice, by tool call and by field", () => {
    const out = eventsOut(CHAT, [
      delta({ content: "a[PERSON" }, null, 0),
      delta({ content: "b[PERSON" }, null, 1),
      delta({ reasoning_content: "c[PERSON" }, null, 0),
      delta({ content: "_1]" }, null, 0),
      delta({ content: "_2]" }, null, 1),
      delta({ reasoning_content: "_3]" }, null, 0),
    ]);
    const said = out.map((event) => at(event, "choices", 0, "delta"));
    expect(said).toEqual([
      { content: "a" },
      { content: "b" },
      { reasoning_content: "c" },
      { content: VALUES[0] },
      { content: VALUES[1] },
      { reasoning_content: "Bob" },
    ]);
  });
});

describe("what no table names", () => {
  it("survives: comments, pings, event names, ids, retry, unknown events and fields, numbers", () => {
    const stream = [
      ": OPENROUTER PROCESSING\n\n",
      "event: ping\nid: 9\nretry: 10\n\n",
      'data: {"unknown":{"deep":[1e400,12345678901234567890,-0.0]},"x":"y"}\r\n\r\n',
      "data:\n\n",
      "data: [DONE]\n\n",
    ].join("");
    const out = run(createAnswer(endpointAt(CHAT), "sse", backFor(VALUES), LIMITS), Buffer.from(stream));
    expect(out.toString()).toBe(stream);
  });

  it("is restored all the same, whole: strings and keys of unknown fields and events", () => {
    expect(eventsOut(CHAT, [{ error: { message: "no [PERSON_3]" }, "[PERSON_3]": ["[PERSON_3]"] }])).toEqual([
      { error: { message: "no Bob" }, Bob: ["Bob"] },
    ]);
    expect(
      eventsOut("/v1/responses", [{ type: "response.new_thing", sequence_number: 0, what: "[PERSON_3]" }]),
    ).toEqual([{ type: "response.new_thing", sequence_number: 0, what: "Bob" }]);
    expect(eventsOut("/v1/messages", [{ type: "error", error: { type: "e", message: "[PERSON_3]" } }])).toEqual([
      { type: "error", error: { type: "e", message: "Bob" } },
    ]);
  });

  it("is a lane when it is a new kind of delta", () => {
    const said = (path: string, events: readonly unknown[], ...where: string[]) =>
      eventsOut(path, events)
        .map((event) => at(event, ...where))
        .join("");
    const pieces = ["[PER", "SON_3]", "!"];
    expect(
      said(
        "/v1/responses",
        pieces.map((piece) => ({ type: "response.poem.delta", output_index: 0, delta: piece })),
        "delta",
      ),
    ).toBe("Bob!");
    expect(
      said(
        "/v1/messages",
        pieces.map((piece) => ({ type: "content_block_delta", index: 0, delta: { type: "poem_delta", poem: piece } })),
        "delta",
        "poem",
      ),
    ).toBe("Bob!");
    expect(
      eventsOut(
        CHAT,
        pieces.map((piece) => delta({ poem: [{ type: "verse", text: piece }] })),
      )
        .map((event) => at(event, "choices", 0, "delta", "poem", 0, "text"))
        .join(""),
    ).toBe("Bob!");
  });

  it("is left alone where it is an id, a model or a signature", () => {
    const signature = "[PERSON_3]".padEnd(80, "A").replace(/[^A-Za-z0-9]/g, "B");
    const events = [
      { type: "message_start", message: { id: "[PERSON_3]", model: "[PERSON_3]", content: [] } },
      { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature } },
    ];
    expect(eventsOut("/v1/messages", events)).toEqual(events);
  });

  it("survives beside a text that changes: only the string is spliced", () => {
    const frame = (text: string) =>
      `: c\nevent: e\nid: 1\ndata: {"choices" : [ {"index":0, "delta":{"content":"${text}"},"x":1.50 } ], "n":12345678901234567890}\n\n`;
    const out = run(createAnswer(endpointAt(CHAT), "sse", backFor(VALUES), LIMITS), Buffer.from(frame("[PERSON_3]")));
    expect(out.toString()).toBe(frame("Bob"));
  });
});

describe("log probabilities", () => {
  it("are withdrawn where they would say the text over again, and survive where nothing changed", () => {
    const choice = (text: string) => ({
      choices: [{ index: 0, delta: { content: text }, logprobs: { content: [{ token: text }] }, finish_reason: null }],
    });
    expect(eventsOut(CHAT, [choice("plain"), choice("[PERSON_3]")])).toEqual([
      choice("plain"),
      { choices: [{ index: 0, delta: { content: "Bob" }, logprobs: null, finish_reason: null }] },
    ]);
  });
});

describe("a surrogate pair that the upstream cuts between two deltas", () => {
  it("comes through", () => {
    const raw = (text: string) => `data: {"choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`;
    const stream = raw("[PERSON_3] \\ud83d") + raw("\\ude00");
    const out = run(createAnswer(endpointAt(CHAT), "sse", backFor(VALUES), LIMITS), Buffer.from(stream));
    expect(
      sseData(out)
        .map((data) => at(JSON.parse(data), "choices", 0, "delta", "content"))
        .join(""),
    ).toBe("Bob 😀");
  });
});

describe("what is refused", () => {
  const chat = endpointAt(CHAT);
  const sse = (back: Lanes = backFor(VALUES)) => createAnswer(chat, "sse", back, LIMITS);

  it("is an event that is no JSON, after the events before it", () => {
    const stream = sse();
    const good = `data: ${JSON.stringify(delta({ content: "a" }))}\n\n`;
    expect(stream.push(Buffer.from(`${good}data: {"a":\n\n`))?.toString()).toBe(good);
    expect(codeOf(() => stream.push(Buffer.from(good)))).toBe("upstream_protocol");
    expect(codeOf(() => stream.end())).toBe("upstream_protocol");
    expect(codeOf(() => sse().push(Buffer.from("data: nothing\n\n")))).toBe("upstream_protocol");
    expect(codeOf(() => sse().push(Buffer.from('data: {"a":1,"a":2}\n\n')))).toBe("upstream_protocol");
  });

  it("is an event that the end of the stream cuts, also where nothing is to be changed", () => {
    for (const back of [backFor(VALUES), IDLE]) {
      const cut = sse(back);
      expect(cut.push(Buffer.from('data: {"choices":[{"ind'))).toBeUndefined();
      expect(codeOf(() => cut.end())).toBe("upstream_protocol");
      const whole = sse(back);
      whole.push(Buffer.from('data: {"choices":[]}'));
      expect(whole.end()?.toString()).toBe('data: {"choices":[]}');
    }
    const held = sse();
    held.push(Buffer.from(`data: ${JSON.stringify(delta({ content: "a [PERSON_" }))}`));
    expect(held.end()?.toString()).toBe(`data: ${JSON.stringify(delta({ content: "a [PERSON_" }))}`);
  });

  it("is an event over the limit and bytes that are not UTF-8, also where nothing is to be changed", () => {
    for (const back of [backFor(VALUES), IDLE]) {
      const limits = { ...LIMITS, eventBytesMax: 50 };
      expect(codeOf(() => createAnswer(chat, "sse", back, limits).push(Buffer.alloc(60, 0x61)))).toBe(
        "upstream_event_too_large",
      );
      expect(codeOf(() => sse(back).push(Buffer.from([0x64, 0xff, 0x0a, 0x0a])))).toBe("upstream_encoding_invalid");
    }
  });

  it("is a whole answer that is too large, no JSON, too deep, or not UTF-8", () => {
    const json = (back: Lanes, body: Uint8Array) =>
      codeOf(() => run(createAnswer(chat, "json", back, { ...LIMITS, responseBytesMax: 300 }), body));
    expect(json(backFor(VALUES), Buffer.alloc(301, 0x20))).toBe("upstream_body_too_large");
    expect(json(IDLE, Buffer.alloc(301, 0x20))).toBe("upstream_body_too_large");
    expect(json(backFor(VALUES), Buffer.from("<html>"))).toBe("upstream_protocol");
    expect(json(backFor(VALUES), Buffer.from("[".repeat(200)))).toBe("upstream_protocol");
    expect(json(backFor(VALUES), Buffer.from([0x22, 0xff, 0x22]))).toBe("upstream_encoding_invalid");
    expect(json(backFor(VALUES), Buffer.alloc(0))).toBe("");
  });

  it("never makes up an end marker", () => {
    const stream = sse();
    const out = run(stream, Buffer.from(`data: ${JSON.stringify(delta({ content: "a" }))}\n\n`)).toString();
    expect(out).not.toContain("[DONE]");
    expect(stream.complete).toBe(false);
  });

  it("never throws anything but a SluiceError", () => {
    const words = [
      "choices",
      "delta",
      "content",
      "index",
      "type",
      "text",
      "response.output_text.delta",
      "content_block_delta",
      "message",
      "output",
      "item",
      "usage",
    ];
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom(...words, "[PERSON_1]", "[PERS"),
        fc.constantFrom(0, 1, true, null, -1.5),
        fc.array(tie("any"), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom(...words), tie("any"), { maxKeys: 5 }),
      ),
    })).any;
    const frame = fc.oneof(
      value.map((data) => `data: ${JSON.stringify(data)}\n\n`),
      fc.string().map((text) => `${text}\n`),
      fc.constant("data: [DONE]\n\n"),
    );
    const paths = families.map(([, { path }]) => path);
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 6 }),
        fc.constantFrom(...paths),
        fc.constantFrom("json", "sse", "json-lines"),
        (frames, path, type) => {
          codeOf(() =>
            run(createAnswer(endpointAt(path), type, backFor(VALUES), LIMITS), Buffer.from(frames.join("")), [9]),
          );
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("custom endpoints", () => {
  const row = {
    path: "/generate",
    requestText: [],
    requestSystem: [],
    requestFixed: [],
    responseText: ["token.text", "outs.*"],
    stream: "json-lines" as const,
  };
  const custom = customEndpoint(connectionFor({ name: "own", endpoints: [row] }), "/generate");
  if (custom === undefined) throw new Error("not found");

  it("restore JSON lines: pieces where the config says so, everything else whole", () => {
    const lines = [
      '{"token":{"text":"Hi [PERS","id":5},"note":"[PERSON_3]"}\n',
      "\n",
      '{"token":{"text":"ON_3]","id":6},"outs":["[PERSON","x"]}\r\n',
      '{"outs":["_3]","y"],"done":true,"full":"Hi [PERSON_3]"}',
    ];
    const stream = createAnswer(custom, "json-lines", backFor(VALUES), LIMITS);
    expect(run(stream, Buffer.from(lines.join("")), [3, 20, 60]).toString()).toBe(
      [
        '{"token":{"text":"Hi ","id":5},"note":"Bob"}\n',
        "\n",
        '{"token":{"text":"Bob","id":6},"outs":["","x"]}\r\n',
        '{"outs":["Bob","y"],"done":true,"full":"Hi Bob"}',
      ].join(""),
    );
    expect(stream.complete).toBe(true);
  });

  it("flush a held tail before the line that says the answer is done", () => {
    const stream = createAnswer(custom, "json-lines", backFor(VALUES), LIMITS);
    const out = run(
      stream,
      Buffer.from('{"n":1,"token":{"text":"[PERS","id":5},"s":"[PERSON_3]"}\n{"done":true}\n'),
    ).toString();
    expect(out).toBe('{"n":1,"token":{"text":"","id":5},"s":"Bob"}\n{"n":1,"token":{"text":"[PERS"}}\n{"done":true}\n');
  });

  it("restore whole answers", () => {
    const out = run(
      createAnswer(custom, "json", backFor(VALUES), LIMITS),
      Buffer.from('{"a":["[PERSON_3]",{"[PERSON_3]":1}]}'),
    );
    expect(out.toString()).toBe('{"a":["Bob",{"Bob":1}]}');
  });
});

describe("the way back", () => {
  it("F24: gets every text once, and what it gives is not looked at again", () => {
    const seen: Segment[] = [];
    const back: Lanes = {
      idle: false,
      push(segment) {
        seen.push(segment);
        return { ...segment, text: segment.text.replaceAll("a", "[PERSON_1]") };
      },
    };
    expect(eventsOut(CHAT, [delta({ content: "a" }, "stop")], back)).toEqual([
      delta({ content: "[PERSON_1]" }, "stop"),
    ]);
    expect(seen).toEqual([
      { path: "choices.0.delta.content", text: "a", final: false },
      { path: "choices.0.delta.content", text: "", final: true },
    ]);
  });
});
