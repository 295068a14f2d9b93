/**
 * An identity provider to try things out with: three people, no passwords, on this machine alone. Never for anything else.
 *
 *   node examples/tour/idp.ts [gateway's URL] [port]
 */
import { createServer, type IncomingMessage } from "node:http";
import { type Configuration, Provider } from "oidc-provider";

const PEOPLE: Readonly<Record<string, { readonly name: string; readonly groups: readonly string[] }>> = {
  ada: { name: "Ada", groups: ["Support"] },
  olga: { name: "Olga", groups: ["Data Protection"] },
  otto: { name: "Otto", groups: ["Data Protection"] },
};

const [gateway = "http://127.0.0.1:8787", port = "9400"] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const claimsOf = (id: string) => ({ sub: id, name: PEOPLE[id]?.name ?? id, groups: [...(PEOPLE[id]?.groups ?? [])] });

const configuration: Configuration = {
  clients: [
    {
      client_id: "sluice",
      token_endpoint_auth_method: "none",
      redirect_uris: [`${gateway}/login/callback`],
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
    {
      client_id: "sluice-cli",
      token_endpoint_auth_method: "none",
      redirect_uris: [],
      response_types: [],
      grant_types: ["urn:ietf:params:oauth:grant-type:device_code"],
    },
  ],
  claims: { openid: ["sub", "name", "groups"] },
  pkce: { required: () => true },
  findAccount: (_context, id) => ({ accountId: id, claims: () => claimsOf(id) }),
  extraTokenClaims: (_context, token) =>
    "accountId" in token && typeof token.accountId === "string" ? claimsOf(token.accountId) : {},
  cookies: { keys: ["only for trying out"] },
  features: {
    devInteractions: { enabled: false },
    deviceFlow: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => gateway,
      useGrantedResource: () => true,
      getResourceServerInfo: (_context, audience) => ({
        scope: "use",
        audience,
        accessTokenTTL: 3_600,
        accessTokenFormat: "jwt",
      }),
    },
  },
  interactions: { url: (_context, { uid }) => `/people/${uid}` },
  ttl: {
    Interaction: 600,
    Grant: 3_600,
    Session: 3_600,
    AccessToken: 3_600,
    IdToken: 600,
    DeviceCode: 600,
    AuthorizationCode: 60,
  },
  // Whoever logs in agrees: there is nothing to agree to.
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({
      ...(oidc.client === undefined ? {} : { clientId: oidc.client.clientId }),
      ...(oidc.session?.accountId === undefined ? {} : { accountId: oidc.session.accountId }),
    });
    grant.addOIDCScope("openid");
    for (const resource of Object.keys(oidc.resourceServers ?? {})) grant.addResourceScope(resource, "use");
    await grant.save();
    return grant;
  },
};

const provider = new Provider(issuer, configuration);
const callback = provider.callback();

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Who are you?</title><h1>Who are you?</h1>
<form method="post">${Object.entries(PEOPLE)
  .map(([id, { name, groups }]) => `<p><button name="person" value="${id}">${name}, ${groups.join(", ")}</button></p>`)
  .join("")}</form></html>`;

const server = createServer((req, res) => {
  if (!req.url?.startsWith("/people/")) return void callback(req, res);
  if (req.method !== "POST") return void res.setHeader("content-type", "text/html; charset=utf-8").end(PAGE);
  void formOf(req).then((form) => {
    const accountId = form.get("person") ?? "";
    const result = accountId in PEOPLE ? { login: { accountId } } : { error: "access_denied" };
    return provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
  });
});
server.listen(Number(port), "127.0.0.1", () => console.log(`identity provider for trying out: ${issuer}`));

async function formOf(req: IncomingMessage): Promise<URLSearchParams> {
  let body = "";
  for await (const piece of req) body += String(piece);
  return new URLSearchParams(body);
}
