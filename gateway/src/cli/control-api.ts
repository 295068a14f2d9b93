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
  /** An answer that is no JSON, whole. Throws like `get`. */
  text(path: string): Promise<string>;
  /** An answer that is no JSON, as it comes. Throws like `get`; the stream fails when the answer breaks off. */
  download(path: string, body: object): Promise<ReadableStream<Uint8Array>>;
}

const DEFAULT_URL = "http://127.0.0.1:8787";
const TIMEOUT_MS = 30_000;
/** What goes through the whole log first: a minute over 10 million records, and then some. */
const LONG_TIMEOUT_MS = 600_000;

/** Options of every verb that talks to a gateway. */
export function withApi(command: Command): Command {
  return command
    .addOption(new Option("--url <url>", "the gateway").default(DEFAULT_URL).env("SLUICE_URL"))
    .option("--key-file <file>", "file that holds an API key or token (default: the variable SLUICE_TOKEN)")
    .addOption(new Option("--token <token>").env("SLUICE_TOKEN").hideHelp());
}

/** `isLong`: for questions that go through the whole log. */
export async function openApi(command: Command, flags: ApiFlags, isLong = false): Promise<ControlApi> {
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
  const timeoutMs = isLong ? LONG_TIMEOUT_MS : TIMEOUT_MS;
  const posting = (body: object | undefined): RequestInit => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { "content-type": "application/json" };
    return { method: "POST", headers: { ...headers, ...type }, ...sent };
  };
  return {
    get: (path) => call(new URL(path, base), { headers }, timeoutMs),
    post: (path, body) => call(new URL(path, base), posting(body), timeoutMs),
    async text(path) {
      const url = new URL(path, base);
      const response = await send(url, { headers }, timeoutMs);
      const text = await response.text().catch((thrown: unknown) => Promise.reject(unreachable(url, thrown)));
      if (response.ok) return text;
      throw refusal(url, response.status, parsed(text));
    },
    async download(path, body) {
      const response = await send(new URL(path, base), posting(body), timeoutMs);
      if (response.ok && response.body !== null) return response.body;
      throw refusal(new URL(path, base), response.status, parsed(await response.text()));
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

async function call(url: URL, init: RequestInit, timeoutMs: number): Promise<unknown> {
  const response = await send(url, init, timeoutMs);
  const body = parsed(await response.text().catch((thrown: unknown) => Promise.reject(unreachable(url, thrown))));
  if (response.ok && body !== undefined) return body;
  throw refusal(url, response.status, body);
}

async function send(url: URL, init: RequestInit, timeoutMs: number): Promise<Response> {
  try {
    return await globalThis.fetch(url, { ...init, redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
  } catch (thrown) {
    throw unreachable(url, thrown);
  }
}

function unreachable(url: URL, thrown: unknown): CliError {
  return new CliError(EXIT.environment, "gateway_unreachable", `cannot reach ${url.origin}: ${reasonOf(thrown)}`);
}

/** The gateway's own words, where it has any. */
function refusal(url: URL, status: number, body: unknown): CliError {
  const { code, detail } = (body ?? {}) as { code?: unknown; detail?: unknown };
  const said = typeof detail === "string" ? detail : `${url.origin} answers with status ${status}`;
  return new CliError(EXIT.failed, typeof code === "string" ? code : "refused", said);
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
