import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineReader, withLineData } from "./lines.ts";
import { type SseFrame, SseReader, sseEvent, withData } from "./sse.ts";
import { codeOf } from "./test/way.ts";

const LIMITS = { eventBytesMax: 1000 };

type Reader = { push(chunk: Uint8Array): readonly SseFrame[]; end(): readonly SseFrame[] };

/** What the reader says about a stream that is cut at these places, without the accidental parts. */
function read(reader: Reader, bytes: Buffer, cuts: readonly number[]): unknown[] {
  const frames: SseFrame[] = [];
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    // A copy that is overwritten afterwards would show a frame that views the caller's memory, which it may do.
    frames.push(...reader.push(bytes.subarray(start, end)));
    start = end;
  }
  frames.push(...reader.end());
  expect(Buffer.concat(frames.map(({ raw }) => raw))).toEqual(bytes);
  return frames.map(({ raw, text, event, data, partial }) => ({ raw: raw.toString(), text, event, data, partial }));
}

const sse = (text: string, cuts: readonly number[] = []) => read(new SseReader(LIMITS), Buffer.from(text), cuts);

const SAMPLE = [
  "\ufeffdata: first\n\n",
  ": a comment\n\n",
  "event: ping\nid: 7\nretry: 100\ndata: {}\n\n",
  "data: zwei\r\ndata:  drei\r\ndata\r\n\r\n",
  "data:😀 é\rdata: x\r\r",
  "\n\n",
  "nodata: 1\n\n",
  "event: e\ndata: [DONE]\n\n",
].join("");

describe("SseReader", () => {
  it("reads events as the standard says", () => {
    const frames = sse(SAMPLE).map((frame) => {
      const { event, data } = frame as SseFrame;
      return { event, data };
    });
    expect(frames).toEqual([
      { event: undefined, data: "first" },
      { event: undefined, data: undefined },
      { event: "ping", data: "{}" },
      { event: undefined, data: "zwei\n drei\n" },
      { event: undefined, data: "😀 é\nx" },
      // The first of the two line feeds belongs to the CR before it.
      { event: undefined, data: undefined },
      { event: undefined, data: undefined },
      { event: "e", data: "[DONE]" },
    ]);
  });

  it("gives the same frames for every cut into two and into single bytes", () => {
    const bytes = Buffer.from(SAMPLE);
    const whole = sse(SAMPLE);
    for (let cut = 0; cut <= bytes.length; cut++) expect(sse(SAMPLE, [cut])).toEqual(whole);
    expect(sse(SAMPLE, Array.from(bytes.keys()))).toEqual(whole);
  });

  it("gives the same frames however any stream is cut", () => {
    const line = fc.oneof(
      fc.constantFrom("data: x", "data:", "data", "event: e", ": c", "id: 1", "", "data: é😀", "\ufeffdata: y"),
      fc.string({ maxLength: 8 }),
    );
    const stream = fc
      .array(fc.tuple(line, fc.constantFrom("\n", "\r", "\r\n", "\n\n")), { maxLength: 12 })
      .map((lines) => lines.flat().join(""));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 10 }), (text, cuts) => {
        expect(sse(text.toWellFormed(), cuts)).toEqual(sse(text.toWellFormed()));
      }),
      { numRuns: 2000 },
    );
  });

  it("hands out a frame as soon as its last byte came", () => {
    const reader = new SseReader(LIMITS);
    expect(reader.push(Buffer.from("data: 1\n"))).toHaveLength(0);
    expect(reader.push(Buffer.from("\n"))).toHaveLength(1);
    expect(reader.push(Buffer.from("data: 2\r\n\r\n"))).toHaveLength(1);
  });

  it("flags an event that the stream ended before its blank line", () => {
    expect(sse("data: 1\n\ndata: 2")).toMatchObject([
      { data: "1", partial: undefined },
      { data: "2", partial: true },
    ]);
    expect(sse("data: 1\n")).toMatchObject([{ data: "1", partial: true }]);
    expect(sse("data: 1\r\r")).toMatchObject([{ data: "1", partial: undefined }]);
    expect(sse("")).toEqual([]);
  });

  it("refuses an event over the limit, after the events before it", () => {
    const before = "data: 1\n\n";
    for (const bytes of [1, 7, 5000]) {
      const stream = Buffer.from(`${before}data: ${"x".repeat(2000)}\n\n`);
      const reader = new SseReader(LIMITS);
      let frames = 0;
      const code = codeOf(() => {
        for (let i = 0; i < stream.length; i += bytes) frames += reader.push(stream.subarray(i, i + bytes)).length;
        reader.end();
      });
      expect([frames, code]).toEqual([1, "upstream_event_too_large"]);
    }
  });

  it("refuses bytes that are not UTF-8, after the events before them", () => {
    for (const bad of [Buffer.from([0xff]), Buffer.from([0xc3]), Buffer.from([0xed, 0xa0, 0x80])]) {
      const stream = Buffer.concat([Buffer.from("data: 1\n\ndata: "), bad, Buffer.from("\n\n")]);
      const reader = new SseReader(LIMITS);
      expect(reader.push(stream)).toHaveLength(1);
      expect(codeOf(() => reader.push(Buffer.from("data: 2\n\n")))).toBe("upstream_encoding_invalid");
      expect(codeOf(() => reader.end())).toBe("upstream_encoding_invalid");
    }
  });

  it("reads a long event that comes byte by byte in linear time", () => {
    const bytes = Buffer.from(`data: ${"x".repeat(1_000_000)}\n\n`);
    const reader = new SseReader({ eventBytesMax: 2_000_000 });
    let frames = 0;
    const startedAt = performance.now();
    for (let i = 0; i < bytes.length; i++) frames += reader.push(bytes.subarray(i, i + 1)).length;
    expect(frames).toBe(1);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it("reads an event of very many lines in linear time", () => {
    const reader = new SseReader({ eventBytesMax: 4_000_000 });
    const startedAt = performance.now();
    expect(reader.push(Buffer.from(`${"x\n".repeat(300_000)}${"y:\r".repeat(300_000)}\n\n`))).toHaveLength(1);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it("never throws anything but a SluiceError", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), (chunks) => {
        const reader = new SseReader({ eventBytesMax: 50 });
        codeOf(() => {
          for (const chunk of chunks) reader.push(chunk);
          reader.end();
        });
      }),
    );
  });
});

describe("withData", () => {
  it("changes the data and nothing else", () => {
    const rewritten = (text: string, data: string) => {
      const [frame] = new SseReader(LIMITS).push(Buffer.from(text));
      if (!frame) return expect.unreachable();
      return withData(frame, data).toString();
    };
    expect(rewritten(": c\nevent: e\r\ndata:  x\r\nid: 1\r\n\r\n", "y")).toBe(
      ": c\nevent: e\r\ndata: y\r\nid: 1\r\n\r\n",
    );
    expect(rewritten("\ufeffdata:x\n\n", "y")).toBe("\ufeffdata:y\n\n");
    expect(rewritten("data: {\nid: 1\ndata: }\n: c\n\n", "{\n1}")).toBe("data: {\ndata: 1}\nid: 1\n: c\n\n");
    expect(sseEvent("e", "1\n2").toString()).toBe("event: e\ndata: 1\ndata: 2\n\n");
    expect(sseEvent(undefined, "1").toString()).toBe("data: 1\n\n");
  });
});

describe("LineReader", () => {
  const lines = (text: string, cuts: readonly number[] = []) => read(new LineReader(LIMITS), Buffer.from(text), cuts);

  it("gives the same lines however the bytes are cut", () => {
    const text = '{"a":"é😀"}\n\n{"b":1}\r\n[]\n{"c":2}';
    const whole = lines(text);
    expect(whole).toMatchObject([
      { data: '{"a":"é😀"}' },
      { data: undefined },
      { data: '{"b":1}' },
      { data: "[]" },
      { data: '{"c":2}', partial: true },
    ]);
    for (let cut = 0; cut <= Buffer.byteLength(text); cut++) expect(lines(text, [cut])).toEqual(whole);
  });

  it("keeps the line end when the data changes", () => {
    const [frame] = new LineReader(LIMITS).push(Buffer.from("1\r\n"));
    if (!frame) return expect.unreachable();
    expect(withLineData(frame, "2").toString()).toBe("2\r\n");
  });

  it("refuses a line over the limit and bytes that are not UTF-8", () => {
    expect(codeOf(() => new LineReader(LIMITS).push(Buffer.alloc(1001, 0x61)))).toBe("upstream_event_too_large");
    expect(codeOf(() => new LineReader(LIMITS).push(Buffer.from([0xff, 0x0a])))).toBe("upstream_encoding_invalid");
  });
});
