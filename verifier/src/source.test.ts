import { expect, test } from "vitest";
import { VerifierError } from "./errors.ts";
import { FILE_BYTES_MAX, httpSource } from "./source.ts";
import { memoryLog, sampleEntries, signingKey, vkeyOf } from "./test/memory-log.ts";
import { verifyLog } from "./verify-log.ts";

const key = signingKey("example.com/log", "ed25519", "source.test");

test("a log served over HTTP verifies, and only the checkpoint bypasses the cache", async () => {
  const log = memoryLog(sampleEntries(300), "example.com/log", [key]);
  const uncached: string[] = [];
  const source = httpSource("https://example.com/log", (url, init) => {
    expect(url.startsWith("https://example.com/log/")).toBe(true);
    const path = url.slice("https://example.com/log/".length);
    if (init.cache === "no-store") uncached.push(path);
    const file = log.files.get(path);
    return Promise.resolve(
      file === undefined ? new Response("no", { status: 404 }) : new Response(new Uint8Array(file)),
    );
  });
  expect(await verifyLog(source, { vkeys: [vkeyOf(key)] })).toMatchObject({ ok: true, checked: { entries: 300 } });
  expect(uncached).toEqual(["checkpoint"]);
});

test("404 and 410 mean that there is no such file; other statuses are an error", async () => {
  const answering = (status: number) =>
    httpSource("https://example.com/", () => Promise.resolve(new Response(status === 204 ? null : "x", { status })));
  expect(await answering(404).read("checkpoint")).toBeUndefined();
  expect(await answering(410).read("checkpoint")).toBeUndefined();
  expect(await answering(200).read("checkpoint")).toEqual(Uint8Array.of(0x78));
  for (const status of [204, 206, 403, 429, 500]) {
    await expect(answering(status).read("checkpoint")).rejects.toThrow(VerifierError);
  }
});

test("an endless answer is cut off", async () => {
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1_000_000;
      controller.enqueue(new Uint8Array(1_000_000));
    },
  });
  const source = httpSource("https://example.com", () => Promise.resolve(new Response(endless)));
  await expect(source.read("tile/entries/000")).rejects.toThrow(VerifierError);
  expect(sent).toBeLessThan(FILE_BYTES_MAX + 5_000_000);
});
