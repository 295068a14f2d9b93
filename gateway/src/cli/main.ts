#!/usr/bin/env -S node --max-semi-space-size=8
/** The command line. Which verbs there are stands in program.ts; what one does, in the file of its name. */
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// Compiled code of the last start, so that the next one neither strips types nor parses again. It lies in the package's own
// folder: whoever may write there may change the code itself, which is not true of the default in the shared temporary folder.
enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/sluice", import.meta.url)));
const { run } = await import("./program.ts");

// Node calls ML-DSA in WebCrypto experimental, on stderr, at every use. Other warnings are shown as Node would.
process.removeAllListeners("warning");
process.on("warning", (warning) => {
  if (warning.name !== "ExperimentalWarning") process.stderr.write(`${warning.name}: ${warning.message}\n`);
});

// `sluice fsck … | head` closes the pipe early: the reader's right. The work goes on, for its exit code or its clients' sake.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

process.exitCode = await run(process.argv.slice(2));
