/** What the gateway does for somebody who has proven nothing: little, and nothing that others have to wait for. */
import { randomBytes } from "node:crypto";
import http from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
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

/** Resolves with the answer's status as soon as it is there, whether or not the body was sent to its end. */
function send(path: string, body: string, headers: Record<string, string> = {}, from = "127.0.0.1"): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.request(sluice.url + path, {
      method: body === "" ? "GET" : "POST",
      localAddress: from,
      headers: { "content-type": "application/json", "content-length": String(body.length), ...headers },
    });
    let status = 0;
    request.on("response", (response) => {
      status = response.statusCode ?? 0;
      response.resume();
      response.on("close", () => resolve(status));
    });
    request.on("error", (thrown) => (status === 0 ? reject(thrown) : undefined));
    request.end(body === "" ? undefined : body);
  });
}

describe("a body of megabytes without a credential", () => {
  const big = JSON.stringify({ logout_token: "x", list: Array.from({ length: 2_000_000 }, () => 0) });

  it.each([
    ["/decide/x", 413],
    ["/slack/interactions", 413],
    ["/login/backchannel-logout", 413],
    ["/oauth/token", 415],
    ["/scim/v2/Users", 401],
    ["/api/scrub", 401],
    ["/no/such/endpoint", 404],
  ])("to %s is not read (%i)", async (path, status) => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    expect(await send(path, big)).toBe(status);
    delay.disable();
    // Parsing it takes some 400 ms.
    expect(delay.max / 1e6).toBeLessThan(150);
  });

  it("is read of a directory that has proven itself", async () => {
    const body = JSON.stringify({ userName: "mara", externalId: "mara", photos: "x".repeat(1_000_000) });
    expect(await send("/scim/v2/Users", body, { authorization: `Bearer ${directory}` })).toBe(201);
  });
});

describe("logging in", () => {
  it("is not taken from others by an address that does it too often", async () => {
    const begin = (from: string): Promise<number> => send("/login/start?provider=none", "", {}, from);
    const first: number[] = [];
    for (let i = 0; i < 40; i++) first.push(await begin("127.0.0.1"));
    expect([first[0], first.at(-1)]).toEqual([401, 429]);
    // More than all addresses together may.
    for (let i = 0; i < 600; i++) await begin("127.0.0.1");
    expect(await begin("127.0.0.2")).toBe(401);
  });
});
