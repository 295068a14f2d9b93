/** Presidio's endpoints as its clients call them, over real HTTP: what they send, what they get, and what goes on record. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documentFor } from "./test/config.ts";
import { leafAt, outcomeOf } from "./test/recorded.ts";
import { filesHolding, type Started, startForTest } from "./test/running.ts";

const TEXT = "Write to jane@planted.example, IBAN DE89 3704 0044 0532 0130 00";

let sluice: Started;
let token: string;
beforeAll(async () => {
  const configured = await documentFor({});
  token = configured.token;
  const document = {
    ...configured.document,
    limits: { text_chars_max: 100_000, body_bytes_max: "1MiB" },
    evidence: { ...(configured.document["evidence"] as object), checkpoint_interval: "20ms" },
  };
  sluice = await startForTest(() => JSON.stringify(document));
});
afterAll(() => sluice.stop());

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

async function call(path: string, body?: unknown, key: string | undefined = token): Promise<Answered> {
  const response = await fetch(`${sluice.url}/presidio/${path}`, {
    method: body === undefined ? "GET" : "POST",
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(key === "" ? {} : { authorization: `Bearer ${key}` }),
    },
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

const analyze = (text: unknown, more: object = {}) => call("analyze", { text, language: "en", ...more });

/** What was found, by code points as Python slices. */
async function found(text: string, more: object = {}): Promise<string[]> {
  const { status, body } = await analyze(text, more);
  expect(status).toBe(200);
  const characters = [...text];
  return (body as { start: number; end: number; entity_type: string }[]).map(
    ({ start, end, entity_type }) => `${entity_type} ${characters.slice(start, end).join("")}`,
  );
}

describe("POST /presidio/analyze", () => {
  it("names entities as Presidio does, and explains only when asked", async () => {
    const { status, body } = await analyze(TEXT);
    expect(status).toBe(200);
    expect(body).toEqual([
      {
        analysis_explanation: null,
        start: 9,
        end: 29,
        entity_type: "EMAIL_ADDRESS",
        score: expect.any(Number) as unknown,
      },
      { analysis_explanation: null, start: 36, end: 63, entity_type: "IBAN_CODE", score: 0.99 },
    ]);
    const explained = (await analyze(TEXT, { return_decision_process: true })).body as {
      analysis_explanation: object;
    }[];
    expect(explained[1]?.analysis_explanation).toMatchObject({
      recognizer: "iban",
      textual_explanation: "checksum mod-97, country DE",
      original_score: 0.99,
      score_context_improvement: 0,
    });
  });

  it("counts code points, whatever stands in front", async () => {
    expect(await found(`😀𝔘é ${TEXT} 😀`)).toEqual([
      "EMAIL_ADDRESS jane@planted.example",
      "IBAN_CODE DE89 3704 0044 0532 0130 00",
    ]);
  });

  it("takes several texts at once", async () => {
    const { body } = await analyze(["nothing", "😀 jane@planted.example", ""]);
    expect(body).toMatchObject([[], [{ entity_type: "EMAIL_ADDRESS", start: 2, end: 22 }], []]);
  });

  it("looks for the entities that are asked for, under their names or ours, and says which it does not know", async () => {
    expect(await found(TEXT, { entities: ["IBAN_CODE"] })).toEqual(["IBAN_CODE DE89 3704 0044 0532 0130 00"]);
    expect(await found(TEXT, { entities: ["EMAIL"] })).toEqual(["EMAIL_ADDRESS jane@planted.example"]);
    const partly = await analyze(TEXT, { entities: ["US_SSN", "NRP", "EMAIL_ADDRESS"] });
    expect(partly.body).toHaveLength(1);
    expect(partly.headers.get("sluice-unsupported-entities")).toBe("US_SSN, NRP");
    const none = await analyze(TEXT, { entities: ["US_SSN"] });
    expect(none).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining("supportedentities") as unknown },
    });
  });

  it("keeps to the threshold, and leaves out what is allowed", async () => {
    expect(await found(TEXT, { score_threshold: 0.985 })).toEqual(["IBAN_CODE DE89 3704 0044 0532 0130 00"]);
    expect(await found(TEXT, { allow_list: ["jane@planted.example", "DE89"] })).toEqual([
      "IBAN_CODE DE89 3704 0044 0532 0130 00",
    ]);
    const regex = { allow_list: ["^DE\\d{2}", "@PLANTED\\."], allow_list_match: "regex" };
    expect(await found(TEXT, regex)).toEqual([]);
    expect(await found(TEXT, { ...regex, regex_flags: 0 })).toEqual(["EMAIL_ADDRESS jane@planted.example"]);
  });

  it("takes context as words in front of the text", async () => {
    expect(await found("48213")).toEqual([]);
    expect(await found("48213", { context: ["order", "number"] })).toEqual(["ORDER_NUMBER 48213"]);
  });

  it("runs recognizers of the request, with their context and lists", async () => {
    const zip = {
      name: "Zip code Recognizer",
      supported_language: "en",
      patterns: [{ name: "zip code (weak)", regex: String.raw`(\b\d{5}(?:\-\d{4})?\b)`, score: 0.01 }],
      context: ["zip", "code"],
      supported_entity: "ZIP",
    };
    const { body } = await analyze("😀 John Smith drivers license is AC432223 and the zip code is 12345", {
      ad_hoc_recognizers: [zip],
      entities: ["ZIP"],
      score_threshold: 0.3,
      return_decision_process: true,
    });
    expect(body).toMatchObject([
      {
        entity_type: "ZIP",
        start: 61,
        end: 66,
        score: 0.4,
        analysis_explanation: { recognizer: zip.name, pattern_name: "zip code (weak)", supportive_context_word: "zip" },
      },
    ]);
    const titles = { supported_entity: "TITLE", deny_list: ["Mr.", "Mr", "Mrs"] };
    expect(await found("mr. Smith and MRS Jones, mrsa", { ad_hoc_recognizers: [titles], entities: ["TITLE"] })).toEqual(
      ["TITLE mr.", "TITLE MRS"],
    );
  });

  it("refuses patterns that are none, too many or too slow, without repeating them", async () => {
    const pattern = (regex: string) => ({ supported_entity: "X", patterns: [{ name: "p", regex, score: 1 }] });
    for (const recognizers of [
      [pattern("(planted")],
      [pattern("(?=planted)")],
      [pattern("a".repeat(1_001))],
      [pattern("((a{1,50}){1,50})")],
      Array.from({ length: 21 }, () => pattern("a")),
      [{ supported_entity: "X" }],
      [{ patterns: [{ name: "p", regex: "a", score: 1 }] }],
      [{ ...pattern("a"), unknown_field: 1 }],
    ]) {
      const { status, body } = await analyze("a", { ad_hoc_recognizers: recognizers });
      expect(status).toBe(400);
      expect(body).toEqual({ error: expect.any(String) as unknown, code: "field_invalid" });
      expect(JSON.stringify(body)).not.toContain("planted");
    }
  });
});

describe("POST /presidio/anonymize", () => {
  it("takes the analyzer's answer as it came", async () => {
    const text = `😀 ${TEXT}`;
    const { body: results } = await analyze(text, { return_decision_process: true });
    const { status, body } = await call("anonymize", {
      text,
      analyzer_results: results,
      anonymizers: { IBAN_CODE: { type: "mask", masking_char: "*", chars_to_mask: 23, from_end: true } },
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      text: "😀 Write to <EMAIL_ADDRESS>, IBAN DE89***********************",
      items: [
        { start: 33, end: 60, entity_type: "IBAN_CODE", text: "DE89***********************", operator: "mask" },
        { start: 11, end: 26, entity_type: "EMAIL_ADDRESS", text: "<EMAIL_ADDRESS>", operator: "replace" },
      ],
    });
  });

  it("takes several texts with their results", async () => {
    const texts = ["Jane", "and Joe"];
    const person = (start: number, end: number) => ({ start, end, score: 0.8, entity_type: "PERSON" });
    const { body } = await call("anonymize", { text: texts, analyzer_results: [[person(0, 4)], [person(4, 7)]] });
    expect(body).toMatchObject([{ text: "<PERSON>" }, { text: "and <PERSON>" }]);
    expect((await call("anonymize", { text: texts, analyzer_results: [[]] })).status).toBe(422);
    expect((await call("anonymize", { text: "Jane", analyzer_results: [[person(0, 4)]] })).status).toBe(422);
  });

  it("answers 422 to what cannot be done, with the field and none of the text", async () => {
    const span = { start: 0, end: 4, score: 0.8, entity_type: "PERSON" };
    for (const more of [
      { analyzer_results: [{ ...span, end: 9 }] },
      { anonymizers: { DEFAULT: { type: "custom" } } },
      { anonymizers: { DEFAULT: { type: "encrypt", key: "short" } } },
      { anonymizers: { DEFAULT: { type: "hash", hash_type: "md5" } } },
      { text: "" },
    ]) {
      const { status, body } = await call("anonymize", { text: "Jane", analyzer_results: [span], ...more });
      expect(status).toBe(422);
      expect(body).toMatchObject({ code: "field_invalid" });
      expect(JSON.stringify(body)).not.toContain("Jane");
    }
  });
});

describe("POST /presidio/deanonymize", () => {
  it("gives back what encrypt took, here and there", async () => {
    const key = "WmZq4t7w!z%C&F)J";
    const sealed = (
      await call("anonymize", {
        text: "I am Zoë 😀.",
        analyzer_results: [{ start: 5, end: 10, score: 1, entity_type: "PERSON" }],
        anonymizers: { DEFAULT: { type: "encrypt", key } },
      })
    ).body as { text: string; items: unknown[] };
    expect(sealed.text).not.toContain("Zoë");
    const opened = await call("deanonymize", {
      text: sealed.text,
      anonymizer_results: sealed.items,
      deanonymizers: { DEFAULT: { type: "decrypt", key } },
    });
    expect(opened.body).toEqual({
      text: "I am Zoë 😀.",
      items: [{ start: 5, end: 10, entity_type: "PERSON", text: "Zoë 😀", operator: "decrypt" }],
    });
    const theirs = await call("deanonymize", {
      text: "My name is S184CMt9Drj7QaKQ21JTrpYzghnboTF9pn/neN8JME0=",
      anonymizer_results: [{ start: 11, end: 55, entity_type: "PERSON" }],
      deanonymizers: { PERSON: { type: "decrypt", key } },
    });
    expect(theirs.body).toMatchObject({ text: "My name is Chloë" });
    expect(
      await call("deanonymize", {
        text: "Jane",
        anonymizer_results: [{ start: 0, end: 4, entity_type: "PERSON" }],
        deanonymizers: { PERSON: { type: "decrypt", key } },
      }),
    ).toMatchObject({ status: 422, body: { error: "a token in the text cannot be decrypted with this key" } });
  });
});

describe("the lists", () => {
  it("GET recognizers, supportedentities, anonymizers and deanonymizers name what there is", async () => {
    expect((await call("supportedentities?language=en")).body).toEqual(
      expect.arrayContaining(["EMAIL_ADDRESS", "IBAN_CODE", "PHONE_NUMBER", "PL_PESEL", "SECRET"]) as unknown,
    );
    expect((await call("recognizers?language=de")).body).toEqual(expect.arrayContaining(["email", "iban"]) as unknown);
    expect((await call("anonymizers")).body).toEqual(["encrypt", "hash", "keep", "mask", "redact", "replace"]);
    expect((await call("deanonymizers")).body).toEqual(["deanonymize_keep", "decrypt"]);
  });

  it("GET health answers without a key, and nothing else does", async () => {
    const health = await call("health", undefined, "");
    expect(health).toMatchObject({ status: 200, body: expect.stringContaining("up") as unknown });
    for (const path of ["recognizers", "supportedentities", "anonymizers", "deanonymizers"])
      expect(await call(path, undefined, "")).toMatchObject({ status: 401, body: { code: "key_missing" } });
    for (const path of ["analyze", "anonymize", "deanonymize"])
      expect(await call(path, { text: "a" }, "")).toMatchObject({
        status: 401,
        body: { error: expect.any(String) as unknown },
      });
  });
});

describe("what goes on record", () => {
  it("is what was found, by type and number, and how it ended; never the text", async () => {
    const analyzed = await analyze(TEXT);
    const id = analyzed.headers.get("sluice-evidence");
    expect(await leafAt(sluice.url, id)).toMatchObject({
      type: "intent",
      action: "scrub",
      endpoint: "presidio.analyze",
      found: { EMAIL: 1, IBAN: 1 },
    });
    expect(await outcomeOf(sluice.url, id)).toMatchObject({ status: "completed" });
    const failed = await call("anonymize", {
      text: TEXT,
      analyzer_results: [{ start: 0, end: 1, score: 1, entity_type: "X" }],
      anonymizers: { X: { type: "encrypt", key: "short" } },
    });
    expect(failed.status).toBe(422);
    expect(await outcomeOf(sluice.url, failed.headers.get("sluice-evidence"))).toMatchObject({
      status: "failed",
      code: "field_invalid",
    });
    expect(filesHolding(sluice.dir, ["jane@planted", "3704 0044"])).toEqual([]);
  });

  it("is a denial for what is refused at the door, in their shape", async () => {
    for (const [body, status, code] of [
      ["{", 400, "json_invalid"],
      [{ text: "a", nonsense: 1 }, 400, "field_invalid"],
      [{ text: "x".repeat(100_001) }, 413, "text_too_large"],
      [{ text: "x".repeat(1_100_000) }, 413, "body_too_large"],
    ] as const) {
      const answered = await call("analyze", body);
      expect([answered.status, (answered.body as { code: string }).code]).toEqual([status, code]);
      expect(await leafAt(sluice.url, answered.headers.get("sluice-evidence"))).toMatchObject({ type: "denial", code });
    }
    expect(await call("nothing", {})).toMatchObject({ status: 404, body: { code: "endpoint_unknown" } });
  });
});

it("docs/presidio.md shows what is really answered", async () => {
  const page = readFileSync(fileURLToPath(new URL("../../../docs/presidio.md", import.meta.url)), "utf8");
  const shown = page.matchAll(/^`POST \/presidio\/(\w+)`\n\n```json\n([^`]*)```\n\n```json\n([^`]*)```$/gm);
  let seen = 0;
  for (const [, path = "", sent = "", answer = ""] of shown) {
    expect((await call(path, sent)).body).toEqual(JSON.parse(answer));
    seen++;
  }
  expect(seen).toBe(3);
});
