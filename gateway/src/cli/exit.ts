/** How a verb ends, for whoever runs it from a script. The same numbers everywhere. */
import { SluiceError } from "../core/errors.ts";

export const EXIT = {
  ok: 0,
  /** What was checked is not in order. */
  failed: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** The machine is: a file that cannot be read, a variable that is not set, a log that another process holds. */
  environment: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A refusal in the command line's own words. */
export class CliError extends Error {
  readonly exit: ExitCode;
  /** Stable name for `--json`. */
  readonly code: string;

  constructor(exit: ExitCode, code: string, message: string) {
    super(message);
    this.name = "CliError";
    this.exit = exit;
    this.code = code;
  }
}

export interface Failure {
  readonly exit: ExitCode;
  readonly code: string;
  readonly message: string;
}

/** What to say and return for anything thrown. Messages of ours tell what to do; a bug is told as one, with its place. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof CliError) return { exit: thrown.exit, code: thrown.code, message: thrown.message };
  if (thrown instanceof SluiceError) {
    const exit = thrown.kind === "integrity" ? EXIT.environment : EXIT.usage;
    if (thrown.code !== "internal") return { exit, code: thrown.code, message: thrown.message };
  }
  const code = systemCode(thrown);
  if (code !== undefined) {
    return { exit: EXIT.environment, code, message: thrown instanceof Error ? thrown.message : code };
  }
  const cause = thrown instanceof SluiceError ? thrown.cause : thrown;
  const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  return { exit: EXIT.environment, code: "internal", message: `this is a bug in sluice, please report it:\n${stack}` };
}

/** The system's name of a fault (ENOENT, EACCES), when it is one of the system's. */
export function systemCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown) || typeof thrown.code !== "string") return undefined;
  return /^E[A-Z0-9]+$/.test(thrown.code) ? thrown.code : undefined;
}
