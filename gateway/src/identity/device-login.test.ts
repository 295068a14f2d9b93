import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DeviceCode, deviceLogin, type DeviceServer, deviceServers } from "./device-login.ts";
import { createProviderFetch } from "./provider-fetch.ts";
import { protectedResourceMetadata } from "./resource-metadata.ts";
import { authenticatorFor, codeOf, providerFor, settingsFor } from "./test/authenticator.ts";
import { type DeviceProvider, startDeviceProvider } from "./test/device-provider.ts";
import { AUDIENCE, startIdp } from "./test/idp.ts";

let idp: DeviceProvider;
const { fetchJson, close } = createProviderFetch();
beforeAll(async () => {
  idp = await startDeviceProvider();
});
afterAll(() => Promise.all([idp.close(), close()]));

const server = (change: Partial<DeviceServer> = {}): DeviceServer => ({
  issuer: idp.issuer,
  clientId: "cli",
  scope: "openid use",
  resource: AUDIENCE,
  ...change,
});

describe("a login from a command line", () => {
  test("ends with a token for the gateway, once the person has typed the code in a browser", async () => {
    let shown: DeviceCode | undefined;
    const { token, expiresInSeconds } = await deviceLogin(server(), (code) => {
      shown = code;
      void idp.visit(code.completeUrl ?? "");
    });
    expect(shown?.userCode).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
    expect(shown?.url).toBe(`${idp.issuer}/device`);
    expect(expiresInSeconds).toBeLessThanOrEqual(600);
    const gate = authenticatorFor(settingsFor({ providers: [providerFor(idp.issuer)] }));
    expect(await gate.authenticate(token.reveal())).toMatchObject({
      id: "corp:mara",
      kind: "human",
      purposes: ["support"],
    });
    await gate.close();
  });

  test("that is refused in the browser, or takes too long, fails and says which", async () => {
    const visit = (code: DeviceCode): void => void idp.visit(code.completeUrl ?? "", "refuses");
    expect(await codeOf(() => deviceLogin(server(), visit))).toBe("login_failed");
    const slow = await startDeviceProvider(1);
    try {
      expect(await codeOf(() => deviceLogin(server({ issuer: slow.issuer }), () => undefined))).toBe("login_expired");
    } finally {
      await slow.close();
    }
  });

  test("can be given up", async () => {
    const giving = new AbortController();
    expect(await codeOf(() => deviceLogin(server(), () => giving.abort(), giving.signal))).toBe("login_failed");
  });

  test("with a provider that is not there, not https, or cannot do it, fails before anything is shown", async () => {
    const shown = (): never => {
      throw new Error("shown");
    };
    const plain = await startIdp();
    try {
      expect(await codeOf(() => deviceLogin(server({ issuer: plain.issuer }), shown))).toBe("login_failed");
    } finally {
      await plain.stop();
    }
    expect(await codeOf(() => deviceLogin(server({ issuer: plain.issuer }), shown))).toBe("provider_unavailable");
    expect(await codeOf(() => deviceLogin(server({ issuer: "http://login.example.com" }), shown))).toBe("login_failed");
  });
});

describe("where to log in", () => {
  test("is asked of the gateway, which must be the one that was named", async () => {
    const gateway = http.createServer((_req, res) => {
      const settings = settingsFor({
        providers: [
          providerFor(idp.issuer, { device: { clientId: "cli", scope: "openid use" } }),
          providerFor("https://partner.test", { name: "partner" }),
        ],
      });
      const { port } = gateway.address() as AddressInfo;
      const metadata = protectedResourceMetadata(settings, `http://127.0.0.1:${port}`);
      res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(metadata));
    });
    await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
    const { port } = gateway.address() as AddressInfo;
    try {
      const url = `http://127.0.0.1:${port}`;
      expect(await deviceServers(new URL(url), fetchJson)).toEqual([server({ resource: url })]);
      expect(await codeOf(() => deviceServers(new URL(`http://localhost:${port}`), fetchJson))).toBe("login_failed");
    } finally {
      gateway.close();
    }
    expect(await codeOf(() => deviceServers(new URL(`http://127.0.0.1:${port}`), fetchJson))).toBe(
      "provider_unavailable",
    );
  });
});
