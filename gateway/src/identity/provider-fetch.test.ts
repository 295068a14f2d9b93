import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressRefusal, checkedLookup } from "../protocols/http/address.ts";
import { createProviderFetch } from "./provider-fetch.ts";

const PUBLIC = "https://8.8.8.8";
const fetching = createProviderFetch({ lookup: checkedLookup, refusal: addressRefusal });
let server: Server;
let port: number;
let asked = 0;

beforeAll(async () => {
  server = createServer((_req, res) => {
    asked += 1;
    res.writeHead(200, { "content-type": "application/json" }).end('{"keys":[]}');
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  await fetching.close();
  await new Promise((resolve) => server.close(resolve));
});

describe("what a provider's own documents name", () => {
  test.each(["127.0.0.1", "localhost", "[::1]"])("is not dialled inside (%s) for a public provider", async (host) => {
    const before = asked;
    const url = `http://${host}:${port}/jwks`;
    await expect(fetching.fetchJson(new URL(url), PUBLIC)).rejects.toMatchObject({
      code: "provider_unavailable",
      message: expect.stringContaining("not public") as string,
    });
    await expect(fetching.fetchFor(PUBLIC)(url, {})).rejects.toThrow();
    expect(asked).toBe(before);
  });

  test("is dialled inside for a provider that is there itself, by address or by name", async () => {
    const url = new URL(`http://127.0.0.1:${port}/jwks`);
    for (const issuer of ["http://127.0.0.1:1", "http://localhost:1", "https://10.0.0.7"])
      expect(await fetching.fetchJson(url, issuer)).toEqual({ keys: [] });
    const answer = await fetching.fetchFor("http://localhost:1")(url.href, {});
    expect(await answer.json()).toEqual({ keys: [] });
  });

  test("is never a cloud metadata service, whoever names it", async () => {
    const url = new URL("http://169.254.169.254/latest/meta-data");
    await expect(fetching.fetchJson(url, url.href)).rejects.toMatchObject({ code: "provider_unavailable" });
  });
});
