import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SluiceError } from "../core/errors.ts";
import type { Posting } from "../core/subjects.ts";
import { Postings } from "./postings.ts";
import { POSTING_BYTES, RUN_POSTINGS_MAX, sortPostings } from "./run.ts";

let dir: string;
let faults: SluiceError[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sluice-postings-"));
  faults = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const open = (gateway = "one"): Postings =>
  new Postings({ dir: join(dir, "index"), gateway, onFault: (error) => faults.push(error) });
const idOf = (number: number): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE((number * 2_654_435_761) >>> 0);
  bytes.writeUInt32BE(number, 4);
  return bytes.toString("base64url");
};
const posting = (subject: number, record: number): Posting => ({
  subject: idOf(subject),
  record,
  place: record * 1_000,
});
const runs = (gateway = "one"): string[] => readdirSync(join(dir, "index", gateway));
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown.code;
    throw thrown;
  }
  return "none";
};

describe("the index of data subjects", () => {
  test("finds every posting of a subject, in memory and in files, in the order of the records, and nobody else's", async () => {
    const postings = open();
    for (let at = 0; at < 200_000; at++) postings.post(posting(at % 1_000, at));
    expect(postings.inMemory).toBeGreaterThan(0);
    const expected = Array.from({ length: 200 }, (_, at) => posting(17, at * 1_000 + 17));
    expect(await postings.find([idOf(17)])).toEqual(expected);
    await postings.sync();
    expect(postings.inMemory).toBe(0);
    expect(runs()).toHaveLength(4);
    expect(await postings.find([idOf(17)])).toEqual(expected);
    expect(await open().find([idOf(17), idOf(17)])).toEqual(expected);
    expect(await open().find([idOf(17), idOf(18)])).toHaveLength(400);
    expect(await open().find([idOf(1_001)])).toEqual([]);
    expect(await open().find(["", "not an id"])).toEqual([]);
    expect(faults).toEqual([]);
  });

  test("finds all of somebody who is in every record, over the borders of blocks and runs", async () => {
    const postings = open();
    const many = RUN_POSTINGS_MAX + 1_000;
    for (let at = 0; at < many; at++) {
      postings.post(posting(1, at));
      if (at % 100 === 0) postings.post(posting(2 + at, at));
    }
    await postings.sync();
    expect((await postings.find([idOf(1)])).map(({ record }) => record)).toEqual(
      Array.from({ length: many }, (_, at) => at),
    );
  });

  test("gives records and places of any size as they were posted, and one that was posted twice once", async () => {
    const postings = open();
    const far = { subject: idOf(1), record: 2 ** 40 + 3, place: Number.MAX_SAFE_INTEGER };
    postings.post(far);
    await postings.sync();
    postings.post(far);
    expect(await postings.find([idOf(1)])).toEqual([far]);
    await postings.sync();
    expect(await postings.find([idOf(1)])).toEqual([far]);
    for (const wrong of [
      { ...far, place: 2 ** 53 },
      { ...far, record: -1 },
      { ...far, subject: "short" },
    ])
      expect(() => postings.post(wrong)).toThrow("assertion");
  });

  test("merges small runs, so that there are never many; while it does, all is found", async () => {
    const [postings, reader] = [open(), open()];
    for (let at = 0; at < 40; at++) {
      postings.post(posting(at % 4, at));
      await postings.sync();
      expect(await reader.find([0, 1, 2, 3].map(idOf))).toHaveLength(at + 1);
    }
    expect(runs().length).toBeLessThan(10);
    expect(await open().find([idOf(3)])).toHaveLength(10);
  });

  test("runs that hold only what is older than a record go, others stay as they are", async () => {
    const postings = open();
    for (let at = 0; at < 3 * RUN_POSTINGS_MAX; at++) postings.post(posting(at % 7, at));
    await postings.sync();
    expect(await postings.dropBefore(RUN_POSTINGS_MAX - 1)).toBe(0);
    expect(await postings.dropBefore(RUN_POSTINGS_MAX + 10)).toBe(RUN_POSTINGS_MAX);
    expect((await postings.find([idOf(0)]))[0]?.record).toBeGreaterThanOrEqual(RUN_POSTINGS_MAX);
    expect(runs()).toHaveLength(2);
  });

  test("each gateway writes into its own folder, and finds what all have written", async () => {
    const [a, b] = [open("a"), open("b")];
    a.post(posting(1, 5));
    b.post(posting(1, 3));
    await Promise.all([a.sync(), b.sync()]);
    expect((await a.find([idOf(1)])).map(({ record }) => record)).toEqual([3, 5]);
    expect((await b.find([idOf(1)])).map(({ record }) => record)).toEqual([3, 5]);
    expect([runs("a"), runs("b")].map(({ length }) => length)).toEqual([1, 1]);
  });

  test("what a crash leaves half written is nothing", async () => {
    const postings = open();
    postings.post(posting(1, 1));
    await postings.sync();
    const [name = ""] = runs();
    const bytes = readFileSync(join(dir, "index", "one", name));
    writeFileSync(join(dir, "index", "one", `${name}.new`), bytes.subarray(0, 5_000));
    expect(await open().find([idOf(1)])).toEqual([posting(1, 1)]);
  });

  test("a folder that cannot be written is an error of `sync`, loses nothing, and is tried again", async () => {
    const postings = open();
    writeFileSync(join(dir, "index"), "in the way");
    postings.post(posting(1, 1));
    expect(await codeOf(postings.sync())).toBe("index_unavailable");
    expect(await codeOf(postings.sync())).toBe("index_unavailable");
    expect(await postings.find([idOf(1)])).toEqual([posting(1, 1)]);
    rmSync(join(dir, "index"));
    await postings.sync();
    expect(await open().find([idOf(1)])).toEqual([posting(1, 1)]);
    expect(faults.length).toBeGreaterThan(0);
  });
});

describe("a run that is damaged", () => {
  const path = (): string => join(dir, "index", "one", runs()[0] ?? "");
  beforeEach(async () => {
    const postings = open();
    for (let at = 0; at < 1_000; at++) postings.post(posting(at % 10, at));
    await postings.sync();
  });

  test("by any single bit is found by the check, and gives an error or the truth to whoever searches", async () => {
    const whole = readFileSync(path());
    for (let at = 0; at < 300; at++) {
      const bytes = Buffer.from(whole);
      const place = randomBytes(4).readUInt32BE() % (bytes.length * 8);
      bytes[place >> 3] = (bytes[place >> 3] ?? 0) ^ (1 << (place & 7));
      writeFileSync(path(), bytes);
      expect(await open().check()).toEqual([path()]);
      const found = await open()
        .find([idOf(3)])
        .catch((thrown: unknown) => (thrown instanceof SluiceError ? thrown.code : "other"));
      expect(found === "index_corrupt" || (Array.isArray(found) && found.length === 100)).toBe(true);
    }
  });

  test.each([0, 100, 4_096, 8_191, 12_288])("by losing its end from byte %i on is an error", async (length) => {
    truncateSync(path(), length);
    expect(await codeOf(open().find([idOf(3)]))).toBe("index_corrupt");
    expect(await open().check()).toEqual([path()]);
  });

  test("by a block that stands in another's place, or comes from another run, is an error", async () => {
    const bytes = readFileSync(path());
    bytes.copy(bytes, 4_096, 8_192, 12_288);
    writeFileSync(path(), bytes);
    expect(await open().check()).toEqual([path()]);
  });

  test("is made again from the recordings; other gateways' parts stay", async () => {
    const other = open("two");
    other.post(posting(3, 5_000));
    await other.sync();
    truncateSync(path(), 5_000);
    const postings = open();
    expect(await codeOf(postings.find([idOf(3)]))).toBe("index_corrupt");
    const replaced = await postings.rebuild(async (post) => {
      for (let at = 0; at < 1_000; at++) post(posting(at % 10, at));
    });
    expect(replaced).toBe(1);
    expect(await postings.find([idOf(3)])).toHaveLength(101);
    expect(await postings.check()).toEqual([]);
  });

  test("keeps nothing that comes after it from being written", async () => {
    truncateSync(path(), 5_000);
    const postings = open();
    for (let at = 0; at < 20; at++) {
      postings.post(posting(77, at));
      await postings.sync();
    }
    expect(faults.map(({ code }) => code)).toContain("index_corrupt");
    expect(runs().length).toBeLessThan(10);
  });
});

test("postings are sorted as bytes are, whatever they are", () => {
  const entry = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }), fc.nat(), fc.nat(3));
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 200 }), (entries) => {
      const parts = entries.map(([high, low, record, place]) => {
        const bytes = Buffer.alloc(POSTING_BYTES);
        bytes.writeUInt32BE(high * 0x1000_1000);
        bytes.writeUInt32BE(low, 4);
        bytes.writeUInt32BE(record, 12);
        bytes.writeUInt32BE(place, 20);
        return bytes;
      });
      expect(sortPostings(Buffer.concat(parts))).toEqual(Buffer.concat(parts.toSorted(Buffer.compare)));
    }),
  );
});
