/**
 * What a client may expect of the gateway, and the rules that keep the known failures away, each as a sentence that is true of
 * the whole: real client, real gateway, real upstream.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { FAMILIES, sseBytes, understand } from "../protocols/http/test/fixtures/answers.ts";
import { documentFor } from "./test/config.ts";
import {
  chat,
  connectionTo,
  contentOf,
  type Conversing,
  converse,
  delta,
  DONE,
  saying,
  streamed,
  whole,
} from "./test/conversing.ts";
import { leafAt, outcomeOf } from "./test/recorded.ts";

const JANE = "jane@planted.example";
const JOE = "joe@planted.example";
const CHAT = "/v1/chat/completions";
const TARGET_KEY = "target-credential-of-acme";
const families = Object.entries(FAMILIES);

let talk: Conversing;
let limited: string;
beforeAll(async () => {
  const other = await documentFor({});
  limited = other.token;
  vi.stubEnv("SLUICE_TEST_TARGET_KEY", TARGET_KEY);
  talk = await converse((document, url) => {
    const [id = ""] = Object.keys(other.document.keys);
    document.keys[id] = { ...other.document.keys[id], connections: ["aside"], default_purpose: undefined };
    document.connections = {
      main: { ...connectionTo(url, "openai", ["m", "big-*"]), credential: "env:SLUICE_TEST_TARGET_KEY" },
      claude: { ...connectionTo(url, "anthropic", ["m"]), credential: "env:SLUICE_TEST_TARGET_KEY" },
      aside: connectionTo(url, "openai", ["only"]),
      guarded: connectionTo(url, "openai", ["guarded"], { response: { EMAIL: "redact" } }),
    };
    document["models"] = { fast: "main/big-1" };
  });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await talk.stop();
});

const ask = (content: unknown, more: object = {}, headers: Record<string, string | undefined> = {}) =>
  talk.post(CHAT, { model: "m", messages: [{ role: "user", content }], ...more }, headers);
const received = (): string => talk.received.at(-1)?.body ?? "";
const placeholders = (): string[] => received().match(/\[[A-Z_]+_\d+\]/g) ?? [];

describe("numbers", () => {
  it("follow the first appearance over system, messages and tools, wherever the client put them", async () => {
    talk.answer(whole({ content: [] }));
    await talk.post("/v1/messages", {
      model: "m",
      max_tokens: 9,
      tools: [{ name: "t", description: "for c@planted.example", input_schema: { type: "object" } }],
      messages: [{ role: "user", content: "b@planted.example" }],
      system: "a@planted.example",
    });
    const sent = talk.last() as { system: string; messages: { content: string }[]; tools: { description: string }[] };
    expect([sent.system, sent.messages[0]?.content, sent.tools[0]?.description]).toEqual([
      "[EMAIL_1]",
      "[EMAIL_2]",
      "for [EMAIL_3]",
    ]);
  });

  it("are one for a value however it is written", async () => {
    talk.answer(whole(chat("ok")));
    await ask(
      `${JANE} JANE@planted.EXAMPLE; DE89 3704 0044 0532 0130 00 DE89370400440532013000; +49 30 901820 +4930901820`,
    );
    expect(placeholders()).toEqual(["[EMAIL_1]", "[EMAIL_1]", "[IBAN_1]", "[IBAN_1]", "[PHONE_1]", "[PHONE_1]"]);
  });

  it("stay in a conversation whose history was shortened", async () => {
    const session = { "sluice-session": "talk-1" };
    talk.answer(whole(chat("[EMAIL_1] [EMAIL_2]")));
    await ask(JANE, {}, session);
    expect(contentOf(await ask(JOE, {}, session))).toBe(`${JANE} ${JOE}`);
    expect(placeholders()).toEqual(["[EMAIL_2]"]);
  });
});

describe("placeholders", () => {
  it("are short words in brackets that name the type, and one that the user types comes back as typed", async () => {
    talk.answer(whole(chat("[LITERAL_1]: [EMAIL_1], [ORDER_NUMBER_1]")));
    const answered = await ask(`replace [EMAIL_1] by ${JANE} for order #12345`);
    expect(received()).toContain("replace [LITERAL_1] by [EMAIL_1] for order [ORDER_NUMBER_1]");
    expect(contentOf(answered)).toBe(`[EMAIL_1]: ${JANE}, #12345`);
  });

  it("that were not issued are left as they are and counted", async () => {
    talk.answer(whole(chat("[EMAIL_7] [PERSON_1] [EMAIL_1")));
    const answered = await ask(JANE);
    expect(contentOf(answered)).toBe("[EMAIL_7] [PERSON_1] [EMAIL_1");
    expect(await outcomeOf(talk.sluice.url, answered.evidence)).toMatchObject({ unknown: 2, restored: {} });
  });

  it("of secrets and cards, and what stood in a developer's prompt, are never restored", async () => {
    talk.answer(whole(chat("[CARD_1] [SECRET_1] [EMAIL_1] [EMAIL_2]")));
    const answered = await talk.post(CHAT, {
      model: "m",
      messages: [
        { role: "developer", content: JOE },
        { role: "user", content: `card 4111 1111 1111 1111, password=hunter2!x, ${JANE}` },
      ],
    });
    expect(contentOf(answered)).toBe(`[CARD_1] [SECRET_1] [EMAIL_1] ${JANE}`);
    expect(await outcomeOf(talk.sluice.url, answered.evidence)).toMatchObject({
      withheld: { CARD: 1, SECRET: 1, EMAIL: 1 },
    });
  });
});

describe("a stream", () => {
  it.each(families)(
    "comes through byte for byte where nothing changes: names, comments, pings, usage (%s)",
    async (_n, family) => {
      const said = { text: "nothing to see é😀", args: '{ "n": 1.50 }', cut: (text: string) => text.split(/(?= )/) };
      const odd =
        ': keep-alive\n\nevent: ping\ndata: {"type": "ping"}\n\nid: 7\nretry: 5\nevent: new.kind\ndata: {"x":[1e2,null]}\n\n';
      const bytes = Buffer.concat([Buffer.from(odd), sseBytes(family, said)]);
      for (const text of ["hello", JANE]) {
        talk.answer(streamed(bytes));
        const answered = await talk.post(family.path, saying(family, text, { stream: true }));
        expect(answered.text).toBe(bytes.toString());
        expect(answered.whole).toBe(true);
      }
    },
  );

  it("holds no more back than the part of a placeholder", async () => {
    const gone: string[] = [];
    let write: (text: string) => void = () => undefined;
    talk.answer((res) => {
      res.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      write = (text) => void res.write(text);
    });
    const controller = new AbortController();
    const response = await fetch(`${talk.sluice.url}${CHAT}`, {
      method: "POST",
      signal: controller.signal,
      headers: { authorization: `Bearer ${talk.token}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: JANE }] }),
    });
    const reader = response.body?.getReader();
    const read = async (): Promise<string> => {
      const { value } = (await reader?.read()) ?? {};
      const text = contentOf({ text: Buffer.from(value ?? []).toString() } as never);
      gone.push(text);
      return text;
    };
    for (const [sent, got] of [
      ["see [1] or [", "see [1] or "],
      ["EMAIL", ""],
      ["_", ""],
      ["1] now", `${JANE} now`],
    ] as const) {
      write(delta(sent));
      expect(await read()).toBe(got);
    }
    expect(gone.join("")).toBe(`see [1] or ${JANE} now`);
    controller.abort();
  });

  it("keeps the lanes of choices apart, and the copies at the end say what the deltas said", async () => {
    const piece = (index: number, content: string, finish: string | null = null): string =>
      `data: ${JSON.stringify({ choices: [{ index, delta: { content }, finish_reason: finish }] })}\n\n`;
    talk.answer(
      streamed(piece(0, "[EMA"), piece(1, "[EMAIL"), piece(0, "IL_1]", "stop"), piece(1, "_2]", "stop"), DONE),
    );
    const answered = await ask(`${JANE} ${JOE}`, { stream: true, n: 2 });
    const texts = ["", ""];
    for (const data of answered.text.matchAll(/^data: (\{.*)$/gm)) {
      const [choice] = (JSON.parse(data[1] ?? "") as { choices: { index: number; delta: { content?: string } }[] })
        .choices;
      if (choice !== undefined) texts[choice.index] += choice.delta.content ?? "";
    }
    expect(texts).toEqual([JANE, JOE]);
    const family = FAMILIES["responses"] ?? expect.unreachable();
    const said = { text: "to [EMAIL_1]", args: '{"to":"[EMAIL_1]"}', cut: (text: string) => text.split("") };
    talk.answer(streamed(sseBytes(family, said)));
    const other = await talk.post(family.path, saying(family, JANE, { stream: true }));
    // The reader of the fixtures throws when a copy differs from its deltas.
    expect(understand(family, Buffer.from(other.text))).toEqual({ text: `to ${JANE}`, args: `{"to":"${JANE}"}` });
  });

  it("masks what the model invents, the same as a whole answer does", async () => {
    const said = "ask eve@invented.example, jane@invented.example and [EMAIL_1]";
    talk.answer(whole(chat(said)));
    const one = contentOf(await ask(JANE, { model: "guarded" }));
    talk.answer(streamed(...said.split("").map((char) => delta(char)), delta("", "stop"), DONE));
    expect(contentOf(await ask(JANE, { model: "guarded", stream: true }))).toBe(one);
    expect(one).toBe(`ask [EMAIL], [EMAIL] and ${JANE}`);
  });

  it("is cancelled at the upstream when the client leaves, and the record says so", async () => {
    let left = false;
    talk.answer((res) => {
      res.writeHead(200, { "content-type": "text/event-stream" }).write(delta("first"));
      res.on("close", () => (left = true));
    });
    const controller = new AbortController();
    const response = await fetch(`${talk.sluice.url}${CHAT}`, {
      method: "POST",
      signal: controller.signal,
      headers: { authorization: `Bearer ${talk.token}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: JANE }] }),
    });
    controller.abort();
    await vi.waitFor(() => expect(left).toBe(true));
    expect(await outcomeOf(talk.sluice.url, response.headers.get("sluice-evidence"))).toMatchObject({
      status: "cancelled",
      code: "client_closed",
    });
  });
});

describe("a request", () => {
  it("has every string in it scanned, also in a field that nobody has heard of", async () => {
    talk.answer(whole(chat("ok")));
    await ask("hi", { new_field: { deep: [JANE] }, metadata: { [JOE]: "x" } });
    expect(received()).toContain('"new_field":{"deep":["[EMAIL_1]"]}');
    expect(received()).not.toContain("planted");
  });

  it.each(["authorization", "x-api-key", "api-key", "x-goog-api-key"])("carries its key in %s", async (name) => {
    talk.answer(whole(chat("ok")));
    const credential = name === "authorization" ? `Bearer ${talk.token}` : talk.token;
    expect((await ask("hi", {}, { authorization: undefined, [name]: credential })).status).toBe(200);
    expect(JSON.stringify(talk.received)).not.toContain(talk.token);
    expect(talk.received[0]?.headers["authorization"]).toBe(`Bearer ${TARGET_KEY}`);
  });

  it("names a model, a connection and model, or an alias, and needs no header of ours", async () => {
    talk.answer(whole(chat("ok")));
    for (const model of ["m", "main/m", "fast"]) expect((await ask("hi", { model })).status).toBe(200);
    expect(talk.received.map(({ body }) => (JSON.parse(body) as { model: string }).model)).toEqual(["m", "m", "big-1"]);
  });

  it("has the purpose of its key or of its header, and its answer and record say which", async () => {
    talk.answer(whole(chat("ok")));
    const byDefault = await ask("hi");
    const named = await ask("hi", {}, { "sluice-purpose": "research" });
    expect([byDefault.headers["sluice-purpose"], named.headers["sluice-purpose"]]).toEqual(["support", "research"]);
    expect(await leafAt(talk.sluice.url, named.evidence)).toMatchObject({
      purpose: "research",
      basis: "eu-gdpr:A6-1-f",
    });
    const without = await ask("hi", { model: "only" }, { authorization: `Bearer ${limited}` });
    expect([without.status, JSON.parse(without.text)]).toMatchObject([403, { error: { code: "purpose_missing" } }]);
  });

  it("reaches the upstream without anything that names the user or comes from us", async () => {
    talk.answer(whole(chat("ok")));
    const named = {
      "sluice-purpose": "research",
      "sluice-session": "planted-session",
      "x-forwarded-for": "203.0.113.7",
      "x-real-ip": "203.0.113.7",
      forwarded: "for=203.0.113.7",
      via: "1.1 planted",
      cookie: "planted=1",
      "user-agent": "planted/1",
      referer: "https://planted.example/",
      "x-stainless-os": "planted",
      "idempotency-key": "planted",
      "openai-beta": "assistants=v2",
    };
    await ask("hi", { user: JANE }, named);
    const [{ headers, body } = { headers: {}, body: "" }] = talk.received;
    expect(JSON.stringify(headers) + body).not.toMatch(/planted|203\.0|sluice-/);
    expect(headers).toMatchObject({ "user-agent": "sluice", "openai-beta": "assistants=v2" });
  });
});

describe("an answer", () => {
  it("says its evidence id, what was masked and what it cost, and no value", async () => {
    talk.answer((res) => {
      res.writeHead(200, { "content-type": "application/json", "set-cookie": "a=1", "x-request-id": "r1" });
      res.end(JSON.stringify(chat("ok")));
    });
    const { headers } = await ask(`${JANE} ${JOE} +49 30 901820`);
    expect(headers["sluice-evidence"]).toMatch(/^\d+$/);
    expect(headers["sluice-masked"]).toBe("EMAIL=2, PHONE=1");
    expect(Number(headers["sluice-overhead"])).toBeGreaterThan(0);
    expect([headers["x-request-id"], headers["set-cookie"]]).toEqual(["r1", undefined]);
    expect(JSON.stringify(headers)).not.toMatch(/planted|901820/);
  });

  it.each([
    ["openai", CHAT, "data: "],
    ["anthropic", "/v1/messages", "event: error\ndata: "],
  ])(
    "that fails half-way ends with the event of the %s family, never with an end of our making",
    async (_family, path, head) => {
      talk.answer((res) => {
        res.writeHead(200, { "content-type": "text/event-stream" });
        res.write('data: {"type":"ping"}\n\n', () => setTimeout(() => res.destroy(), 20));
      });
      const request = { model: "m", max_tokens: 9, stream: true, messages: [{ role: "user", content: JANE }] };
      const answered = await talk.post(path, request);
      expect(answered.text.startsWith(`data: {"type":"ping"}\n\n${head}{`)).toBe(true);
      expect(answered.text).toContain('"code":"upstream_reset"');
      expect(answered.text).not.toMatch(/\[DONE\]|message_stop/);
      expect(answered.whole).toBe(false);
    },
  );

  it.each([
    ["openai", CHAT],
    ["anthropic", "/v1/messages"],
  ])(
    "that denies a stream is plain JSON of the %s family, not repeated by SDKs, with the code on record",
    async (family, path) => {
      talk.answer(whole(chat("ok")));
      const request = { model: "m", max_tokens: 9, stream: true, messages: [{ role: "user", content: JANE }] };
      const answered = await talk.post(path, request, { "sluice-purpose": "marketing" });
      expect(answered.status).toBe(403);
      expect(answered.headers["content-type"]).toBe("application/json");
      expect(answered.headers["x-should-retry"]).toBe("false");
      const { type, error } = JSON.parse(answered.text) as { type?: string; error: Record<string, unknown> };
      expect(type).toBe(family === "anthropic" ? "error" : undefined);
      expect(error).toMatchObject({ type: "permission_error", code: "purpose_unknown" });
      expect(await leafAt(talk.sluice.url, answered.evidence)).toMatchObject({ type: "denial", code: error["code"] });
      expect(talk.received).toEqual([]);
    },
  );
});

describe("around it", () => {
  const get = (path: string, headers: Record<string, string> = {}) => fetch(`${talk.sluice.url}${path}`, { headers });

  it("the list of models holds what the caller may use", async () => {
    const ids = async (token: string): Promise<string[]> => {
      const reply = await get("/v1/models", { authorization: `Bearer ${token}` });
      return ((await reply.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
    };
    expect(await ids(talk.token)).toEqual(["fast", "m", "only", "guarded"]);
    expect(await ids(limited)).toEqual(["only"]);
    const denied = await ask("hi", {}, { authorization: `Bearer ${limited}`, "sluice-purpose": "support" });
    expect([denied.status, JSON.parse(denied.text)]).toMatchObject([
      403,
      { error: { code: "connection_not_allowed" } },
    ]);
    const claude = await get("/v1/models", { "x-api-key": talk.token, "anthropic-version": "2023-06-01" });
    expect(await claude.json()).toMatchObject({ data: [{ type: "model", id: "m" }], has_more: false });
  });

  it("health, readiness and metrics are there for who operates it", async () => {
    expect(await (await get("/health")).json()).toMatchObject({ status: "ok" });
    expect(await (await get("/ready")).json()).toMatchObject({ status: "ready" });
    const metrics = await (await get("/metrics")).text();
    expect(metrics).toContain("sluice_exchanges_total");
    expect(metrics).not.toMatch(/planted/);
  });
});
