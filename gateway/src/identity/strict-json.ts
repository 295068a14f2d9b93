/**
 * JSON in which no name stands twice. RFC 7519 section 4 lets a parser keep the last of two claims of one name or refuse both;
 * who signs and who reads may choose differently, so here a second one is refused.
 */

/** Nothing that providers put into a token is deeper. */
const DEPTH_MAX = 16;

/** The object that `bytes` hold as UTF-8. Undefined when they hold no object, a name twice, or more than 16 levels. */
export function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return hasNamesOnce(text) ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Not UTF-8 or not JSON. What exactly is wrong with it is the text of a stranger.
    return undefined;
  }
}

/** `text` is JSON already: only names and levels are looked at. */
function hasNamesOnce(text: string): boolean {
  const open: Set<string>[] = [];
  const part = /[{}[\]]|"(?:[^"\\]|\\.)*"(\s*:)?/g;
  for (const [found, colon] of text.matchAll(part)) {
    if (found === "{" || found === "[") {
      open.push(new Set());
      if (open.length > DEPTH_MAX) return false;
    } else if (found === "}" || found === "]") {
      open.pop();
    } else if (colon !== undefined) {
      // Two spellings of one name are one name: "sub" and "su\u0062".
      const name = JSON.parse(found.slice(0, -colon.length)) as string;
      const names = open.at(-1);
      if (names === undefined || names.has(name)) return false;
      names.add(name);
    }
  }
  return true;
}

/** The value of an own member; a claim cannot reach a prototype. */
export function own(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
