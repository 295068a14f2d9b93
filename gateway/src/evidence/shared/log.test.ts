/** The log of many gateways, on a real PostgreSQL server. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { startPostgres, type TestServer } from "../../server/database/test/postgres.ts";
import { holdsForEveryLog } from "../test/contract.ts";
import { together } from "./test/gateways.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

describe("as every log", () => {
  holdsForEveryLog(async () => {
    const { folder, open } = together(await server.schema());
    return { open, files: { read: (path) => readFile(join(folder, path)).catch(() => undefined) } };
  });
});
