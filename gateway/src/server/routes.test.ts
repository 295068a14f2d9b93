/**
 * Walks every route of the control API: what changes something, and every reading of evidence and reviews, leaves a record; and what
 * asks nobody who he is through the guard shows nothing that is not public, or asks in its own way.
 */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey } from "../identity/keys.ts";
import { CLIENT_ID, type LoginProvider, startLoginProvider } from "../identity/test/login-provider.ts";
import { newSigningKey } from "../identity/test/saml-idp.ts";
import { type Permission, PERMISSIONS, permissionRow } from "./permissions.ts";
import { documentFor } from "./test/config.ts";
import { leaves, leafWhere, type RecordedLeaf } from "./test/recorded.ts";
import { type Started, startForTest } from "./test/running.ts";

let sluice: Started;
let officer: string;

beforeAll(async () => {
  const { document } = await documentFor({});
  const { id, hash, token } = await newKey(randomBytes);
  officer = token;
  document.keys[id] = {
    hash,
    principal: "service:everything",
    purposes: ["support"],
    roles: ["user", "approver", "privacy-officer", "auditor", "operator"],
  };
  sluice = await startForTest(() =>
    JSON.stringify({ ...document, evidence: { ...(document["evidence"] as object), public: false } }),
  );
});
afterAll(() => sluice.stop());

/** Routes whose use leaves no record of its own, and why. */
const UNRECORDED: Readonly<Partial<Record<Permission, string>>> = {
  "exports.read": "indexes of the log and names of destinations; a monitor that asks each minute would fill the log",
  open: "see the table of open routes",
  exchange: "the exchange that it opens is on record with intent and outcome",
  "consent.write": "the ledger records each word with its purpose",
  "reviews.decide": "the desk records each vote with what comes of it",
  "reviews.cancel": "the desk records it",
  "grants.revoke": "the desk records it",
  "break-glass": "the desk records it, as an alarm",
  "recordings.replay": "each replay and export is on record before anything is opened",
  "recordings.reveal": "it is on record, with its purpose, before anything is shown",
  "subjects.find": "each search is on record with how much it found, and never for whom",
  "subjects.export": "the copy is on record before anything is opened",
  "subjects.erase": "the erasure is on record before it begins, and so is its refusal",
  "holds.write": "holds are on record before they stand or end",
  "retention.run": "what is about to go is on record before it goes",
};

const isReading = (method: string): boolean => ["GET", "HEAD", "OPTIONS"].includes(method);

describe("the control API", () => {
  it("has routes, each with a permission, and nobody uses one without", async () => {
    const { routes } = sluice.gateway;
    expect(routes.length).toBeGreaterThan(25);
    for (const { method, url, permission } of routes) {
      if (permission === "open") continue;
      const response = await fetch(`${sluice.url}${url.replace(/:\w+|\*/g, "rv-1")}`, { method, redirect: "manual" });
      expect([method, url, response.status]).toEqual([method, url, 401]);
    }
  });

  it("leaves a record of every use that changes something or reads what is protected", async () => {
    for (const { method, url, permission } of sluice.gateway.routes) {
      const { record } = permissionRow(permission);
      if (record === "never") {
        expect([url, UNRECORDED[permission] !== undefined]).toEqual([url, true]);
        continue;
      }
      if (record === "changes" && isReading(method)) continue;
      const before = sluice.gateway.log.size;
      await fetch(`${sluice.url}${url.replace(/:\w+/g, "rv-1").replace("*", "checkpoint")}`, {
        method,
        headers: { authorization: `Bearer ${officer}`, "content-type": "application/json" },
        ...(isReading(method) ? {} : { body: "{}" }),
      });
      expect([method, url, sluice.gateway.log.size > before]).toEqual([method, url, true]);
    }
  });

  it("records readings of evidence and reviews whatever their answer, and every permission that may change something", () => {
    for (const permission of ["evidence.read", "reviews.read", "consent.read"] as const) {
      expect([permission, permissionRow(permission).record]).toEqual([permission, "each"]);
    }
    for (const permission of Object.keys(PERMISSIONS) as Permission[]) {
      const silent = permissionRow(permission).record === "never";
      expect([permission, silent]).toEqual([permission, UNRECORDED[permission] !== undefined]);
    }
  });
});

/** One try to get in, and what has to come of it. */
interface Try {
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
  readonly code: string;
  /** What the answer holds. Default: the code. */
  readonly says?: RegExp;
}

/** What anybody gets, or who is refused and how. A refusal is on record before it is answered. */
type OpenRoute =
  | { readonly shows: RegExp; readonly path?: string; readonly status?: number }
  | { readonly without: Try; readonly wrong: Try; readonly path?: string };

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const JSON_BODY = { headers: { "content-type": "application/json" }, body: "{}" };
const WRONG_KEY = `sluice_${"a".repeat(16)}_${"b".repeat(43)}`;
const KEY_MISSING = { status: 401, code: "key_missing" };
const KEY_INVALID = { headers: { authorization: `Bearer ${WRONG_KEY}` }, status: 401, code: "key_invalid" };
const LOGIN_FAILED = { status: 401, code: "login_failed" };
const LINK_INVALID = { status: 404, code: "link_invalid" };

/** RFC 7644 section 3.12 has no place for a code of ours. */
const SCIM_ERROR = { says: /^\{"schemas":\["urn:ietf:params:scim:api:messages:2\.0:Error"\],"status":"401"/ };
const scimReading: OpenRoute = { without: { ...KEY_MISSING, ...SCIM_ERROR }, wrong: { ...KEY_INVALID, ...SCIM_ERROR } };
const scimChange: OpenRoute = {
  without: { ...KEY_MISSING, ...SCIM_ERROR, ...JSON_BODY },
  wrong: { ...KEY_INVALID, ...SCIM_ERROR, ...JSON_BODY, headers: { ...KEY_INVALID.headers, ...JSON_BODY.headers } },
};
/** Who has no link has a link that is none. */
const link = (path: string): OpenRoute => ({ without: LINK_INVALID, wrong: LINK_INVALID, path });

/** Every route that the guard lets everybody through to. What is new here is a decision: it needs a row. */
const OPEN: Readonly<Record<string, OpenRoute>> = {
  "GET /health": { shows: /"status":"ok"/ },
  "GET /ready": { shows: /"status":"ready"/ },
  "GET /metrics": { shows: /^# HELP /m },
  "GET /openapi.json": { shows: /"openapi":"3\.1\.0"/ },
  "GET /presidio/health": { shows: /Presidio/ },
  "GET /.well-known/oauth-protected-resource": { shows: /"resource":/ },
  "GET /evidence/proof/:id": { shows: /^c2sp\.org\/tlog-proof/, path: "/evidence/proof/0" },
  "GET /evidence/*": { shows: /^test\.example\/log\n/, path: "/evidence/checkpoint" },
  "GET /login": { shows: /Who vouches for you/ },
  "GET /login/start": { shows: /^$/, path: "/login/start?provider=corp", status: 303 },
  "GET /login/callback": {
    without: { query: "?code=x&state=y", ...LOGIN_FAILED },
    wrong: { query: "?code=x&state=y", headers: { cookie: `__Host-sluice-login=${"x".repeat(200)}` }, ...LOGIN_FAILED },
  },
  "POST /login/saml/acs": {
    without: { headers: FORM, body: "SAMLResponse=PGE%2BPC9hPg%3D%3D", ...LOGIN_FAILED },
    wrong: {
      headers: { ...FORM, cookie: `__Host-sluice-saml=${"x".repeat(200)}` },
      body: "SAMLResponse=PGE%2BPC9hPg%3D%3D",
      ...LOGIN_FAILED,
    },
  },
  "GET /login/saml/metadata": {
    shows: /entityID="https:\/\/sluice\.example/,
    path: "/login/saml/metadata?provider=partner",
  },
  "POST /login/backchannel-logout": {
    without: { headers: FORM, body: "", status: 400, code: "field_invalid" },
    wrong: { headers: FORM, body: "logout_token=a.b.c", status: 401, code: "token_invalid" },
  },
  "GET /decide/:token": link(`/decide/${"A".repeat(64)}`),
  "POST /decide/:token": link(`/decide/${"A".repeat(64)}`),
  "POST /decide/:token/preview": link(`/decide/${"A".repeat(64)}/preview`),
  "POST /slack/interactions": {
    without: { headers: FORM, body: "payload=%7B%7D", status: 401, code: "signature_invalid" },
    wrong: {
      headers: {
        ...FORM,
        "x-slack-request-timestamp": String(Math.floor(Date.now() / 1_000)),
        "x-slack-signature": `v0=${"0".repeat(64)}`,
      },
      body: "payload=%7B%7D",
      status: 401,
      code: "signature_invalid",
    },
  },
  "GET /assets/passkeys-*.js": { shows: /navigator\.credentials/ },
  "POST /oauth/token": {
    without: {
      headers: FORM,
      body: "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange",
      status: 400,
      code: "field_invalid",
    },
    wrong: {
      headers: { ...FORM, authorization: `Bearer ${WRONG_KEY}` },
      body: new URLSearchParams({
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token: "a.b.c",
        subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      }).toString(),
      status: 401,
      code: "key_invalid",
    },
  },
  "GET /scim/v2/ServiceProviderConfig": scimReading,
  "GET /scim/v2/ResourceTypes": scimReading,
  "GET /scim/v2/Users": scimReading,
  "GET /scim/v2/Users/:id": scimReading,
  "POST /scim/v2/Users": scimChange,
  "PUT /scim/v2/Users/:id": scimChange,
  "PATCH /scim/v2/Users/:id": scimChange,
  "DELETE /scim/v2/Users/:id": scimReading,
  "GET /scim/v2/Groups": scimReading,
  "GET /scim/v2/Groups/:id": scimReading,
  "POST /scim/v2/Groups": scimChange,
  "PUT /scim/v2/Groups/:id": scimChange,
  "PATCH /scim/v2/Groups/:id": scimChange,
  "DELETE /scim/v2/Groups/:id": scimReading,
};

describe("routes that ask nobody who he is", () => {
  let open: Started;
  let provider: LoginProvider;
  /** A key that is good, and no directory's. */
  let stranger: string;

  beforeAll(async () => {
    provider = await startLoginProvider(["https://sluice.example/login/callback"]);
    const { document, token } = await documentFor({});
    stranger = token;
    const scim = await newKey(randomBytes);
    document.keys[scim.id] = { hash: scim.hash, principal: "service:directory", purposes: ["support"] };
    process.env["SLUICE_TEST_SLACK"] = "a secret of the test";
    open = await startForTest((dir) => {
      writeFileSync(join(dir, "idp.pem"), newSigningKey().cert);
      return JSON.stringify({
        ...document,
        identity: {
          resource: "https://sluice.example",
          providers: {
            corp: {
              kind: "oidc",
              issuer: provider.issuer,
              audience: ["sluice"],
              client_id: CLIENT_ID,
              groups_claim: "groups",
              scim: { key: scim.id },
            },
            partner: {
              kind: "saml",
              issuer: "https://idp.example",
              entry_point: "https://idp.example/sso",
              certificates: [`file:${join(dir, "idp.pem")}`],
              entity_id: "https://sluice.example/saml",
              groups_attribute: "groups",
            },
          },
          groups: { officers: { from: ["corp:Legal"], roles: ["approver"], purposes: ["support"] } },
        },
        channels: {
          slack: {
            token: "env:SLUICE_TEST_SLACK",
            signing_secret: "env:SLUICE_TEST_SLACK",
            team: "T01",
            to: { officers: "C01" },
            people: { U01: "corp:olga" },
          },
        },
      });
    });
  });
  afterAll(async () => {
    await open.stop();
    await provider.close();
  });

  /** A HEAD is a GET without its body. The script's name holds its hash. */
  const rowOf = (method: string, url: string): readonly [name: string, row: OpenRoute | undefined] => {
    const name = `${method === "HEAD" ? "GET" : method} ${url.replace(/(?<=passkeys-)[0-9a-f]+/, "*")}`;
    return [name, OPEN[name]];
  };
  const isOpen = ({ permission }: { readonly permission: Permission }): boolean => permission === "open";

  it("are the ones of the table, and no others", () => {
    const names = open.gateway.routes.filter(isOpen).map(({ method, url }) => rowOf(method, url)[0]);
    expect([...new Set(names)].sort()).toEqual(Object.keys(OPEN).sort());
  });

  it("show what is public, and else refuse, by name and on record, whoever has no credential or a wrong one", async () => {
    const expected: { readonly what: string; readonly at: number; readonly code: string }[] = [];
    for (const { method, url } of open.gateway.routes.filter(isOpen)) {
      const [name, row] = rowOf(method, url);
      if (row === undefined) throw new Error(`${name} has no row`);
      const path = row.path ?? url.replace(/:\w+/g, "x");
      const tries: readonly (Partial<Try> & { readonly status: number })[] =
        "shows" in row ? [{ status: row.status ?? 200 }] : [row.without, row.wrong];
      for (const { query = "", headers = {}, body, status, code, says } of tries) {
        const at = open.gateway.log.size;
        const response = await fetch(`${open.url}${path}${query}`, {
          method,
          redirect: "manual",
          headers,
          ...(body === undefined ? {} : { body }),
        });
        const text = await response.text();
        const what = `${method} ${url} ${code ?? "for everybody"}`;
        expect([what, response.status]).toEqual([what, status]);
        const holds = "shows" in row ? row.shows : (says ?? new RegExp(code ?? ""));
        if (method !== "HEAD") expect([what, text]).toEqual([what, expect.stringMatching(holds)]);
        if (code !== undefined) expected.push({ what, at, code });
        // A log takes so many refusals at once of those who have proven nothing, and then ten in a second.
        if (code !== undefined) await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    const codeOf = (leaf: RecordedLeaf): unknown => leaf.code ?? (leaf["facts"] as { code?: string } | undefined)?.code;
    const last = expected.at(-1)?.at ?? 0;
    await leafWhere(open.url, "the last refusal", ({ index }) => index >= last);
    const recorded = await leaves(open.url);
    for (const { what, at, code } of expected)
      expect([what, recorded.slice(at, at + 1).map(codeOf)]).toEqual([what, [code]]);
    // Nobody came in, and nothing was changed.
    const names = new Set(recorded.map(({ type, name }) => name ?? type));
    expect([...names].sort()).toEqual(["channel.refused", "denial", "start"]);
  });

  it("of a directory let nobody in who has a good key of somebody else", async () => {
    for (const { method, url } of open.gateway.routes.filter(isOpen)) {
      if (!url.startsWith("/scim/")) continue;
      const response = await fetch(`${open.url}${url.replace(":id", "x")}`, {
        method,
        headers: { authorization: `Bearer ${stranger}`, ...JSON_BODY.headers },
        ...(isReading(method) || method === "DELETE" ? {} : { body: "{}" }),
      });
      expect([method, url, response.status]).toEqual([method, url, 403]);
    }
  });
});
