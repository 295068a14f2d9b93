/**
 * Plain value → document of the schema, with every problem of form reported. A part that is wrong is left out and the rest is
 * still read, so that one run names everything there is to correct: a misspelt key does not hide an unknown recipient.
 */
import type * as z from "zod";
import { didYouMean } from "./nearest.ts";
import { isObject, valueAt } from "./plain.ts";
import type { Path } from "./problem.ts";
import { type ConfigDocument, documentSchema, jsonSchema } from "./schema.ts";
import type { Report } from "./source.ts";

/** Keys of a YAML document are never symbols. */
const pathOf = (issue: Issue): Path => issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));

type Issue = z.core.$ZodIssue;

/** Nothing in the document is deeper; each round removes at least one part. */
const ROUNDS_MAX = 20;

/** What could be read. Undefined when not even the outline can be. Problems of form are in the report. */
export function readDocument(value: unknown, report: Report): ConfigDocument | undefined {
  const rest = withoutEmptySections(value);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const result = documentSchema.safeParse(rest);
    if (result.success) return result.data;
    if (round === 0) for (const issue of result.error.issues) describe(issue, rest, report);
    // All repairs are found before the first is made: a part that went with another issue must not look missing.
    const repairs = result.error.issues.map((issue) => repairOf(rest, issue));
    if (!repairs.every((repair) => repair !== undefined)) return undefined;
    for (const repair of repairs) repair();
  }
  return undefined;
}

/** `connections:` with everything below it commented out is YAML's null; it means the same as no such key. */
function withoutEmptySections(value: unknown): unknown {
  if (!isObject(value)) return value;
  return structuredClone(Object.fromEntries(Object.entries(value).filter(([, section]) => section !== null)));
}

function describe(issue: Issue, value: unknown, report: Report): void {
  const path = pathOf(issue);
  switch (issue.code) {
    case "unrecognized_keys":
      for (const key of issue.keys) {
        // Reported where the file was read, since records would pass over it in silence.
        if (key === "__proto__") continue;
        report.problem([...path, key], `unknown key${didYouMean(key, keysAt(path))}`, "key");
      }
      return;
    case "invalid_key":
      report.problem(path, `must be ${issue.issues.map((each) => each.message).join("; ")}`, "key");
      return;
    case "invalid_type":
      if (valueAt(value, path) === undefined) report.problem(path, "required key is missing", "key");
      else report.problem(path, `must be ${article(issue.expected)}`);
      return;
    case "invalid_value":
      report.problem(path, `must be one of ${issue.values.map(String).join(", ")}`);
      return;
    case "invalid_union":
      if (issue.discriminator === undefined) report.problem(path, unionMessage(issue));
      else if (valueAt(value, path) === undefined) report.problem(path, "required key is missing", "key");
      else
        report.problem(
          path,
          `must be one of ${("options" in issue ? (issue.options ?? []) : []).map(String).join(", ")}`,
        );
      return;
    case "invalid_format":
    case "too_small":
    case "too_big":
    case "custom":
    case "not_multiple_of":
    case "invalid_element":
      report.problem(path, `must be ${issue.message}`);
  }
}

/** What any of the alternatives asks for; a wrong type matters only when no alternative has the right one. */
function unionMessage(issue: Extract<Issue, { code: "invalid_union" }>): string {
  const inner = issue.errors.flat();
  const form = inner.filter((each) => each.code !== "invalid_type").map((each) => each.message);
  const types = inner.flatMap((each) => (each.code === "invalid_type" ? [article(each.expected)] : []));
  return `must be ${(form.length > 0 ? form : types).join(" or ")}`;
}

function article(type: string): string {
  switch (type) {
    case "object":
    case "record":
      return "a mapping of keys to values";
    case "array":
      return "a list";
    case "boolean":
      return "true or false";
    case "int":
      return "a whole number";
    default:
      return `a ${type}`;
  }
}

/** The keys that the schema knows at `path`, read from the exported JSON Schema so that there is one source. */
function keysAt(path: Path): string[] {
  let at = kindsOf(jsonSchema());
  for (const part of path) at = at.flatMap((each) => kindsOf(memberOf(each, part)));
  return at.flatMap((each) => (isObject(each["properties"]) ? Object.keys(each["properties"]) : []));
}

function memberOf(at: Readonly<Record<string, unknown>>, part: string | number): unknown {
  if (typeof part === "number") return at["items"];
  if (isObject(at["properties"]) && part in at["properties"]) return at["properties"][part];
  return at["additionalProperties"];
}

/** Of entries whose `kind` says what keys they have, all kinds. */
function kindsOf(at: unknown): Readonly<Record<string, unknown>>[] {
  if (!isObject(at)) return [];
  return Array.isArray(at["oneOf"]) ? at["oneOf"].filter(isObject) : [at];
}

/**
 * Stand-ins for required parts that are wrong or missing, so that the rest of the entry is still looked at. A document with a
 * problem never becomes a configuration, so none of them is ever in force.
 */
const STAND_INS: Readonly<Record<string, unknown>> = {
  name: "-",
  contact: "-",
  country: "DE",
  dpv: "dpv:Purpose",
  basis: "eu-gdpr:A6-1-b",
  retention: "P1D",
  role: "controller",
  url: "https://stand-in.invalid",
  credential: "none",
  hash: `scrypt$32768$8$1$${"A".repeat(22)}$${"A".repeat(43)}`,
  principal: "-",
  address: "127.0.0.1:0",
};

/**
 * Mends what the issue is about, or takes out as little as possible: the key, or, where a required one is missing, what it is
 * missing from. An item takes its list with it, so that the indexes of what stays are still those of the file. Undefined when
 * nothing would be left.
 */
function repairOf(root: unknown, issue: Issue): (() => void) | undefined {
  const path = pathOf(issue);
  if (issue.code === "unrecognized_keys") {
    return () => {
      for (const key of issue.keys) remove(root, [...path, key]);
    };
  }
  for (let length = path.length; length > 0; length--) {
    const place = path.slice(0, length);
    const parent = valueAt(root, place.slice(0, -1));
    const part = place.at(-1);
    if (isObject(parent) && part !== undefined) {
      if (length === path.length && Object.hasOwn(STAND_INS, part)) return () => void (parent[part] = STAND_INS[part]);
      if (Object.hasOwn(parent, part)) return () => remove(root, place);
    }
    if (Array.isArray(parent) && path[0] === "listeners" && length === 2 && typeof part === "number") {
      return () => void (parent[part] = { address: STAND_INS["address"] });
    }
  }
  return undefined;
}

function remove(root: unknown, place: Path): void {
  const parent = valueAt(root, place.slice(0, -1));
  const part = place.at(-1);
  if (isObject(parent) && part !== undefined) delete parent[part];
}
