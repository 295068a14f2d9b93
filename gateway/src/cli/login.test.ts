import http from "node:http";
import type { AddressInfo } from "node:net";
import { statSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { protectedResourceMetadata } from "../identity/resource-metadata.ts";
import type { ProviderSettings } from "../core/identity.ts";
import { authenticatorFor, providerFor, settingsFor } from "../identity/test/authenticator.ts";
import { type DeviceProvider, startDeviceProvider } from "../identity/test/device-provider.ts";
import { AUDIENCE } from "../identity/test/idp.ts";
import { folder } from "./test/sluice.ts";

const here = folder();
let idp: DeviceProvider;
let providers: readonly ProviderSettings[];
/** All of a gateway that a login asks. */
const gateway = http.createServer((_req, res) => {
  const metadata = protectedResourceMetadata(settingsFor({ providers }), url());
  res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(metadata));
});
const url = (): string => `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;

beforeAll(async () => {
  idp = await startDeviceProvider();
  await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  gateway.close();
  await idp.close();
  here.remove();
});

const corp = (): ProviderSettings => providerFor(idp.issuer, { device: { clientId: "cli", scope: "openid use" } });

test("login shows where to go, waits for the browser, and puts the token into a file of its owner's", async () => {
  providers = [corp(), providerFor("https://partner.test", { name: "partner" })];
  here.write("token", "an old one");
  const child = here.spawn(["login", "--url", url(), "--to", "token"]);
  let said = "";
  child.stdout?.on("data", (chunk) => (said += String(chunk)));
  child.stderr?.on("data", (chunk) => {
    said += String(chunk);
    const at = /Open (\S+)/.exec(String(chunk))?.[1];
    if (at !== undefined) void idp.visit(at);
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect([code, said]).toEqual([0, expect.stringContaining("logged in; the token is in token, for ")]);
  const token = here.read("token").trim();
  expect(said).not.toContain(token);
  if (process.platform !== "win32") expect(statSync(`${here.path}/token`).mode & 0o777).toBe(0o600);
  const gate = authenticatorFor(settingsFor({ providers: [{ ...corp(), audiences: [AUDIENCE, url()] }] }));
  expect((await gate.authenticate(token)).id).toBe("corp:mara");
  await gate.close();
});

test("login says what it lacks: a gateway that offers one, one of several, an address that is safe", async () => {
  providers = [providerFor("https://partner.test", { name: "partner" })];
  const none = await here.sluice(["login", "--url", url(), "--to", "t"]);
  expect([none.code, none.err]).toEqual([2, expect.stringContaining("offers no login for command lines")]);
  providers = [corp(), { ...corp(), name: "other", issuer: "https://other.test" }];
  const several = await here.sluice(["login", "--url", url(), "--to", "t", "--json"]);
  expect([several.code, several.out]).toEqual([2, expect.stringContaining("--issuer https://other.test")]);
  const plain = await here.sluice(["login", "--url", "http://gateway.example.com", "--to", "t"]);
  expect([plain.code, plain.err]).toEqual([2, expect.stringContaining("use https")]);
});
