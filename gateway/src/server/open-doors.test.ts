/** What the gateway does for somebody who has proven nothing: little, and nothing that others have to wait for. */
import { randomBytes } from "node:crypto";
import http from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey } from "../identity/keys.ts";
import { AUDIENCE, type Idp, startIdp } from "../identity/test/idp.ts";
import { documentFor } from "./test/config.ts";
import { type Started, startForTest } from "./test/running.ts";

let idp: Idp;
let sluice: Started;
let directory: string;

beforeAll(async () => {
  idp = await startIdp();
  const { document } = await documentFor({});
  const scim = await newKey(randomBytes);
  directory = scim.token;
  document.keys[scim.id] = { hash: scim.hash, principal: "service:directory", purposes: ["support"] };
  sluice = await startForTest(() =>
    JSON.stringify({
      ...document,
      rehearsal: true,
      identity: {
        providers: {
          corp: {
            kind: "oidc",
            issuer: idp.issuer,
            audience: [AUDIENCE],
            groups_claim: "groups",
            scim: { key: scim.id },
          },
        },
        groups: { support: { from: ["corp:Support"], purposes: ["support"] } },
      },
    }),
  );
});
afterAll(async () => {
  await sluice.stop();
  await idp.stop();
});

/** `bytes`: how long the body says that it is; without `body` nothing of it is ever sent. Gives the status of the answer. */
function send(path: string, { bytes = 0, body, headers = {}, from = "127.0.0.1" }: Sent = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? bytes : Buffer.byteLength(body);
    const request = http.request(sluice.url + path, {
      method: length === 0 ? "GET" : "POST",
      localAddress: from,
      headers: {
        ...(length === 0 ? {} : { "content-type": "application/json", "content-length": String(length) }),
        ...headers,
      },
    });
    request.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
    request.on("error", reject);
    if (length === 0 || body !== undefined) request.end(body);
    else request.flushHeaders();
  });
}

interface Sent {
  readonly bytes?: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly from?: string;
}

describe("a body of megabytes without a credential", () => {
  it.each([
    ["/decide/x", 413],
    ["/slack/interactions", 413],
    ["/login/backchannel-logout", 413],
    ["/oauth/token", 415],
    ["/scim/v2/Users", 401],
    ["/api/scrub", 401],
    ["/no/such/endpoint", 404],
  ])("to %s is answered before any of it is there (%i)", async (path, status) => {
    expect(await send(path, { bytes: 4_000_000 })).toBe(status);
  });

  it("is read of a directory that has proven itself", async () => {
    const body = JSON.stringify({ userName: "mara", externalId: "mara", photos: "x".repeat(1_000_000) });
    expect(await send("/scim/v2/Users", { body, headers: { authorization: `Bearer ${directory}` } })).toBe(201);
  });
});

describe("logging in", () => {
  it("is not taken from others by an address that does it too often", async () => {
    const begin = (from: string): Promise<number> => send("/login/start?provider=none", { from });
    const first: number[] = [];
    for (let i = 0; i < 40; i++) first.push(await begin("127.0.0.1"));
    expect([first[0], first.at(-1)]).toEqual([401, 429]);
    // More than all addresses together may.
    for (let i = 0; i < 600; i++) await begin("127.0.0.1");
    expect(await begin("127.0.0.2")).toBe(401);
  });
});
