import { hash } from "node:crypto";
import { foldSubtrees, leafHash, parseBundle, tilePath, tilesFor } from "@sluice/verifier";
import { expect, test } from "vitest";
import { type PublicFile, Tiling } from "./tiling.ts";

interface Grown {
  readonly tiling: Tiling;
  readonly files: Map<string, Uint8Array>;
}

function grow(size: number, visit: (grown: Grown) => void = () => undefined): Grown {
  const files = new Map<string, Uint8Array>();
  const keep = (file: PublicFile): void => {
    expect(files.has(file.path), `${file.path} is finished once`).toBe(false);
    files.set(file.path, file.bytes);
  };
  const grown = { tiling: new Tiling(keep), files };
  for (let i = 0; i < size; i++) {
    const entry = entryOf(i);
    const prefixed = Buffer.concat([Buffer.of(0), entry]);
    grown.tiling.append(hash("sha256", prefixed, "binary"), entry, 0, entry.length);
    visit(grown);
  }
  return grown;
}

function entryOf(i: number): Buffer {
  return Buffer.from(`{"n":${String(i)},"type":"test"}`);
}

/** RFC 6962 section 2.1 as it is written, over the verifier's hashes. */
function plainRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length < 2) return foldSubtrees(leaves);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return foldSubtrees([plainRoot(leaves.slice(0, k)), plainRoot(leaves.slice(k))]);
}

test("the root is that of RFC 6962 at every size", () => {
  const leaves: Uint8Array[] = [];
  expect(Buffer.from(new Tiling(() => undefined).root()).equals(plainRoot([]))).toBe(true);
  grow(600, ({ tiling }) => {
    leaves.push(leafHash(entryOf(leaves.length)));
    if (leaves.length % 7 === 0 || [255, 256, 257, 511, 512, 513].includes(leaves.length)) {
      expect(Buffer.from(tiling.root()).equals(plainRoot(leaves)), String(leaves.length)).toBe(true);
    }
  });
});

test("70,000 leaves make exactly the tiles of the specification's example", () => {
  const { tiling, files } = grow(70_000);
  for (const file of tiling.partials()) files.set(file.path, file.bytes);
  const tiles = tilesFor(70_000).map(({ level, index, width }) => tilePath(level, index, width));
  const bundles = tiles.filter((path) => path.startsWith("tile/0/")).map((path) => path.replace("/0/", "/entries/"));
  expect([...files.keys()].toSorted()).toEqual([...tiles, ...bundles].toSorted());
  expect(tiles.filter((path) => path.startsWith("tile/0/"))).toHaveLength(274);
  expect(tiles.slice(-4)).toEqual(["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]);
  for (const [path, bytes] of files) {
    const width = Number(/\.p\/([0-9]+)$/.exec(path)?.[1] ?? 256);
    if (!path.startsWith("tile/entries/")) expect(bytes, path).toHaveLength(32 * width);
  }
});

test("a bundle holds its entries, and what was handed out does not change as the log grows", () => {
  const { tiling, files } = grow(300);
  const first = files.get("tile/entries/000") ?? new Uint8Array(0);
  const partial = tiling.partials().find((file) => file.path === "tile/entries/001.p/44");
  const [before, partialBefore] = [Buffer.from(first), Buffer.from(partial?.bytes ?? [])];
  for (let i = 300; i < 400; i++) tiling.append("x".repeat(32), entryOf(i), 0, entryOf(i).length);
  expect(before.equals(first)).toBe(true);
  expect(parseBundle(first).map((entry) => Buffer.from(entry).toString())).toEqual(
    Array.from({ length: 256 }, (_, i) => entryOf(i).toString()),
  );
  expect(partialBefore.equals(partial?.bytes ?? new Uint8Array(0))).toBe(true);
  expect(parseBundle(partialBefore)).toHaveLength(44);
});

test("entries of the greatest length fit", () => {
  const finished: PublicFile[] = [];
  const tiling = new Tiling((file) => finished.push(file));
  const entry = Buffer.alloc(65_535, "a");
  for (let i = 0; i < 256; i++) tiling.append("x".repeat(32), entry, 0, entry.length);
  expect(finished[0]?.bytes).toHaveLength(256 * 65_537);
});
