import { tilePath } from "@sluice/verifier";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Secret } from "../../core/secret.ts";
import { startPostgres, type TestServer } from "../../server/database/test/postgres.ts";
import { S3Files } from "../index.ts";
import { appendMany, audit } from "../test/opened.ts";
import { together } from "./test/gateways.ts";
import { startStorage } from "./test/storage.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

test("two gateways write one log to storage that speaks S3, and it verifies there", async () => {
  const { options, objects } = await startStorage();
  const files = new S3Files(options);
  const { open } = together(await server.schema(), files);
  const [one, two] = [await open(), await open()];
  await Promise.all([appendMany(one, 300), appendMany(two, 300, 300)]);
  await one.proof(599);
  expect(await two.proof(0)).toContain("c2sp.org/tlog-proof@v1");
  const source = { read: (path: string) => files.read(path) };
  expect(await audit(source)).toMatchObject({ ok: true, size: 600, problems: [] });
  await one.close();
  const three = await open();
  expect(await appendMany(three, 300, 600)).toHaveLength(300);
  await three.proof(899);
  await three.close();
  await two.close();
  expect(await audit(source)).toMatchObject({ ok: true, size: 900, problems: [] });
  expect([...objects.keys()].every((key) => key.startsWith("sluice/"))).toBe(true);
  // Partial tiles whose full one is there are gone; those of the last checkpoint are not.
  expect(objects.has(`sluice/${tilePath(0, 3, 900 - 768)}`)).toBe(true);
  expect([...objects.keys()].filter((key) => key.startsWith("sluice/tile/0/002.p/"))).toEqual([]);
});

test("a folder is listed over pages, and removed as a whole", async () => {
  const { options, objects } = await startStorage();
  const files = new S3Files(options);
  const names = Array.from({ length: 20 }, (_, at) => String(at + 100));
  for (const name of names) await files.write(`tile/0/000.p/${name}`, Buffer.from(name));
  await files.write("tile/0/000", Buffer.from("full"));
  expect(await files.list("tile/0/000.p")).toEqual(names);
  await files.remove("tile/0/000.p");
  expect([...objects.keys()]).toEqual(["sluice/tile/0/000"]);
  expect(await files.list("tile/0/000.p")).toEqual([]);
  expect(await files.read("tile/0/001")).toBeUndefined();
});

test("what fails for a moment is tried again, and what is refused is an error that names no key", async () => {
  const { options, objects, failures } = await startStorage();
  const files = new S3Files(options);
  failures.push(503, 500);
  await files.write("checkpoint", Buffer.from("a"));
  expect(objects.get("sluice/checkpoint")?.toString()).toBe("a");
  failures.push(503, 503, 503);
  await expect(files.read("checkpoint")).rejects.toMatchObject({ code: "evidence_unavailable", message: /status 503/ });
  const stranger = new S3Files({ ...options, secretKey: new Secret("another") });
  const refused = stranger.write("checkpoint", Buffer.from("b"));
  await expect(refused).rejects.toMatchObject({ code: "evidence_unavailable", message: /PUT: status 403/ });
  expect(objects.get("sluice/checkpoint")?.toString()).toBe("a");
  const nowhere = new S3Files({ ...options, url: "http://127.0.0.1:1/log-bucket" });
  await expect(nowhere.read("checkpoint")).rejects.toMatchObject({ message: /ECONNREFUSED/ });
});
