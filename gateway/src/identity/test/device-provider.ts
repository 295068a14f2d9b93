/** A real OpenID provider on loopback with the device grant, and a person with a browser who types the code. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { type Configuration, Provider } from "oidc-provider";

export interface DeviceProvider {
  readonly issuer: string;
  /** Opens the URL with the code, as a person does; `refuses` says no there. */
  visit(url: string, refuses?: "refuses"): Promise<void>;
  close(): Promise<void>;
}

export async function startDeviceProvider(ttlSeconds = 60): Promise<DeviceProvider> {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const configuration: Configuration = {
    clients: [
      {
        client_id: "cli",
        token_endpoint_auth_method: "none",
        grant_types: ["urn:ietf:params:oauth:grant-type:device_code"],
        redirect_uris: [],
        response_types: [],
      },
    ],
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    extraTokenClaims: () => ({ groups: ["Support"] }),
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ["a key of the test"] },
    features: {
      devInteractions: { enabled: false },
      deviceFlow: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, audience) => ({
          scope: "use",
          audience,
          accessTokenTTL: 600,
          accessTokenFormat: "jwt",
        }),
      },
    },
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600, DeviceCode: ttlSeconds },
    async loadExistingGrant(context) {
      const { client, session } = context.oidc;
      const grant = new context.oidc.provider.Grant({
        ...(client === undefined ? {} : { clientId: client.clientId }),
        ...(session?.accountId === undefined ? {} : { accountId: session.accountId }),
      });
      grant.addOIDCScope("openid");
      for (const resource of Object.keys(context.oidc.resourceServers ?? {})) grant.addResourceScope(resource, "use");
      await grant.save();
      return grant;
    },
  };
  const provider = new Provider(issuer, configuration);
  const callback = provider.callback();
  server.on("request", (req, res) => {
    if (!req.url?.startsWith("/interaction/")) return void callback(req, res);
    const result = { login: { accountId: "mara" } };
    void provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
  });

  return {
    issuer,
    async visit(url, refuses) {
      const jar = new Map<string, string>();
      async function open(at: string, form?: Record<string, string>): Promise<string> {
        const response = await fetch(new URL(at, issuer), {
          redirect: "manual",
          headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") },
          ...(form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) }),
        });
        for (const cookie of response.headers.getSetCookie()) {
          const [pair = ""] = cookie.split(";");
          const equals = pair.indexOf("=");
          jar.set(pair.slice(0, equals), pair.slice(equals + 1));
        }
        const location = response.headers.get("location");
        return location === null ? response.text() : open(location);
      }
      const field = (page: string, name: string): string =>
        new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(page)?.[1] ?? "";
      const first = await open(url);
      const code = { xsrf: field(first, "xsrf"), user_code: field(first, "user_code") };
      const second = await open("/device", code);
      await open("/device", {
        ...code,
        xsrf: field(second, "xsrf"),
        [refuses === undefined ? "confirm" : "abort"]: "yes",
      });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
