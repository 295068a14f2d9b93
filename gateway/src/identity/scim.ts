/**
 * The words of SCIM 2.0 (RFC 7643, RFC 7644) as directories really write them: what they ask for, what they change, and how they
 * are answered. Pure. Attributes that are not kept here are taken without a word and forgotten, as RFC 7644 section 3.3 allows.
 */
import { SluiceError } from "../core/errors.ts";
import type { DirectoryGroup, DirectoryUser, GroupWords, UserWords } from "./directory.ts";
import { own } from "./strict-json.ts";

const CORE = "urn:ietf:params:scim:schemas:core:2.0";
const MESSAGES = "urn:ietf:params:scim:api:messages:2.0";
const TEXT = /^[^\p{Cc}]{1,512}$/u;
const OPERATIONS_MAX = 1_000;
const COUNT_MAX = 200;

export function readUser(body: unknown): UserWords {
  return readUserOver({ externalId: undefined, active: true }, body);
}

/**
 * Of what a PUT leaves out, RFC 7644 section 3.5.1 lets a server clear the value or take a default. Here it stays: a directory that
 * changes a name has not said that whoever was shut out may come in again, and `active` has no default that would be safe to take.
 */
export function readUserOver(before: Pick<UserWords, "externalId" | "active">, body: unknown): UserWords {
  const [active, externalId] = [own(body, "active"), own(body, "externalId")];
  return {
    userName: textOf(own(body, "userName"), "userName"),
    externalId: externalId === undefined ? before.externalId : optionalText(externalId, "externalId"),
    active: active === undefined ? before.active : booleanOf(active, "active"),
  };
}

export function readGroup(body: unknown): GroupWords {
  return {
    displayName: textOf(own(body, "displayName"), "displayName"),
    externalId: optionalText(own(body, "externalId"), "externalId"),
    members: membersOf(own(body, "members") ?? []),
  };
}

interface Operation {
  readonly op: "add" | "replace" | "remove";
  readonly path?: string;
  readonly value?: unknown;
}

/** RFC 7644 section 3.5.2. Some directories write the names of operations with a capital. */
function operationsOf(body: unknown): readonly Operation[] {
  const operations = own(body, "Operations");
  if (!Array.isArray(operations) || operations.length === 0 || operations.length > OPERATIONS_MAX)
    throw invalid(`Operations must be a list of 1 to ${OPERATIONS_MAX}`);
  return operations.map((each: unknown): Operation => {
    const op = String(own(each, "op")).toLowerCase();
    const [path, value] = [own(each, "path"), own(each, "value")];
    if (op !== "add" && op !== "replace" && op !== "remove") throw invalid("op must be add, replace or remove");
    if (path !== undefined && typeof path !== "string") throw invalid("path must be a text");
    return {
      op,
      value,
      ...(path === undefined || isSchema(path) ? {} : { path: shortName(path) }),
    };
  });
}

/** RFC 7644 section 3.10: an attribute may be written with its schema's URN before it, and neither has a case. */
const URN = new RegExp(`^${CORE}:(?:User|Group)(?::|$)`.replaceAll(".", "\\."), "i");

function shortName(name: string): string {
  return name.replace(URN, "");
}

function isSchema(name: string): boolean {
  return shortName(name) === "";
}

/** What an operation sets: the attribute of its path, or each member of its value, which may stand under the schema's name. */
function* assignments({ path, value }: Operation): Generator<readonly [name: string, value: unknown], void> {
  if (path !== undefined) {
    yield [path, value];
    return;
  }
  for (const [name, each] of Object.entries(objectOf(value))) {
    const members = isSchema(name) ? Object.entries(objectOf(each)) : [[name, each] as const];
    for (const [member, said] of members) yield [shortName(member), said];
  }
}

export function patchUser(user: DirectoryUser, body: unknown): UserWords {
  let { userName, externalId, active }: UserWords = user;
  const set = (name: string, value: unknown, op: Operation["op"]): void => {
    switch (name.toLowerCase()) {
      case "username":
        userName = textOf(op === "remove" ? undefined : value, "userName");
        break;
      case "externalid":
        externalId = op === "remove" ? undefined : optionalText(value, "externalId");
        break;
      case "active":
        // Not to say whether somebody is active is no reason to let him in.
        active = op === "remove" ? false : booleanOf(value, "active");
        break;
      default:
        break;
    }
  };
  for (const operation of operationsOf(body))
    for (const [name, value] of assignments(operation)) set(name, value, operation.op);
  return { userName, externalId, active };
}

const ONE_MEMBER = /^members\[value eq "([A-Za-z0-9_-]{1,64})"\]$/i;

export function patchGroup(group: DirectoryGroup, body: unknown): GroupWords {
  let { displayName, externalId }: GroupWords = group;
  let members = new Set(group.members);
  const set = (name: string, value: unknown, op: Operation["op"]): void => {
    const one = ONE_MEMBER.exec(name)?.[1];
    if (one !== undefined) {
      if (op !== "remove") throw invalid("a path to one member may only be removed");
      members.delete(one);
      return;
    }
    switch (name.toLowerCase()) {
      case "displayname":
        displayName = textOf(op === "remove" ? undefined : value, "displayName");
        break;
      case "externalid":
        externalId = op === "remove" ? undefined : optionalText(value, "externalId");
        break;
      case "members":
        if (op === "replace") members = new Set(membersOf(value));
        else if (op === "add") for (const each of membersOf(value)) members.add(each);
        else if (value === undefined) members.clear();
        else for (const each of membersOf(value)) members.delete(each);
        break;
      default:
        if (name.toLowerCase().startsWith("members")) throw invalid("a path to members that is not read here");
        break;
    }
  };
  for (const operation of operationsOf(body))
    for (const [name, value] of assignments(operation)) set(name, value, operation.op);
  return { displayName, externalId, members: [...members] };
}

export interface Page {
  readonly startIndex: number;
  readonly count: number;
}

/** RFC 7644 section 3.4.2.4: "A value less than 1 SHALL be interpreted as 1", and less than 0 of `count` as 0. */
export function readPage(startIndex: string | undefined, count: string | undefined): Page {
  return {
    startIndex: Math.max(1, wholeOf(startIndex, 1, "startIndex")),
    count: Math.min(COUNT_MAX, Math.max(0, wholeOf(count, COUNT_MAX, "count"))),
  };
}

const FILTER = /^(userName|externalId|id|displayName) eq ("(?:[^"\\]|\\.){0,512}")$/i;

/** The one form that directories look somebody up by: `userName eq "x"`. Throws filter_invalid for any other. */
export function readFilter(
  filter: string | undefined,
): (resource: { id: string; externalId?: string; userName?: string; displayName?: string }) => boolean {
  if (filter === undefined) return () => true;
  const [, attribute = "", quoted = ""] = FILTER.exec(filter) ?? [];
  const value = parsed(quoted);
  if (value === undefined)
    throw new SluiceError("filter_invalid", 'filter may be userName, externalId, id or displayName eq "…"');
  // RFC 7643: `userName` and `displayName` compare without case, ids with it.
  const lower = value.toLowerCase();
  switch (attribute.toLowerCase()) {
    case "username":
      return ({ userName }) => userName?.toLowerCase() === lower;
    case "displayname":
      return ({ displayName }) => displayName?.toLowerCase() === lower;
    case "externalid":
      return ({ externalId }) => externalId === value;
    default:
      return ({ id }) => id === value;
  }
}

function parsed(quoted: string): string | undefined {
  try {
    const value: unknown = JSON.parse(quoted);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined; // an escape that JSON does not know; the caller names what a filter may be
  }
}

export function userResource(
  { id, userName, externalId, active, createdAt, changedAt }: DirectoryUser,
  base: string,
): object {
  return {
    schemas: [`${CORE}:User`],
    id,
    ...(externalId === undefined ? {} : { externalId }),
    userName,
    active,
    meta: metaOf("User", createdAt, changedAt, `${base}/Users/${id}`),
  };
}

export function groupResource(group: DirectoryGroup, base: string, withMembers = true): object {
  const { id, displayName, externalId, members, createdAt, changedAt } = group;
  return {
    schemas: [`${CORE}:Group`],
    id,
    ...(externalId === undefined ? {} : { externalId }),
    displayName,
    ...(withMembers ? { members: members.map((value) => ({ value, $ref: `${base}/Users/${value}` })) } : {}),
    meta: metaOf("Group", createdAt, changedAt, `${base}/Groups/${id}`),
  };
}

function metaOf(resourceType: string, createdAt: number, changedAt: number, location: string): object {
  const [created, lastModified] = [createdAt, changedAt].map((at) => new Date(at).toISOString());
  return { resourceType, created, lastModified, location };
}

/** `render` is called for what is shown only. */
export function listResponse<T extends object>(
  resources: readonly T[],
  { startIndex, count }: Page,
  render: (resource: T) => object = (resource) => resource,
): object {
  const shown = resources.slice(startIndex - 1, startIndex - 1 + count).map(render);
  return {
    schemas: [`${MESSAGES}:ListResponse`],
    totalResults: resources.length,
    startIndex,
    itemsPerPage: shown.length,
    Resources: shown,
  };
}

/** RFC 7643 section 5: what of the protocol is spoken here. */
export function serviceProviderConfig(base: string): object {
  const [yes, no] = [{ supported: true }, { supported: false }];
  return {
    schemas: [`${CORE}:ServiceProviderConfig`],
    patch: yes,
    bulk: { ...no, maxOperations: 0, maxPayloadSize: 0 },
    filter: { ...yes, maxResults: COUNT_MAX },
    changePassword: no,
    sort: no,
    etag: no,
    authenticationSchemes: [
      {
        type: "oauthbearertoken",
        name: "API key",
        description: "An API key of this gateway as bearer (identity.providers.*.scim)",
      },
    ],
    meta: { resourceType: "ServiceProviderConfig", location: `${base}/ServiceProviderConfig` },
  };
}

export function resourceTypes(base: string): readonly object[] {
  return ["User", "Group"].map((name) => ({
    schemas: [`${CORE}:ResourceType`],
    id: name,
    name,
    endpoint: `/${name}s`,
    schema: `${CORE}:${name}`,
    meta: { resourceType: "ResourceType", location: `${base}/ResourceTypes/${name}` },
  }));
}

/** RFC 7644 section 3.12. */
export function errorResponse(error: SluiceError): { status: number; body: object } {
  const [status, scimType] = statusOf(error);
  return {
    status,
    body: {
      schemas: [`${MESSAGES}:Error`],
      status: String(status),
      ...(scimType === undefined ? {} : { scimType }),
      detail: error.message,
    },
  };
}

function statusOf({ code, kind }: SluiceError): [status: number, scimType?: string] {
  if (code === "filter_invalid") return [400, "invalidFilter"];
  if (code === "json_invalid") return [400, "invalidSyntax"];
  if (code === "body_too_large") return [413];
  if (code === "content_type_unsupported") return [415];
  switch (kind) {
    case "unauthenticated":
      return [401];
    case "denied":
      return [403];
    case "not_found":
      return [404];
    case "conflict":
      return [409, "uniqueness"];
    case "invalid":
      return [400, "invalidValue"];
    case "limit":
      return [429];
    case "upstream":
    case "integrity":
      return [503];
    case "internal":
      return [500];
  }
}

function membersOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((each) => textOf(own(each, "value"), "members.value"));
}

function objectOf(value: unknown): object {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid("an operation without path needs an object of attributes");
  return value;
}

function textOf(value: unknown, name: string): string {
  if (typeof value === "string" && TEXT.test(value)) return value;
  throw invalid(`${name} must be a text of 1 to 512 characters`);
}

function optionalText(value: unknown, name: string): string | undefined {
  return value === undefined || value === null || value === "" ? undefined : textOf(value, name);
}

/** Some directories write booleans as texts, with a capital. */
function booleanOf(value: unknown, name: string): boolean {
  const text = String(value).toLowerCase();
  if ((typeof value === "boolean" || typeof value === "string") && (text === "true" || text === "false"))
    return text === "true";
  throw invalid(`${name} must be true or false`);
}

function wholeOf(text: string | undefined, otherwise: number, name: string): number {
  if (text === undefined) return otherwise;
  if (!/^-?\d{1,9}$/.test(text)) throw invalid(`${name} must be a whole number`);
  return Number(text);
}

function invalid(message: string): SluiceError {
  return new SluiceError("field_invalid", message);
}
