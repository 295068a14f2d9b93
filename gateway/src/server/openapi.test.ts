import { afterAll, beforeAll, expect, it } from "vitest";
import { type Started, startForTest } from "./test/running.ts";

let sluice: Started;
beforeAll(async () => {
  sluice = await startForTest();
});
afterAll(() => sluice.stop());

it("describes the scrub API in OpenAPI 3.1, from the schemas that check it", async () => {
  const document = (await (await fetch(`${sluice.url}/openapi.json`)).json()) as {
    openapi: string;
    paths: Record<
      string,
      { post: { requestBody: { content: { "application/json": { schema: { properties: object } } } } } }
    >;
  };
  expect(document.openapi).toBe("3.1.0");
  expect(Object.keys(document.paths).toSorted()).toEqual(
    [
      "/api/keys",
      "/api/keys/rotate",
      "/api/scrub",
      "/api/proxy",
      "/api/restore",
      "/presidio/analyze",
      "/presidio/anonymize",
      "/presidio/deanonymize",
      "/presidio/recognizers",
      "/presidio/supportedentities",
      "/presidio/anonymizers",
      "/presidio/deanonymizers",
      "/api/consents",
      "/api/consents/withdraw",
      "/api/opt-outs",
      "/api/consents/history",
      "/api/reviews",
      "/api/reviews/{id}",
      "/api/reviews/{id}/votes",
      "/api/reviews/{id}/cancel",
      "/api/grants/{id}/revoke",
      "/api/break-glass",
      "/api/breach",
      "/api/evidence/bundle",
      "/api/recordings/{exchange}",
      "/api/recordings/{exchange}/reveal",
      "/api/recordings/{exchange}/export",
      "/api/exports",
      "/api/erasures",
      "/api/erasures/{id}",
      "/api/erasures/{id}/certificate",
      "/api/holds",
      "/api/holds/{id}/release",
      "/api/holds/{id}/renew",
      "/api/retention",
      "/api/retention/run",
      "/api/subjects/erase",
      "/api/subjects/export",
      "/api/subjects/find",
      "/oauth/token",
    ].toSorted(),
  );
  const proxy = document.paths["/api/proxy"]?.post.requestBody.content["application/json"].schema;
  expect(Object.keys(proxy?.properties ?? {})).toEqual([
    "provider",
    "model",
    "messages",
    "scrub",
    "stream",
    "max_tokens",
    "temperature",
  ]);
});

it("answers health, readiness and metrics without a key, and nothing else", async () => {
  for (const path of ["/health", "/ready", "/metrics"]) expect((await fetch(`${sluice.url}${path}`)).status).toBe(200);
  for (const path of ["/api/scrub", "/v1/models", "/v1/chat/completions"]) {
    const reply = await fetch(`${sluice.url}${path}`, {
      method: path === "/v1/models" ? "GET" : "POST",
      body: path === "/v1/models" ? null : "{}",
      headers: { "content-type": "application/json" },
    });
    expect([path, reply.status]).toEqual([path, 401]);
  }
});

it("tells who knows only the URL how to sign in (RFC 9728), and refuses with the way there", async () => {
  const refused = await fetch(`${sluice.url}/v1/models`);
  const challenge = refused.headers.get("www-authenticate") ?? "";
  expect([refused.status, challenge]).toEqual([
    401,
    `Bearer resource_metadata="${sluice.url}/.well-known/oauth-protected-resource"`,
  ]);
  const metadata = await fetch(/resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? "");
  expect(await metadata.json()).toMatchObject({ resource: sluice.url, bearer_methods_supported: ["header"] });
  const api = await fetch(`${sluice.url}/api/restore`, { method: "POST", body: "{}" });
  expect(api.headers.get("www-authenticate")).toBe(challenge);
});
