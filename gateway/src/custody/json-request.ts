/**
 * One request with JSON to a key or secret service: certificates verified, no redirects, limits on time and size. Errors name
 * the host and what went wrong, and nothing of the request or the answer: both may hold secrets.
 */
import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 1024 * 1024;

export interface JsonRequest {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Authorities to trust instead of the public ones, PEM. */
  readonly ca?: string | undefined;
}

export interface JsonAnswer {
  readonly status: number;
  /** Undefined when there is none. */
  readonly body: unknown;
}

export class RequestError extends Error {
  override readonly name = "RequestError";
}

/** Throws RequestError when there is no whole answer in JSON within ten seconds. */
export async function requestJson({ method, url, headers, body, ca }: JsonRequest): Promise<JsonAnswer> {
  const failed = (reason: string): RequestError => new RequestError(`${url.host}: ${reason}`);
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; bytes: Buffer }>();
  const options = {
    method,
    headers: {
      accept: "application/json",
      ...(payload === undefined ? {} : { "content-type": "application/json", "content-length": payload.length }),
      ...headers,
    },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    // Said explicitly, because NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment changes only the default.
    ...(url.protocol === "https:" ? { rejectUnauthorized: true, minVersion: "TLSv1.2" as const } : {}),
    ...(ca === undefined ? {} : { ca }),
  };
  const request = (url.protocol === "https:" ? requestTls : requestPlain)(url, options, (response) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > ANSWER_BYTES_MAX) response.destroy(failed(`answered more than ${ANSWER_BYTES_MAX} bytes`));
      else chunks.push(chunk);
    });
    response.on("end", () => resolve({ status: response.statusCode ?? 0, bytes: Buffer.concat(chunks) }));
    response.on("error", reject);
  });
  request.on("error", reject);
  request.end(payload);
  try {
    const { status, bytes } = await promise;
    return { status, body: bytes.length === 0 ? undefined : (JSON.parse(bytes.toString("utf8")) as unknown) };
  } catch (thrown) {
    if (thrown instanceof RequestError) throw thrown;
    if (thrown instanceof SyntaxError) throw failed("did not answer in JSON");
    if (thrown instanceof Error && thrown.name === "TimeoutError") throw failed(`no answer within ${TIMEOUT_MS} ms`);
    throw failed(thrown instanceof Error && "code" in thrown ? String(thrown.code) : "cannot be reached");
  } finally {
    payload?.fill(0);
  }
}

/** What stands there in a JSON value; undefined when anything on the way is not an object. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const part of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, part)) return undefined;
    here = (here as Readonly<Record<string, unknown>>)[part];
  }
  return here;
}
