/** Our side of the load generator's process: one command at a time, and a failed request fails the bench. */
import { type Running, nextMessage, startScript, stop } from "./children.ts";
import type { LoadCommand, LoadResult } from "./load.ts";

export interface Generator {
  /** Throws when any request failed: a figure over failures would flatter. */
  run(command: LoadCommand): Promise<LoadResult>;
  readonly running: Running;
  stop(): Promise<void>;
}

export async function startGenerator(): Promise<Generator> {
  const running = await startScript("./load.ts");
  return {
    running,
    async run(command) {
      running.process.send(command);
      const result = await nextMessage<LoadResult | { failed: string }>(running.process);
      if ("failed" in result) throw new Error(`load generator: ${result.failed}`);
      if (result.failures > 0 || result.requests === 0) {
        throw new Error(
          `${command.kind} on port ${command.port}: ${result.failures} of ${result.requests + result.failures} requests failed: ${result.failure}`,
        );
      }
      return result;
    },
    async stop() {
      await stop(running.process);
    },
  };
}
