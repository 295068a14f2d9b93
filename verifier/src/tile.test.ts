import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VerifierError } from "./errors.ts";
import { bundleWidth, parseTilePath, sliceOf, tilePath, tileWidth, tilesFor } from "./tile.ts";

const level = fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant("entries" as const));
const index = fc.oneof(fc.nat(3_000), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
const width = fc.integer({ min: 1, max: 256 });

describe("names", () => {
  test("every tile reads back from its name", () => {
    fc.assert(
      fc.property(level, index, width, (l, n, w) => {
        expect(parseTilePath(tilePath(l, n, w))).toEqual({ level: l, index: n, width: w });
      }),
    );
  });

  test("a text that is accepted as a name is the name of that tile", () => {
    const unit = fc.constantFrom(
      "tile/",
      "entries/",
      "0",
      "1",
      "9",
      "x",
      "/",
      "000",
      "x001/",
      ".p/",
      "256",
      "255",
      "\n",
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 9 }), (parts) => {
        const text = parts.join("");
        const tile = parseTilePath(text);
        if (tile !== undefined) expect(tilePath(tile.level, tile.index, tile.width)).toBe(text);
      }),
      { numRuns: 20_000 },
    );
  });

  test("a name with any one bit changed is not the name of the same tile", () => {
    fc.assert(
      fc.property(level, index, width, fc.nat(), (l, n, w, noise) => {
        const name = Buffer.from(tilePath(l, n, w));
        const bit = noise % (name.length * 8);
        name[bit >>> 3]! ^= 1 << (bit & 7);
        expect(parseTilePath(name.toString("latin1"))).not.toEqual({ level: l, index: n, width: w });
      }),
    );
  });

  test.each([
    [-1, 0, 1],
    [64, 0, 1],
    [0.5, 0, 1],
    [0, -1, 1],
    [0, 2 ** 53, 1],
    [0, 0.5, 1],
    [0, 0, 0],
    [0, 0, 257],
    [0, 0, 1.5],
  ])("there is no name for level %d, index %d, width %d", (l, n, w) => {
    expect(() => tilePath(l, n, w)).toThrow(VerifierError);
  });
});

describe("sizes", () => {
  test("70,000 entries have the tiles of the specification's example", () => {
    const tiles = tilesFor(70_000);
    const count = (l: number, isFull: boolean): number =>
      tiles.filter((tile) => tile.level === l && (tile.width === 256) === isFull).length;
    expect([count(0, true), count(0, false), count(1, true), count(1, false), count(2, true), count(2, false)]).toEqual(
      [273, 1, 1, 1, 0, 1],
    );
    expect(tiles.filter((tile) => tile.width < 256)).toEqual([
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
  });

  test("no tile is empty, widths are floor(s / 256^l) mod 256, and the tiles hold every hash of their level", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200_000 }), (size) => {
        const sums: number[] = [];
        for (const tile of tilesFor(size)) {
          expect(tile.width).toBe(tileWidth(tile.level, tile.index, size));
          expect(tile.width).toBeGreaterThan(0);
          if (tile.width < 256) expect(tile.width).toBe(Math.floor(size / 256 ** tile.level) % 256);
          sums[tile.level] = (sums[tile.level] ?? 0) + tile.width;
        }
        expect(sums).toEqual([1, 256, 65_536].map((reach) => Math.floor(size / reach)).filter((sum) => sum > 0));
      }),
      { numRuns: 50 },
    );
  });

  test("what lies beyond the size has width 0", () => {
    expect(tileWidth(0, 2, 512)).toBe(0);
    expect(tileWidth(1, 0, 255)).toBe(0);
    expect(bundleWidth(1, 257)).toBe(1);
    expect(bundleWidth(2, 257)).toBe(0);
  });
});

test("the slice of a subtree spans exactly the leaves of the subtree", () => {
  fc.assert(
    fc.property(fc.nat(40), fc.nat(4_000), (height, position) => {
      const slice = sliceOf({ height, index: position });
      const reach = 256 ** slice.level;
      expect((slice.index * 256 + slice.offset) * reach).toBe(position * 2 ** height);
      expect(slice.count * reach).toBe(2 ** height);
      expect(slice.offset + slice.count).toBeLessThanOrEqual(256);
    }),
  );
});
