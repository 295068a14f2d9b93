/** What a hand on the files can do, as the reader of one recording sees it. Other recordings stand between its chunks. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHUNK_CHECKSUM_BYTES, CHUNK_HEADER_BYTES, readChunkHeader } from "@sluice/verifier";
import { SluiceError } from "../core/errors.ts";
import { MAIL, Room, textWith } from "./test/room.ts";

let room: Room;
let path: string;
let whole: Buffer;
/** Of one recording, in its order; and all of the file. */
let own: Buffer[];
let all: Buffer[];
let intent: number;

const SAY = [textWith("m", "Write to ", [["EMAIL", MAIL]])];
const LONG = `${"x".repeat(5_000)}\n`;

function chunksIn(bytes: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = CHUNK_HEADER_BYTES + (readChunkHeader(bytes, at)?.bodyBytes ?? 0) + CHUNK_CHECKSUM_BYTES;
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
}

beforeAll(async () => {
  room = await Room.open();
  const [one, other] = [await room.begin(SAY), await room.begin(SAY)];
  for (let at = 0; at < 3; at++) {
    for (const each of [one, other]) each.add([{ path: "c", text: LONG, spans: [] }]);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  intent = await room.end(one);
  await room.end(other);
  await room.recordings.close();
  await room.reopen();
  path = join(room.dir, "recordings", "support", new Date(room.now).toISOString().slice(0, 10), "0000000.rec");
  whole = readFileSync(path);
  all = chunksIn(whole);
  const id = Buffer.from(one.mark.id, "base64url");
  own = all.filter((chunk) => chunk.subarray(16, 32).equals(id));
});
afterAll(() => room.close());

/** Codes of the findings; what is not found at all is one too. */
async function found(bytes: Buffer): Promise<string[]> {
  writeFileSync(path, bytes);
  try {
    const { report } = await room.recordings.replay(intent, () => true);
    return report.findings.map(({ code }) => code);
  } catch (thrown) {
    if (thrown instanceof SluiceError) return [thrown.code];
    throw thrown;
  }
}

const place = (chunk: Buffer | undefined): number => all.indexOf(chunk as Buffer);

describe("a recording among others", () => {
  it("is whole as long as nobody touches it", async () => {
    expect(own).toHaveLength(5);
    expect(all).toHaveLength(10);
    expect(await found(whole)).toEqual([]);
  });

  it("shows a chunk that was taken out, put elsewhere, or put in twice", async () => {
    for (const chunk of own.slice(1, -1)) {
      expect(await found(Buffer.concat(all.filter((each) => each !== chunk)))).toEqual(["dropped"]);
      expect(await found(Buffer.concat(all.flatMap((each) => (each === chunk ? [each, each] : [each]))))).toEqual([
        "duplicated",
      ]);
    }
    const swapped = [...all];
    [swapped[place(own[1])], swapped[place(own[2])]] = [own[2] as Buffer, own[1] as Buffer];
    expect(await found(Buffer.concat(swapped))).toEqual(["reordered"]);
  });

  it("shows a chunk of another recording that says it is its own", async () => {
    const other = all.find((chunk) => !own.includes(chunk)) as Buffer;
    const forged = Buffer.from(other);
    (own[0] as Buffer).copy(forged, 16, 16, 32);
    const bytes = Buffer.concat(all.flatMap((each) => (each === own[1] ? [forged, each] : [each])));
    expect(await found(bytes)).toEqual(["altered"]);
  });

  it("shows where the file was cut", async () => {
    const end = whole.length - (all.at(-1)?.length ?? 0);
    expect(await found(whole.subarray(0, end))).toEqual([]);
    for (const length of [end - 1, end - 300, Math.floor(end / 2)]) {
      const codes = await found(whole.subarray(0, length));
      expect(codes).toContain("unfinished");
      expect(codes).toContain("truncated");
    }
  });

  it("shows any flipped bit of its chunks, and is not bothered by those of others", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length * 8 - 1), async (bit) => {
        const bytes = Buffer.from(whole);
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
        let at = 0;
        const hit = all.find((chunk) => (at += chunk.length) > bit >> 3) as Buffer;
        const codes = await found(bytes);
        if (own.includes(hit)) expect(codes).not.toEqual([]);
        // Where a header of another one does not lead on, whose bytes these are cannot be said.
        else expect(codes.every((code) => code === "altered")).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
