/** The endpoints this gateway speaks: one row each, in the table of its family. Anything else is refused, never passed on. */
import { ANTHROPIC } from "./anthropic.ts";
import { OPENAI } from "./openai.ts";
import type { Endpoint } from "./shape.ts";

export { customEndpoint } from "./custom.ts";
export type { Endpoint } from "./shape.ts";

const ENDPOINTS: readonly Endpoint[] = [...OPENAI, ...ANTHROPIC];

/** The endpoint at a path, as it stands in the request line, without query. */
export function findEndpoint(method: string, pathname: string): Endpoint | undefined {
  return ENDPOINTS.find((endpoint) => endpoint.method === method && matches(endpoint.path, pathname));
}

/** Methods that the path takes; empty when there is no such endpoint. */
export function methodsOf(pathname: string): readonly string[] {
  return ENDPOINTS.filter((endpoint) => matches(endpoint.path, pathname)).map((endpoint) => endpoint.method);
}

const PARAMETER = "{id}";

function matches(path: string, pathname: string): boolean {
  if (!path.endsWith(PARAMETER)) return path === pathname;
  const stem = path.slice(0, -PARAMETER.length);
  // A model may be called `connection/model`.
  return pathname.length > stem.length && pathname.startsWith(stem);
}
