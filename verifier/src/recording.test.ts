import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHUNK_KINDS, type ChunkKind, type ExpectedRecording, verifyRecording } from "./recording.ts";

const ID = Buffer.alloc(16, 7);
const OTHER = Buffer.alloc(16, 8);
const NUMBERS = new Map(Object.entries(CHUNK_KINDS).map(([number, kind]) => [kind, Number(number)]));

interface Made {
  readonly bytes: Buffer;
  readonly hash: Buffer;
}

/** By the format of docs/recordings.md, on its own. */
function chunk(kind: ChunkKind, seq: number, previous: Buffer, body: string, id = ID): Made {
  const head = Buffer.alloc(72);
  head.write("SLR1", 0, "latin1");
  head.writeUInt8(NUMBERS.get(kind) ?? 0, 4);
  head.writeUInt32BE(seq, 8);
  head.writeUInt32BE(Buffer.byteLength(body), 12);
  id.copy(head, 16);
  head.writeBigUInt64BE(1_764_000_000_000n + BigInt(seq), 32);
  previous.copy(head, 40);
  const whole = Buffer.concat([head, Buffer.from(body)]);
  const hash = createHash("sha256").update(whole).digest();
  return { bytes: Buffer.concat([whole, hash.subarray(0, 8)]), hash };
}

function recording(answers: number, id = ID): { chunks: Buffer[]; expected: ExpectedRecording } {
  let last = chunk("request", 0, Buffer.alloc(32), "first", id);
  const chunks = [last.bytes];
  const head = last.hash.toString("base64");
  for (let seq = 1; seq <= answers; seq++) {
    last = chunk("answer", seq, last.hash, `answer ${seq}`, id);
    chunks.push(last.bytes);
  }
  last = chunk("end", answers + 1, last.hash, "", id);
  chunks.push(last.bytes);
  const end = { chunks: chunks.length, head: last.hash.toString("base64") };
  return { chunks, expected: { id: id.toString("base64url"), head, end } };
}

const codes = (bytes: Uint8Array, expected: ExpectedRecording): string[] =>
  verifyRecording(bytes, expected).findings.map(({ code }) => code);

describe("the chain of a recording", () => {
  const { chunks, expected } = recording(4);
  const without = { id: expected.id, head: expected.head };

  it("is whole when nothing was done to it", () => {
    expect(verifyRecording(Buffer.concat(chunks), expected)).toEqual({ findings: [], chunks: 6, finished: true });
  });

  it("names a chunk that was dropped, wherever it stood", () => {
    for (const [at] of chunks.entries()) {
      const left = Buffer.concat(chunks.filter((_, index) => index !== at));
      expect(codes(left, expected), `chunk ${at}`).toContain(at === 5 ? "truncated" : "dropped");
      // Who has no outcome's leaf sees it all the same.
      expect(codes(left, without)).toContain(at === 5 ? "unfinished" : "dropped");
    }
  });

  it("names two chunks that changed places", () => {
    const [a, b, c, ...rest] = chunks as [Buffer, Buffer, Buffer, ...Buffer[]];
    expect(codes(Buffer.concat([a, c, b, ...rest]), expected)).toEqual(["reordered"]);
  });

  it("names a chunk that is there twice", () => {
    const [a, b, ...rest] = chunks as [Buffer, Buffer, ...Buffer[]];
    expect(codes(Buffer.concat([a, b, b, ...rest]), expected)).toEqual(["duplicated"]);
  });

  it("names a chunk of another recording, also one that says it is of this one", () => {
    const other = recording(4, OTHER).chunks;
    const [a, b, ...rest] = chunks as [Buffer, Buffer, ...Buffer[]];
    expect(codes(Buffer.concat([a, b, other[2] as Buffer, ...rest]), expected)).toEqual(["foreign"]);
    const forged = chunk("answer", 2, Buffer.alloc(32, 1), "forged").bytes;
    expect(codes(Buffer.concat([a, b, forged, ...rest.slice(1)]), expected)).toContain("altered");
    expect(codes(Buffer.concat([a, b, forged, ...rest]), expected)).toContain("foreign");
  });

  it("names a recording that was cut, at any byte", () => {
    const whole = Buffer.concat(chunks);
    for (let length = 0; length < whole.length; length++) {
      const found = codes(whole.subarray(0, length), expected);
      expect(
        found.some((code) => code === "truncated" || code === "dropped"),
        `${length} bytes`,
      ).toBe(true);
      expect(found).toContain("unfinished");
    }
  });

  it("flags one that has no end, and calls it nothing worse", () => {
    expect(codes(Buffer.concat(chunks.slice(0, -1)), without)).toEqual(["unfinished"]);
  });

  it("names the one of another exchange", () => {
    expect(codes(Buffer.concat(chunks), { ...expected, head: "AAAA" })).toEqual(["altered"]);
    expect(codes(Buffer.concat(recording(4, OTHER).chunks), expected)).toContain("foreign");
  });

  it("finds every flipped bit", () => {
    const whole = Buffer.concat(chunks);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length * 8 - 1 }), (bit) => {
        const bytes = Buffer.from(whole);
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(codes(bytes, expected)).not.toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it("never throws, and never calls a random cut of two recordings whole", () => {
    const all = [...chunks, ...recording(4, OTHER).chunks];
    fc.assert(
      fc.property(fc.array(fc.nat(all.length - 1), { maxLength: 14 }), fc.nat(200), (picks, cut) => {
        const bytes = Buffer.concat(picks.map((at) => all[at] as Buffer));
        const isWhole = picks.length === 6 && picks.every((at, index) => at === index) && cut === 0;
        const found = codes(bytes.subarray(0, Math.max(0, bytes.length - cut)), expected);
        expect(found.length === 0).toBe(isWhole);
      }),
      { numRuns: 1_000 },
    );
  });
});
