import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { namesUrl } from "./model-node.ts";
import { HEADER_BYTES, readNames, writeNames } from "./model.ts";

const bytes = new Uint8Array(readFileSync(namesUrl()));

function changed(at: number, by: (value: number) => number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = by(copy[at] as number);
  return copy;
}

describe("the file of the names model", () => {
  it("is written as it was read", () => {
    expect(Buffer.compare(writeNames(readNames(bytes)), bytes)).toBe(0);
  });

  it("is read wherever it begins in memory", () => {
    const shifted = new Uint8Array(bytes.length + 1).subarray(1);
    shifted.set(bytes);
    expect(readNames(shifted).step).toBe(readNames(bytes).step);
  });

  it("weighs no more than 10 MB", () => {
    expect(bytes.length).toBeLessThanOrEqual(10_000_000);
  });
});

describe("a file is refused", () => {
  it.each([
    ["that is empty", new Uint8Array(0), /wrong length/],
    ["that is cut off", bytes.subarray(0, bytes.length - 4), /length does not fit/],
    ["that is cut off inside of a word", bytes.subarray(0, bytes.length - 1), /wrong length/],
    ["of another kind", changed(0, (value) => value ^ 1), /magic number/],
    ["of another format", changed(4, (value) => value + 1), /format/],
    ["with sizes that cannot be", changed(12, () => 63), /sizes/],
    ["with sizes that are not its own", changed(12, (value) => value - 1), /length does not fit/],
    ["with another number of entries", changed(28, (value) => value ^ 1), /length does not fit/],
    ["with one bit turned in the lexicon", changed(HEADER_BYTES, (value) => value ^ 1), /checksum/],
    ["with one bit turned in the weights", changed(bytes.length - 1, (value) => value ^ 0x80), /checksum/],
  ])("%s", (_, damaged, error) => {
    expect(() => readNames(damaged)).toThrow(error);
  });

  it("that is no bytes at all", () => {
    expect(() => readNames("names.bin" as unknown as Uint8Array)).toThrow(TypeError);
  });
});
