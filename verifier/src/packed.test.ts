import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readUnpacked } from "./packed.ts";
import { FILE_BYTES_MAX, type Source } from "./source.ts";

const folder = (files: Record<string, Uint8Array>): Source => ({ read: (path) => Promise.resolve(files[path]) });
const bytes = Buffer.from("0123456789".repeat(1_000));

test("a packed bundle is read in the place of the plain one, and the plain one is preferred", async () => {
  const source = folder({
    "tile/entries/x001/000.gz": gzipSync(bytes),
    "tile/entries/001": bytes,
    "tile/entries/001.gz": bytes,
  });
  expect(Buffer.from((await readUnpacked(source, "tile/entries/x001/000")) ?? []).equals(bytes)).toBe(true);
  expect(await readUnpacked(source, "tile/entries/001")).toBe(bytes);
  expect(await readUnpacked(source, "tile/entries/002")).toBeUndefined();
});

test("nothing but full bundles is looked for packed", async () => {
  const asked: string[] = [];
  const source: Source = {
    read: (path) => {
      asked.push(path);
      return Promise.resolve(undefined);
    },
  };
  for (const path of ["checkpoint", "tile/0/000", "tile/entries/000.p/5"]) await readUnpacked(source, path);
  expect(asked).toEqual(["checkpoint", "tile/0/000", "tile/entries/000.p/5"]);
});

test.each([
  ["cut off", gzipSync(bytes).subarray(0, 60)],
  ["no gzip", Buffer.from("no gzip at all")],
  ["longer than any bundle", gzipSync(Buffer.alloc(FILE_BYTES_MAX + 1))],
])("what is %s is malformed, and is not unpacked without end", async (_name, packed) => {
  const reading = readUnpacked(folder({ "tile/entries/000.gz": packed }), "tile/entries/000");
  await expect(reading).rejects.toMatchObject({ code: "bundle_malformed" });
});
