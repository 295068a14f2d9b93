/** How far a long work has come, on stderr and only where a person looks: a bar, bytes, speed, and the time that is left. */
import type { Terminal } from "./terminal.ts";

const BAR_CHARS = 24;
/** Before that, a speed is a guess. */
const ESTIMATE_AFTER_MS = 1_000;

export interface Progress {
  /** Bytes that have been read more. */
  add(bytes: number): void;
  /** Wipes it. */
  end(): void;
}

/** `total`: bytes in all, if that is known. `clock`: milliseconds. */
export function createProgress(
  terminal: Terminal,
  total: number | undefined,
  clock = performance.now.bind(performance),
): Progress {
  const startedAt = clock();
  let done = 0;
  return {
    add(bytes) {
      done += bytes;
      terminal.progress(progressLine(done, total, clock() - startedAt));
    },
    end: () => terminal.progress(undefined),
  };
}

export function progressLine(done: number, total: number | undefined, ms: number): string {
  const speed = ms < ESTIMATE_AFTER_MS ? undefined : done / ms;
  const parts = [total === undefined ? megabytes(done) : `${megabytes(done)} of ${megabytes(total)}`];
  if (speed !== undefined) {
    parts.push(`${((speed * 1000) / 1e6).toFixed(1)} MB/s`);
    if (total !== undefined) parts.push(`${minutes((total - done) / speed)} left`);
  }
  if (total === undefined || total === 0) return parts.join("  ");
  const share = Math.min(1, done / total);
  const filled = Math.round(share * BAR_CHARS);
  return `[${"#".repeat(filled)}${"-".repeat(BAR_CHARS - filled)}] ${Math.floor(share * 100)} %  ${parts.join("  ")}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function minutes(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
