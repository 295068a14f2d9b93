/** The policy version: one text for one effective configuration, however the file is laid out, and without any secret. */
import { hash } from "node:crypto";
import { isObject } from "./plain.ts";

/** The canonical JSON of `effective`, and base64url SHA-256 (43 characters) over it. */
export function versionOf(effective: unknown): { readonly hash: string; readonly effective: string } {
  const text = canonical(effective);
  return { hash: hash("sha256", text, "base64url"), effective: text };
}

/** Members in the order of their UTF-16 code units, no spaces: RFC 8785 for the plain values a configuration holds. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, each]) => each !== undefined);
  const inOrder = members.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${inOrder.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(",")}}`;
}
