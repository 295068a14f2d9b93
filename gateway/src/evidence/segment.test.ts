import { leafHash } from "@sluice/verifier";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  FRAME_BYTES,
  HEADER_BYTES,
  encodeHeader,
  hasHeader,
  hasLaterCommit,
  logIdOf,
  scanFrames,
  sealFrame,
  segmentFirst,
  segmentName,
} from "./segment.ts";

/** Frames as commits write them: each inner list is one commit. */
function written(commits: readonly (readonly string[])[]): Buffer {
  const parts = commits.flatMap((entries) =>
    entries.map((entry, i) => {
      const length = Buffer.byteLength(entry);
      const frame = Buffer.alloc(FRAME_BYTES + length);
      frame.write(entry, FRAME_BYTES);
      sealFrame(frame, 0, length, i === 0);
      return frame;
    }),
  );
  return Buffer.concat(parts);
}

function read(bytes: Buffer): { entries: string[]; end: number } {
  const entries: string[] = [];
  const { end } = scanFrames(bytes, 0, Number.MAX_SAFE_INTEGER, (all, start, stop) => {
    entries.push(all.toString("utf8", start, stop));
  });
  return { entries, end };
}

const anyEntry = fc.string({ maxLength: 300, unit: "grapheme" }).map((text) => JSON.stringify({ text }));
const anyCommits = fc.array(fc.array(anyEntry, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 });

test("what was written reads back, with the leaf hash of RFC 6962", () => {
  fc.assert(
    fc.property(anyCommits, (commits) => {
      const bytes = written(commits);
      expect(read(bytes)).toEqual({ entries: commits.flat(), end: bytes.length });
      scanFrames(bytes, 0, 100, (all, start, end, hash) => {
        expect(Buffer.from(hash, "latin1").equals(leafHash(all.subarray(start, end)))).toBe(true);
      });
    }),
  );
});

test("however the bytes are cut off, whole records are read and nothing else", () => {
  fc.assert(
    fc.property(anyCommits, fc.nat(), (commits, at) => {
      const bytes = written(commits);
      const { entries, end } = read(bytes.subarray(0, at % bytes.length));
      expect(entries).toEqual(commits.flat().slice(0, entries.length));
      expect(end).toBeLessThanOrEqual(at % bytes.length);
    }),
  );
});

test("no changed bit goes unseen", () => {
  const bytes = written([['{"type":"a"}', '{"type":"b"}'], ['{"type":"c"}']]);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
    expect(read(changed).entries.length, `bit ${String(bit)}`).toBeLessThan(3);
  }
});

test("a torn last commit is a torn tail, and damage before a later commit is damage", () => {
  const first = written([["1", "2"]]);
  const second = written([["3", "4"]]);
  const whole = Buffer.concat([first, second]);

  const torn = Buffer.from(whole);
  torn[first.length + FRAME_BYTES] = 0;
  expect(read(torn).end).toBe(first.length);
  expect(hasLaterCommit(torn, first.length)).toBe(false);

  const damaged = Buffer.from(whole);
  damaged[FRAME_BYTES] = 0;
  expect(read(damaged).end).toBe(0);
  expect(hasLaterCommit(damaged, 0)).toBe(true);
});

test("names of segments sort as their indexes, and nothing else is a segment", () => {
  expect(segmentName(1234)).toBe("000000001234.log");
  expect(segmentFirst("000000001234.log")).toBe(1234);
  expect(["1234.log", "probe", "000000001234.log.bak", "00000000123x.log"].map(segmentFirst)).toEqual(
    Array.from({ length: 4 }, () => undefined),
  );
});

test("a header belongs to one log and one first index", () => {
  const header = encodeHeader(7, logIdOf("a.example/log"));
  expect(header).toHaveLength(HEADER_BYTES);
  expect(hasHeader(header, 7, logIdOf("a.example/log"))).toBe(true);
  expect(hasHeader(header, 8, logIdOf("a.example/log"))).toBe(false);
  expect(hasHeader(header, 7, logIdOf("b.example/log"))).toBe(false);
  expect(hasHeader(header.subarray(0, 31), 7, logIdOf("a.example/log"))).toBe(false);
});
