import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RecordedText } from "../core/recording.ts";
import { CONTEXT, rules, segment, testScrubber } from "./test/setup.ts";

const JANE = "jane.doe@example.org";
const CARD = "4111 1111 1111 1111";
const RECORD = { ...CONTEXT, record: true };

/** The request as it was, from what is recorded of it. */
function putBack(text: string, spans: readonly { start: number; end: number; value: string }[]): string {
  let out = "";
  let copied = 0;
  for (const { start, end, value } of spans) {
    out += text.slice(copied, start) + value;
    copied = end;
  }
  return out + text.slice(copied);
}

describe("what is recorded of a request", () => {
  it("is not made when nobody asks for it", async () => {
    const { recorded } = await testScrubber().scrub([segment(JANE)], rules(), CONTEXT);
    expect(recorded).toBeUndefined();
  });

  it("says where each value stood, what was done with it, and what it was", async () => {
    const decided = rules({ request: { CARD: "mask", PHONE: "allow" } });
    const texts = [segment("nobody"), segment(`${JANE}, card ${CARD}; call +49 30 901820!`)];
    const { segments, recorded } = await testScrubber().scrub(texts, decided, RECORD);
    const [none, spans = []] = recorded?.spans ?? [];
    expect(none).toEqual([]);
    expect(spans.map(({ type, operator, value }) => [type, operator, value])).toEqual([
      ["EMAIL", "placeholder", JANE],
      ["CARD", "mask", CARD],
      ["PHONE", "allow", "+49 30 901820"],
    ]);
    const sent = segments[1]?.text ?? "";
    expect(spans.map(({ start, end }) => sent.slice(start, end))).toEqual([
      "[EMAIL_1]",
      "**** **** **** 1111",
      "+49 30 901820",
    ]);
    expect(putBack(sent, spans)).toBe(texts[1]?.text);
  });

  it("finds its places in JSON too, and leaves what is allowed byte for byte", async () => {
    const raw = String.raw`{"to":"jane\u002edoe@example.org","n":4111111111111111,"name":"M\u00fcller"}`;
    for (const operator of ["placeholder", "allow"] as const) {
      const decided = rules({ default: operator });
      const { segments, recorded } = await testScrubber().scrub([segment(raw, { encoding: "json" })], decided, RECORD);
      const sent = segments[0]?.text ?? "";
      const spans = recorded?.spans[0] ?? [];
      expect(spans.map(({ value }) => value)).toEqual([JANE, "4111111111111111"]);
      expect(spans.map(({ start, end }) => sent.slice(start, end))).toEqual(
        operator === "allow"
          ? [String.raw`jane\u002edoe@example.org`, "4111111111111111"]
          : ["[EMAIL_1]", '"[CARD_1]"'],
      );
      if (operator === "allow") expect(sent).toBe(raw);
    }
  });

  it("is the same for a long text, which is worked on in slices", async () => {
    const text = `${"word ".repeat(5_000)}${JANE} ${"word ".repeat(5_000)}`;
    const { segments, recorded } = await testScrubber({ sliceMs: 0 }).scrub([segment(text)], rules(), RECORD);
    expect(putBack(segments[0]?.text ?? "", recorded?.spans[0] ?? [])).toBe(text);
  });
});

describe("what is recorded of an answer", () => {
  const ANSWER = `Dear [EMAIL_1],\nwrite to ${JANE} or call +49 30 901820.\nCard ${CARD} — Müller & co 👍\n`;

  async function splitAt(cuts: readonly number[], text = ANSWER): Promise<RecordedText[]> {
    const { recorded } = await testScrubber().scrub([segment("x")], rules(), RECORD);
    const splitter = recorded?.splitter();
    const at = [...new Set(cuts.filter((cut) => cut < text.length))].toSorted((a, b) => a - b);
    const pieces = [0, ...at].map((from, index) => text.slice(from, at[index]));
    return pieces.flatMap((piece, index) => [
      ...(splitter?.push({ path: "c", text: piece, final: index === pieces.length - 1 }) ?? []),
    ]);
  }
  const whole = (pieces: readonly RecordedText[]): string => pieces.map(({ text }) => text).join("");
  function values(pieces: readonly RecordedText[]): (readonly [string, string, number])[] {
    let offset = 0;
    return pieces.flatMap(({ text, spans }) => {
      const found = spans.map(({ type, value, start }) => [type, value, offset + start] as const);
      offset += text.length;
      return found;
    });
  }

  it("holds what the model wrote by itself, and placeholders as they are", async () => {
    const pieces = await splitAt([]);
    expect(whole(pieces)).toBe(ANSWER);
    expect(values(pieces).map(([type, value]) => [type, value])).toEqual([
      ["EMAIL", JANE],
      ["PHONE", "+49 30 901820"],
      ["CARD", CARD],
    ]);
  });

  it("is the same however the answer is cut", async () => {
    const expected = values(await splitAt([]));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: ANSWER.length - 1 }), { maxLength: 20 }), async (cuts) => {
        const pieces = await splitAt(cuts);
        expect(whole(pieces)).toBe(ANSWER);
        expect(values(pieces)).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it("keeps what is held back of each path until the end", async () => {
    const { recorded } = await testScrubber().scrub([segment("x")], rules(), RECORD);
    const splitter = recorded?.splitter();
    splitter?.push({ path: "a", text: "mail jane.doe@", final: false });
    splitter?.push({ path: "b", text: "nothing", final: false });
    splitter?.push({ path: "a", text: "example.org", final: false });
    expect(splitter?.end().flatMap(({ path, spans }) => spans.map(({ value }) => [path, value]))).toEqual([
      ["a", JANE],
    ]);
  });
});
