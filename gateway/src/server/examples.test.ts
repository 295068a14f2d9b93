/** What the README shows is what runs. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Started, startForTest } from "./test/running.ts";

const run = promisify(execFile);
const example = (name: string): string => fileURLToPath(new URL(`../../../examples/${name}`, import.meta.url));
let sluice: Started;
beforeAll(async () => {
  sluice = await startForTest();
});
afterAll(() => sluice.stop());

it("the OpenAI example streams, restores and calls a tool", async () => {
  const { stdout } = await run(process.execPath, [example("openai.ts"), sluice.key, sluice.url]);
  expect(stdout).toContain("masked on the way out: EMAIL=1, ORDER_NUMBER=1");
  expect(stdout).toContain("Write to john.doe@example.com about order #12345.");
  expect(stdout).toMatch(/tool arguments:.*john\.doe@example\.com/);
});

it("the Anthropic example streams and restores", async () => {
  const { stdout } = await run(process.execPath, [example("anthropic.ts"), sluice.key, sluice.url]);
  expect(stdout).toContain("Call me back on +49 30 901820, IBAN DE89 3704 0044 0532 0130 00.");
  expect(stdout).toContain("(end_turn)");
});
