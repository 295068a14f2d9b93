/**
 * Policy files → PolicySet. Whatever is not understood as a whole is refused with its place: a text that does not parse, a
 * fact or a type that the schema does not have, a name that sluice.yaml does not have, an annotation that nobody acts upon.
 * A policy that was loaded can be asked; it may still never match, which check.ts tells.
 */
import { hash } from "node:crypto";
import type { Connection, Purpose } from "../core/connection.ts";
import type { Obligations } from "../core/decision.ts";
import { SluiceError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import { ROLES } from "../core/principal.ts";
import { cedar, type Engine, type PolicyJson } from "./cedar.ts";
import { isDuty, type Named, NO_OBLIGATIONS, readAnnotations } from "./obligations.ts";
import { SCHEMA } from "./schema.ts";
import { EVIDENCE_ID, type Scope, scopeOf } from "./scope.ts";
import { formatPolicyProblem, type Place, type PolicyFiles, type PolicyProblem, PolicyText } from "./source.ts";
import { referencesOf } from "./uses.ts";

export const POLICIES_MAX = 1_000;

/** Names that policies may use. What is misspelled would never match, and a forbid that never matches is a hole. */
export interface Vocabulary {
  readonly connections: readonly Connection[];
  readonly groups: Iterable<string>;
  readonly purposes: ReadonlyMap<string, Purpose>;
  /** Types of the operator's own recognizers. */
  readonly types?: Iterable<string>;
}

export interface Policy extends Place {
  /** `@id`, else the file's name and which policy of it: `support.cedar:2`. */
  readonly id: string;
  readonly effect: "permit" | "forbid";
  readonly text: string;
  readonly description?: string;
  readonly obligations: Obligations;
  /** A permit that adds obligations where another one permits, and permits nothing by itself. */
  readonly duty: boolean;
  readonly scope: Scope;
  readonly json: PolicyJson;
  /** Cedar has proved from the schema that no request can match. */
  readonly impossible: boolean;
}

export interface PolicySet {
  /** In the order of the files' names and in each of its lines. */
  readonly policies: readonly Policy[];
  /** base64url SHA-256 over names and texts of the files in the order of their names. */
  readonly hash: string;
  readonly vocabulary: Vocabulary;
}

/** Throws `policy_invalid` whose message lists every problem, one a line. */
export function loadPolicies(files: PolicyFiles, vocabulary: Vocabulary): PolicySet {
  const { set, problems } = readPolicies(files, vocabulary);
  if (set !== undefined) return set;
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  throw new SluiceError(
    "policy_invalid",
    [`the policies have ${count}:`, ...problems.map(formatPolicyProblem)].join("\n"),
  );
}

/** The set is absent when there is a problem. */
export function readPolicies(
  { files }: PolicyFiles,
  vocabulary: Vocabulary,
): { readonly set?: PolicySet; readonly problems: readonly PolicyProblem[] } {
  const engine = cedar();
  const problems: PolicyProblem[] = [];
  const inOrder = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const drafts = inOrder.flatMap((file) => parseFile(new PolicyText(file.name, file.text), engine, problems));
  const [beyond] = drafts.slice(POLICIES_MAX);
  if (beyond !== undefined) {
    problems.push({ ...beyond.at(0), message: `more than ${POLICIES_MAX} policies` });
    return { problems };
  }

  const ids = new Map<string, Draft>();
  for (const draft of drafts) {
    const other = ids.get(draft.id);
    if (other === undefined) ids.set(draft.id, draft);
    else
      problems.push({
        ...draft.at(0),
        message: `@id("${draft.id}") is taken by the policy at ${other.at(0).file}:${other.at(0).line}`,
      });
  }
  const named: Named & Vocabulary = {
    ...vocabulary,
    groups: new Set(vocabulary.groups),
    types: new Set(vocabulary.types),
  };
  const impossible = validate(ids, engine, problems);
  const policies = drafts.map((draft) => finish(draft, named, impossible.has(draft.id), problems));
  if (problems.length > 0) {
    const rank = new Map(inOrder.map(({ name }, at) => [name, at]));
    const place = (each: PolicyProblem): number => rank.get(each.file) ?? 0;
    return { problems: problems.toSorted((a, b) => place(a) - place(b) || a.line - b.line || a.column - b.column) };
  }
  const text = JSON.stringify(inOrder.map(({ name, text: own }) => [name, own]));
  return { set: { policies, hash: hash("sha256", text, "base64url"), vocabulary }, problems };
}

interface Draft {
  readonly id: string;
  readonly text: string;
  readonly json: PolicyJson;
  /** Place of a byte of `text`. */
  readonly at: (offset: number) => Place;
}

function parseFile(source: PolicyText, engine: Engine, problems: PolicyProblem[]): Draft[] {
  const parts = engine.policySetTextToParts(source.code);
  if (parts.type === "failure") {
    for (const error of parts.errors) {
      problems.push({ ...source.place(error.sourceLocations?.[0]?.start ?? 0), message: sentence(error) });
    }
    return [];
  }
  for (const { offset } of source.locate(parts.policy_templates)) {
    problems.push({
      ...source.place(offset),
      message: "is a template (it has a ?slot); policies name whom they speak of",
    });
  }
  return source.locate(parts.policies).flatMap(({ text, offset }, index): Draft[] => {
    const at = (inside: number): Place => source.place(offset + inside);
    const parsed = engine.policyToJson(text);
    if (parsed.type === "failure") {
      for (const error of parsed.errors)
        problems.push({ ...at(error.sourceLocations?.[0]?.start ?? 0), message: sentence(error) });
      return [];
    }
    const id = parsed.json.annotations?.["id"];
    return [
      { id: typeof id === "string" && id !== "" ? id : `${source.file}:${index + 1}`, text, json: parsed.json, at },
    ];
  });
}

/** Reports what the schema does not allow; returns the ids of the policies that it proves impossible. */
function validate(drafts: ReadonlyMap<string, Draft>, engine: Engine, problems: PolicyProblem[]): ReadonlySet<string> {
  const texts = Object.fromEntries([...drafts].map(([id, { text }]) => [id, text]));
  const answer = engine.validate({
    schema: SCHEMA,
    policies: { staticPolicies: texts },
    validationSettings: { mode: "strict" },
  });
  if (answer.type === "failure")
    throw new Error(`assertion: ${answer.errors.map(({ message }) => message).join("; ")}`);
  // Cedar says the same thing of each action that the policy is for.
  const said = new Set<string>();
  for (const { policyId, error } of answer.validationErrors) {
    const draft = drafts.get(policyId);
    const start = error.sourceLocations?.[0]?.start ?? 0;
    const key = `${policyId}:${start}`;
    if (draft === undefined || said.has(key)) continue;
    said.add(key);
    problems.push({ ...draft.at(start), message: sentence(error) });
  }
  const warned = answer.validationWarnings.filter(({ error }) => error.message.includes("policy is impossible"));
  return new Set(warned.map(({ policyId }) => policyId));
}

function finish(draft: Draft, named: Named & Vocabulary, impossible: boolean, problems: PolicyProblem[]): Policy {
  const { id, text, json, at } = draft;
  const annotations: Readonly<Record<string, string | null>> = json.annotations ?? {};
  let obligations = NO_OBLIGATIONS;
  try {
    obligations = readAnnotations(annotations, id, json.effect, named);
  } catch (thrown) {
    problems.push({ ...at(0), message: thrown instanceof Error ? thrown.message : String(thrown) });
  }
  for (const { type, id: name } of referencesOf(json)) {
    const known = namesOf(type, named);
    if (known === undefined || known.includes(name)) continue;
    const quoted = `${type}::${JSON.stringify(name)}`;
    const offset = Buffer.byteLength(text.slice(0, Math.max(0, text.indexOf(JSON.stringify(name)))));
    problems.push({ ...at(offset), message: `unknown ${quoted}${didYouMean(name, known)}` });
  }
  if (hasUnsafeNumber(json.conditions)) {
    problems.push({ ...at(0), message: `has a number beyond ${Number.MAX_SAFE_INTEGER}; no fact is as large` });
  }
  const { description } = annotations;
  return {
    ...at(0),
    id,
    effect: json.effect,
    text,
    ...(typeof description === "string" ? { description } : {}),
    obligations,
    duty: isDuty(annotations),
    scope: scopeOf(json),
    json,
    impossible,
  };
}

/** The syntax tree comes as JSON, where such a number is no longer the one that was written. */
function hasUnsafeNumber(value: unknown): boolean {
  if (typeof value === "number") return !Number.isSafeInteger(value);
  return typeof value === "object" && value !== null && Object.values(value).some(hasUnsafeNumber);
}

/** What an entity of this type may be called; undefined: anything (a principal), or Cedar has looked already (an action). */
function namesOf(type: string, { connections, groups, purposes }: Named & Vocabulary): readonly string[] | undefined {
  switch (type) {
    case "Group":
      return [...groups];
    case "Role":
      return ROLES;
    case "Connection":
      return connections.map(({ name }) => name);
    case "Tag":
      return connections.flatMap(({ tags }) => tags);
    case "Purpose":
      return [...purposes.keys()];
    case "Evidence":
      return [EVIDENCE_ID];
    default:
      return undefined;
  }
}

interface Said {
  readonly message: string;
  readonly help: string | null;
  readonly sourceLocations?: readonly { readonly label: string | null }[];
}

/** Cedar's message without the name that the policy goes by inside of it. */
function sentence({ message, help, sourceLocations }: Said): string {
  const said = message
    .replace(/^for policy `[^`]*`, /, "")
    .replace(/^failed to parse polic(?:y|ies) from string: /, "")
    .replace(/ for Action::"[^"]*" not found$/, " not found");
  const label = sourceLocations?.[0]?.label;
  const hints = [label, help].flatMap((hint) =>
    typeof hint !== "string" ? [] : [hint.replace(/^for policy `[^`]*`, /, "")],
  );
  return [said, ...hints].join("; ");
}
