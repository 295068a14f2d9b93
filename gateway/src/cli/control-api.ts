/**
 * A running gateway's control API, for the verbs that talk to one. The credential comes from a file or a variable, never from an
 * argument, which every process of the machine can read; it goes to the gateway that was named and follows no redirect.
 */
import { type Command, Option } from "commander";
import { CliError, EXIT } from "./exit.ts";
import { readText } from "./input.ts";

export interface ApiFlags {
  readonly url: string;
  readonly keyFile?: string;
  readonly token?: string;
}

export interface ControlApi {
  /** The answer's JSON. Throws a CliError: (1) the gateway refuses, in its words; (3) it cannot be reached. */
  get(path: string): Promise<unknown>;
  post(path: string, body?: object): Promise<unknown>;
}

const DEFAULT_URL = "http://127.0.0.1:8787";
const TIMEOUT_MS = 30_000;

/** Options of every verb that talks to a gateway. */
export function withApi(command: Command): Command {
  return command
    .addOption(new Option("--url <url>", "the gateway").default(DEFAULT_URL).env("SLUICE_URL"))
    .option("--key-file <file>", "file that holds an API key or token (default: the variable SLUICE_TOKEN)")
    .addOption(new Option("--token <token>").env("SLUICE_TOKEN").hideHelp());
}

export async function openApi(command: Command, flags: ApiFlags): Promise<ControlApi> {
  if (command.getOptionValueSource("token") === "cli") {
    throw new CliError(
      EXIT.usage,
      "token_as_argument",
      "a token on the command line is seen by every process of the machine: put it in a file (--key-file) or in SLUICE_TOKEN",
    );
  }
  const bearer = flags.keyFile === undefined ? flags.token : await readText(flags.keyFile);
  if (bearer === undefined || bearer.trim() === "") {
    throw new CliError(EXIT.usage, "token_missing", "no API key or token: give --key-file, or set SLUICE_TOKEN");
  }
  const base = baseOf(flags.url);
  const headers = { authorization: `Bearer ${bearer.trim()}`, accept: "application/json" };
  return {
    get: (path) => call(new URL(path, base), { headers }),
    post: (path, body) => {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const type = body === undefined ? {} : { "content-type": "application/json" };
      return call(new URL(path, base), { method: "POST", headers: { ...headers, ...type }, ...sent });
    },
  };
}

/** Throws a CliError (2) for what is no URL, and for plaintext beyond this machine. */
export function baseOf(text: string): URL {
  const url = URL.parse(text.endsWith("/") ? text : `${text}/`);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new CliError(EXIT.usage, "url_invalid", "--url must be an http or https URL");
  }
  const isHere = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === "http:" && !isHere) {
    throw new CliError(EXIT.usage, "url_invalid", "--url: the credential would cross the network in clear; use https");
  }
  return url;
}

async function call(url: URL, init: RequestInit): Promise<unknown> {
  let response: Response;
  let text: string;
  try {
    response = await globalThis.fetch(url, { ...init, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
    text = await response.text();
  } catch (thrown) {
    throw new CliError(EXIT.environment, "gateway_unreachable", `cannot reach ${url.origin}: ${reasonOf(thrown)}`);
  }
  const body = parsed(text);
  if (response.ok && body !== undefined) return body;
  const { code, detail } = (body ?? {}) as { code?: unknown; detail?: unknown };
  const said = typeof detail === "string" ? detail : `${url.origin} answers with status ${response.status}`;
  throw new CliError(EXIT.failed, typeof code === "string" ? code : "refused", said);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is behind fetch's "fetch failed" is in its cause. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "unknown error";
  return thrown.cause instanceof Error ? reasonOf(thrown.cause) : thrown.message || thrown.name;
}
