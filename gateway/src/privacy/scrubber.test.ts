import { inspect } from "node:util";
import type { Finding } from "@sluice/detector";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SluiceError } from "../core/errors.ts";
import type { Segment } from "../core/segment.ts";
import { CONTEXT, detectionOf, rules, segment, testScrubber, testVault, texts } from "./test/setup.ts";

const JANE = "jane.doe@example.org";
const JOE = "joe@example.net";
const IBAN = "DE89 3704 0044 0532 0130 00";
const CARD = "4111 1111 1111 1111";

const answer = (text: string, changes: Partial<Segment> = {}): Segment => ({
  path: "choices.0",
  text,
  final: true,
  ...changes,
});

describe("F8 one canonical walk over the whole request", () => {
  it("gives one number to one value over all segments, in order of first appearance", async () => {
    const { segments } = await testScrubber().scrub(
      [
        segment(`I am ${JANE}`),
        segment(`ask ${JOE} or ${JANE.toUpperCase()}`),
        segment(`${JOE}, ${IBAN}, ${IBAN.replaceAll(" ", "")}`),
      ],
      rules(),
      CONTEXT,
    );
    expect(texts(segments)).toEqual(["I am [EMAIL_1]", "ask [EMAIL_2] or [EMAIL_1]", "[EMAIL_2], [IBAN_1], [IBAN_1]"]);
  });

  it("F25 looks at every segment, not at the last one only", async () => {
    const conversation = ["system", "user", "assistant", "tool", "user"] as const;
    const { segments, found } = await testScrubber().scrub(
      conversation.map((origin, index) => segment(`mail u${index}@example.org`, { origin, path: `m.${index}` })),
      rules(),
      CONTEXT,
    );
    expect(texts(segments)).toEqual(conversation.map((_, index) => `mail [EMAIL_${index + 1}]`));
    expect(found).toEqual({ EMAIL: 5 });
  });

  it("returns as many segments in the same order, unchanged ones as the same objects", async () => {
    const plain = [segment("nothing here"), segment(""), segment('{"a": 1}', { encoding: "json" })];
    const { segments, found, operators, back } = await testScrubber().scrub(plain, rules(), CONTEXT);
    segments.forEach((one, index) => expect(one).toBe(plain[index]));
    expect([found, operators, back.idle]).toEqual([{}, {}, true]);
    const kept = [segment(`allow ${JANE}`)];
    const allowed = await testScrubber().scrub(kept, rules({ request: { EMAIL: "allow" } }), CONTEXT);
    expect(allowed.segments[0]).toBe(kept[0]);
    expect(allowed.found).toEqual({ EMAIL: 1 });
    expect(allowed.operators).toEqual({ EMAIL: "allow" });
  });
});

describe("F9 the next turn of a conversation", () => {
  it("has a byte-identical masked prefix, whatever the reply was", async () => {
    const scrubber = testScrubber();
    const turns = [
      segment("You help customers of shop@example.org.", { origin: "system" }),
      segment(`I am ${JANE}, IBAN ${IBAN}; print [EMAIL_1] and [IBAN_9] literally.`),
    ];
    let prefix: string[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const { segments, back } = await scrubber.scrub(turns, rules(), CONTEXT);
      expect(texts(segments).slice(0, prefix.length)).toEqual(prefix);
      prefix = texts(segments);
      const reply = back.push(
        answer(`Dear [EMAIL_2], [EMAIL_1] got your [IBAN_1], [LITERAL_1], [LITERAL_2]. Turn ${turn}.`),
      ).text;
      expect(reply).toContain(`Dear ${JANE}, [EMAIL_1] got your ${IBAN}, [EMAIL_1], [IBAN_9].`);
      turns.push(segment(reply, { origin: "assistant" }), segment(`And ${turn}@example.com?`));
      back.release();
    }
  });

  it("keeps its numbers in a session although the client shortened the history", async () => {
    const scrubber = testScrubber();
    const context = { ...CONTEXT, session: "chat-1" };
    await scrubber.scrub(
      [segment("SYS shop@example.org", { origin: "system" }), segment(`${JANE} ${JOE}`)],
      rules(),
      context,
    );
    const second = await scrubber.scrub([segment(`new@example.com ${JOE}`)], rules(), context);
    expect(texts(second.segments)).toEqual(["[EMAIL_4] [EMAIL_3]"]);
    expect(second.back.push(answer("[EMAIL_2] [EMAIL_3] [EMAIL_4] [EMAIL_1]")).text).toBe(
      `${JANE} ${JOE} new@example.com [EMAIL_1]`,
    );
    second.back.release();
    const third = await scrubber.scrub([segment("SHOP@example.org", { origin: "system" })], rules(), context);
    expect(texts(third.segments)).toEqual(["[EMAIL_1]"]);
  });

  it("two requests of one session at the same time lose no number", async () => {
    const scrubber = testScrubber({ sliceMs: 0 });
    const context = { ...CONTEXT, session: "chat-1" };
    const long = "x ".repeat(40_000);
    const both = await Promise.all([
      scrubber.scrub([segment(`${long}${JANE}`)], rules(), context),
      scrubber.scrub([segment(`${long}${JOE}`)], rules(), context),
    ]);
    expect(both.map(({ segments }) => texts(segments)[0]?.slice(long.length))).toEqual(["[EMAIL_1]", "[EMAIL_2]"]);
    const third = await scrubber.scrub([segment(`${JOE} ${JANE}`)], rules(), context);
    expect(texts(third.segments)).toEqual(["[EMAIL_2] [EMAIL_1]"]);
  });
});

describe("F10 nobody shares a mapping", () => {
  it("not two requests, not two principals with the same session id", async () => {
    const scrubber = testScrubber();
    await scrubber.scrub([segment(JANE)], rules(), { ...CONTEXT, session: "s" });
    const stranger = await scrubber.scrub([segment(JOE)], rules(), { principal: "bob", session: "s", now: 1_000 });
    expect(texts(stranger.segments)).toEqual(["[EMAIL_1]"]);
    expect(stranger.back.push(answer("[EMAIL_1] [EMAIL_2]")).text).toBe(`${JOE} [EMAIL_2]`);
    const sessionless = await scrubber.scrub([segment(JOE)], rules(), CONTEXT);
    expect(texts(sessionless.segments)).toEqual(["[EMAIL_1]"]);
  });

  it("and the hashes of two principals do not link", async () => {
    const scrubber = testScrubber();
    const hashed = async (principal: string, text: string) =>
      texts((await scrubber.scrub([segment(text)], rules({ default: "hash" }), { principal, now: 0 })).segments)[0];
    expect(await hashed("alice", JANE)).toMatch(/^\[EMAIL:[0-9a-f]{16}\]$/);
    expect(await hashed("alice", JANE)).toBe(await hashed("alice", JANE.toUpperCase()));
    expect(await hashed("alice", JANE)).not.toBe(await hashed("bob", JANE));
  });

  it("a session id must be a token", async () => {
    for (const session of ["", "a b", "x".repeat(129), "ü", "a\n"]) {
      await expect(testScrubber().scrub([segment(JANE)], rules(), { ...CONTEXT, session })).rejects.toMatchObject({
        code: "field_invalid",
      });
    }
  });
});

describe("F11 the detector fails", () => {
  const finding = (start: number, end: number): Finding => ({
    type: "EMAIL",
    category: "contact",
    dpv: "",
    start,
    end,
    score: 1,
    recognizer: "",
    why: "",
  });
  const failing = (detect: () => Finding[]) => testScrubber({ detection: () => detectionOf(detect) });

  it.each<[string, () => Finding[]]>([
    [
      "throws",
      () => {
        throw new Error(`cannot read ${JANE}`);
      },
    ],
    ["answers out of order", () => [finding(5, 6), finding(1, 2)]],
    ["answers outside of the text", () => [finding(0, 1_000_000)]],
    ["answers something else", () => "nothing" as unknown as Finding[]],
    ["answers half a finding", () => [{ start: 0 } as unknown as Finding]],
  ])("%s: refused, retriable, nothing partial, no word of the text", async (_, detect) => {
    for (const text of [`a ${JANE}`, `${JANE} `.repeat(5_000)]) {
      const refused = failing(detect).scrub([segment(text)], rules(), CONTEXT);
      await expect(refused).rejects.toMatchObject({ code: "detector_failed", retriable: true });
      const error: unknown = await refused.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SluiceError);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("jane");
    }
  });

  it("a failed scan leaves nothing in the session", async () => {
    const vault = testVault();
    let fail = false;
    const scrubber = testScrubber({
      vault,
      detection: () =>
        detectionOf(() => {
          if (fail) throw new Error("no");
          return [finding(0, 1)];
        }),
    });
    const context = { ...CONTEXT, session: "s" };
    fail = true;
    await expect(scrubber.scrub([segment("a")], rules(), context)).rejects.toMatchObject({ code: "detector_failed" });
    expect(vault.conversations).toBe(0);
    fail = false;
    expect(texts((await scrubber.scrub([segment("b")], rules(), context)).segments)).toEqual(["[EMAIL_1]"]);
  });
});

describe("F15 values of the system prompt", () => {
  const system = (text: string) => segment(text, { origin: "system", path: "system" });

  it("are masked and never restored", async () => {
    const { segments, back } = await testScrubber().scrub(
      [system(`Escalate to ${JOE}`), segment(`I am ${JANE}`)],
      rules(),
      CONTEXT,
    );
    expect(texts(segments)).toEqual(["Escalate to [EMAIL_1]", "I am [EMAIL_2]"]);
    expect(back.push(answer("[EMAIL_1] EMAIL_1 [EMAIL_2]")).text).toBe(`[EMAIL_1] EMAIL_1 ${JANE}`);
    expect(back.counts()).toEqual({
      restored: { EMAIL: 1 },
      masked: {},
      withheld: { EMAIL: 2 },
      unknownPlaceholders: 0,
    });
  });

  it("come back when the user typed the same, under the same number, wherever the system prompt stands", async () => {
    for (const order of [
      [system(JOE), segment(JOE)],
      [segment(JOE), system(JOE)],
    ]) {
      const { segments, back } = await testScrubber().scrub(order, rules(), CONTEXT);
      expect(texts(segments)).toEqual(["[EMAIL_1]", "[EMAIL_1]"]);
      expect(back.push(answer("[EMAIL_1]")).text).toBe(JOE);
    }
  });

  it("never restores the classes that the rules name, by type or by category", async () => {
    const { segments, back } = await testScrubber().scrub(
      [segment(`${CARD}, ${IBAN}, ${JANE}, [IBAN_1], [EMAIL_1]`)],
      rules({ neverRestore: ["financial", "SECRET"] }),
      CONTEXT,
    );
    expect(texts(segments)).toEqual(["[CARD_1], [IBAN_1], [EMAIL_1], [IBAN_1], [LITERAL_1]"]);
    expect(back.push(answer("[CARD_1] [IBAN_1] [EMAIL_1]")).text).toBe(`[CARD_1] [IBAN_1] ${JANE}`);
  });

  it("text that only looks like a placeholder comes back whoever wrote it", async () => {
    const { segments, back } = await testScrubber().scrub(
      [system("Write [EMAIL_1] for addresses"), segment(JANE)],
      rules(),
      CONTEXT,
    );
    expect(texts(segments)).toEqual(["Write [LITERAL_1] for addresses", "[EMAIL_1]"]);
    expect(back.push(answer("[LITERAL_1] [EMAIL_1]")).text).toBe(`[EMAIL_1] ${JANE}`);
  });
});

describe("rules", () => {
  it("the type wins over the category, the category over the default", async () => {
    const result = await testScrubber().scrub(
      [segment(`${JANE} +49 170 1234567 ${CARD} 192.0.2.17`)],
      rules({ request: { EMAIL: "mask", contact: "redact", CARD: "block" }, default: "drop" }),
      CONTEXT,
    );
    expect(texts(result.segments)).toEqual(["j***@e***.org [PHONE] [CARD] "]);
    expect(result.found).toEqual({ EMAIL: 1, PHONE: 1, CARD: 1, IP_ADDRESS: 1 });
    expect(result.categories).toEqual({ contact: 2, financial: 1, "online-identifier": 1 });
    expect(result.operators).toEqual({ EMAIL: "mask", PHONE: "redact", CARD: "block", IP_ADDRESS: "drop" });
    expect(result.blocked).toEqual(["CARD"]);
    expect(result.back.idle).toBe(true);
  });

  it("a blocked request leaves nothing in the session", async () => {
    const vault = testVault();
    await testScrubber({ vault }).scrub([segment(`${JANE} ${CARD}`)], rules({ request: { CARD: "block" } }), {
      ...CONTEXT,
      session: "s",
    });
    expect(vault.conversations).toBe(0);
  });

  it("F14 an IBAN is one finding, not also a phone number", async () => {
    const { segments, found } = await testScrubber().scrub([segment(`pay ${IBAN} now`)], rules(), CONTEXT);
    expect(texts(segments)).toEqual(["pay [IBAN_1] now"]);
    expect(found).toEqual({ IBAN: 1 });
  });
});

describe("F5 F6 text that is JSON", () => {
  const scrubJson = async (text: string, changes = {}) => {
    const { segments, back } = await testScrubber().scrub(
      [segment(text, { encoding: "json", origin: "assistant" })],
      rules(changes),
      CONTEXT,
    );
    return { text: segments[0]?.text ?? "", back };
  };

  it("is scanned decoded and stays valid, every other byte as it was", async () => {
    const { text, back } = await scrubJson(
      '{ "to":"jane\\u002edoe@example.org",\n "\\u0078":"caf\\u00e9 \\"' + JOE + '\\" \\ud83d\\ude00", "n": 1.50 }',
    );
    expect(text).toBe('{ "to":"[EMAIL_1]",\n "\\u0078":"caf\\u00e9 \\"[EMAIL_2]\\" \\ud83d\\ude00", "n": 1.50 }');
    expect(back.push(answer('{"to":"[EMAIL_1]"}', { encoding: "json" })).text).toBe(`{"to":"${JANE}"}`);
  });

  it("turns a number that is a finding into a string", async () => {
    expect((await scrubJson('{"card": 4111111111111111, "n": [1, 2]}')).text).toBe('{"card": "[CARD_1]", "n": [1, 2]}');
    expect((await scrubJson("[1,4111111111111111,2]")).text).toBe('[1,"[CARD_1]",2]');
    expect((await scrubJson('{"card":4111111111111111}', { default: "drop" })).text).toBe('{"card":""}');
  });

  it("masks keys too", async () => {
    expect((await scrubJson(`{"${JANE}": true}`)).text).toBe('{"[EMAIL_1]": true}');
  });

  it("escapes what it puts in", async () => {
    const { text, back } = await scrubJson('["[\\u0045MAIL_1]"]');
    expect(text).toBe('["[LITERAL_1]"]');
    expect(back.push(answer('["[LITERAL_1]"]', { encoding: "json" })).text).toBe('["[EMAIL_1]"]');
  });

  it("is plain text when it is not JSON", async () => {
    expect((await scrubJson(`{"to": "${JANE}`)).text).toBe('{"to": "[EMAIL_1]');
  });

  it("is valid for any JSON with values planted anywhere, and holds none of them", async () => {
    const planted = fc.constantFrom(
      JANE,
      `"${JANE}\\`,
      `\u2028${JOE}\n`,
      4111111111111111,
      `😀 ${IBAN}`,
      "[EMAIL_1]",
      "x",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(planted, fc.dictionary(fc.constantFrom("a", "b\n", JANE), planted)), { maxLength: 6 }),
        fc.nat({ max: 2 }),
        async (value, indent) => {
          const { text } = await scrubJson(JSON.stringify(value, undefined, indent));
          expect(() => JSON.parse(text) as unknown).not.toThrow();
          expect(text).not.toMatch(/jane|joe@|DE89|41111/);
        },
      ),
    );
  });
});

describe("F19 very large inputs", () => {
  it("are refused over the limit, before any work", async () => {
    const refused = testScrubber({ textCharsMax: 10 }).scrub([segment("12345"), segment("678901")], rules(), CONTEXT);
    await expect(refused).rejects.toMatchObject({ code: "text_too_large" });
    await testScrubber({ textCharsMax: 10 }).scrub([segment("1234567890")], rules(), CONTEXT);
  });

  it("are refused when time is up", async () => {
    let now = 0;
    const scrubber = testScrubber({ timeoutMs: 100, clock: () => (now += 60) });
    await expect(scrubber.scrub([segment("x".repeat(100_000))], rules(), CONTEXT)).rejects.toMatchObject({
      code: "scrub_timeout",
      retriable: true,
    });
  });

  it("stop when the client leaves", async () => {
    const abort = new AbortController();
    const scrubber = testScrubber({ sliceMs: 0, yieldNow: async () => abort.abort() });
    await expect(
      scrubber.scrub([segment("x".repeat(100_000))], rules(), { ...CONTEXT, signal: abort.signal }),
    ).rejects.toMatchObject({ code: "client_closed" });
  });

  it("let others run, and one in pieces is scrubbed like one in a whole", async () => {
    let yields = 0;
    let longest = 0;
    let resumedAt = performance.now();
    const yieldNow = async () => {
      yields++;
      longest = Math.max(longest, performance.now() - resumedAt);
      await new Promise((resolve) => setImmediate(resolve));
      resumedAt = performance.now();
    };
    const line = (index: number) =>
      `Line ${index}: write to u${index % 700}@example.org or [EMAIL_${index}], pay ${IBAN}. `;
    const text = Array.from({ length: 15_000 }, (_, index) => line(index)).join("");
    const { segments, found } = await testScrubber({ yieldNow }).scrub([segment(text)], rules(), CONTEXT);
    expect(found).toEqual({ EMAIL: 15_000, IBAN: 15_000 });
    const expected = Array.from(
      { length: 15_000 },
      (_, index) => `Line ${index}: write to [EMAIL_${(index % 700) + 1}] or [LITERAL_${index + 1}], pay [IBAN_1]. `,
    ).join("");
    expect(segments[0]?.text === expected).toBe(true);
    expect(yields).toBeGreaterThan(3);
    expect(longest).toBeLessThan(250); // the target is 10 ms, in the benchmark; this only shows that it is not one slice
  });

  it("get a share of the time however long the others take", async () => {
    const yieldsBeside = async (othersMs: number): Promise<number> => {
      let now = 0;
      let yields = 0;
      const yieldNow = async () => {
        yields++;
        now += othersMs;
      };
      const scrubber = testScrubber({ sliceMs: 1, clock: () => (now += 0.5), yieldNow });
      await scrubber.scrub([segment("some words ".repeat(20_000))], rules(), CONTEXT);
      return yields;
    };
    const alone = await yieldsBeside(0);
    expect(alone).toBeGreaterThan(50);
    expect(await yieldsBeside(40)).toBeLessThan(alone / 4);
  });

  it("small ones take microseconds", async () => {
    const scrubber = testScrubber();
    const values = [JANE, JOE, IBAN, CARD, "192.0.2.17", "+49 170 1234567"];
    const small = Array.from({ length: 10 }, (_, index) =>
      segment(`The quick brown fox jumps over the lazy dog and then goes home for some soup. ${values[index] ?? ""}`, {
        path: `m.${index}`,
      }),
    );
    let best = Number.POSITIVE_INFINITY;
    // The target is 25 µs, but the machine may do other things: one quiet moment is enough.
    for (const until = performance.now() + 20_000; best >= 250 && performance.now() < until; ) {
      const started = performance.now();
      for (let index = 0; index < 100; index++) await scrubber.scrub(small, rules(), CONTEXT);
      best = Math.min(best, (performance.now() - started) * 10);
    }
    expect(best).toBeLessThan(250);
  });
});

it("F7 a bare word that the request itself contained is not restored", async () => {
  const { back } = await testScrubber().scrub(
    [segment(`Set EMAIL_1 in the environment. ${JANE} ${JOE}`)],
    rules(),
    CONTEXT,
  );
  expect(back.push(answer("EMAIL_1 EMAIL_2 [EMAIL_1]")).text).toBe(`EMAIL_1 ${JOE} ${JANE}`);
});
