/**
 * A process to be killed: opens the log in its first argument, says so, and appends with eight writers for ever. Each
 * acknowledged record is told on standard output, at once, as "<index> <n>".
 */

import { writeSync } from "node:fs";
import { SluiceError } from "../../core/errors.ts";
import { openEvidence } from "../index.ts";

const [, , dir = "", first = "0"] = process.argv;
const WRITERS = 8;
let n = Number(first);

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

try {
  const log = await openEvidence({
    dir,
    origin: "log.example/evidence",
    clock: Date.now,
    checkpointIntervalMs: 20,
    segmentBytesMax: 100_000,
  });
  say("ready");
  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      for (;;) {
        const mine = n++;
        const { index } = await log.append({ v: 1, type: "test", n: mine }, new Uint8Array(32));
        say(`${String(index)} ${String(mine)}`);
      }
    }),
  );
} catch (error) {
  say(error instanceof SluiceError ? error.code : String(error));
  process.exitCode = 1;
}
