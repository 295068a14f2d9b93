/** A real OpenID provider on loopback for the tests: issues JWT access tokens over HTTP, rotates its keys, goes down and comes back. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { type Configuration, Provider } from "oidc-provider";

/** A grant of the tests' own, so that a token for any person takes one request and no browser. */
const GRANT = "urn:sluice:test:person";
export const AUDIENCE = "https://gateway.test";
/** Whom it issues people's tokens to, unless a test says otherwise. */
export const CLIENT = "portal";
export const ABSENT = "(left out)";

export interface Idp {
  readonly issuer: string;
  /** Requests by path, since the start. */
  readonly requests: Map<string, number>;
  /** The private key that signs at the moment, for tests that forge. */
  readonly key: JWK;
  /** An access token from the token endpoint. `claims` win over what the provider would write; ABSENT leaves one out. */
  token(claims?: Record<string, unknown>, options?: { client?: string; audience?: string }): Promise<string>;
  /** The client's own token, by the grant client_credentials. */
  clientToken(client: string): Promise<string>;
  /** New keys. The old one goes, or stays published behind the new one. */
  rotate(keep?: "keep"): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Answers instead of the provider while it is set. */
  instead: RequestListener | undefined;
}

let kids = 0;

export async function newKey(alg: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 });
  kids += 1;
  return { ...(await exportJWK(privateKey)), alg, use: "sig", kid: `key-${kids}` };
}

export async function startIdp(options: { alg?: string; clients?: readonly string[] } = {}): Promise<Idp> {
  const alg = options.alg ?? "RS256";
  const requests = new Map<string, number>();
  const holder: { instead: RequestListener | undefined; handler: RequestListener } = {
    instead: undefined,
    handler: () => undefined,
  };
  let port = 0;
  let server: Server;
  let keys = [await newKey(alg)];

  async function start(): Promise<void> {
    server = createServer((req, res) => {
      const path = req.url ?? "";
      requests.set(path, (requests.get(path) ?? 0) + 1);
      (holder.instead ?? holder.handler)(req, res);
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  }
  async function stop(): Promise<void> {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await start();
  const issuer = `http://127.0.0.1:${port}`;
  const serve = (): void => {
    holder.handler = provider(issuer, alg, keys, options.clients ?? []);
  };
  serve();

  async function ask(form: Record<string, string>): Promise<string> {
    const response = await fetch(`${issuer}/token`, { method: "POST", body: new URLSearchParams(form) });
    const reply = (await response.json()) as { access_token?: string };
    if (reply.access_token === undefined) throw new Error(`the test's provider says ${JSON.stringify(reply)}`);
    return reply.access_token;
  }

  return {
    issuer,
    requests,
    get key() {
      return keys[0] ?? {};
    },
    get instead() {
      return holder.instead;
    },
    set instead(listener) {
      holder.instead = listener;
    },
    token: (claims = {}, { client = CLIENT, audience = AUDIENCE } = {}) =>
      ask({ grant_type: GRANT, client_id: client, claims: JSON.stringify({ sub: "alice", aud: audience, ...claims }) }),
    clientToken: (client) =>
      ask({
        grant_type: "client_credentials",
        client_id: client,
        client_secret: `secret of ${client}`,
        resource: AUDIENCE,
      }),
    async rotate(keep) {
      keys = [await newKey(alg), ...(keep === undefined ? [] : keys)];
      serve();
    },
    start,
    stop,
  };
}

function provider(issuer: string, alg: string, keys: JWK[], clients: readonly string[]): RequestListener {
  const configuration: Configuration = {
    jwks: { keys },
    clients: [CLIENT, ...clients].map((id) => ({
      client_id: id,
      ...(id === CLIENT
        ? { token_endpoint_auth_method: "none" as const }
        : { client_secret: `secret of ${id}`, token_endpoint_auth_method: "client_secret_post" as const }),
      grant_types: id === CLIENT ? [GRANT] : ["client_credentials"],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: alg as "RS256",
    })),
    enabledJWA: { idTokenSigningAlgValues: [alg as "RS256"] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, audience) => ({
          scope: "",
          audience,
          accessTokenTTL: 600,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: alg as "RS256" } },
        }),
      },
    },
    formats: {
      customizers: {
        jwt(ctx, _token, jwt) {
          const claims = (ctx as { oidc?: { params?: { claims?: string } } }).oidc?.params?.claims;
          if (claims === undefined) return;
          for (const [name, value] of Object.entries(JSON.parse(claims) as Record<string, unknown>)) {
            if (value === ABSENT) delete jwt.payload[name];
            else jwt.payload[name] = value;
          }
        },
      },
    },
    ttl: { AccessToken: 600, ClientCredentials: 600 },
  };
  const made = new Provider(issuer, configuration);
  made.registerGrantType(
    GRANT,
    async (ctx) => {
      const { AccessToken, ResourceServer } = ctx.oidc.provider;
      const token = new AccessToken({ accountId: "alice", client: ctx.oidc.client, grantId: "test" } as never);
      token.resourceServer = new ResourceServer(AUDIENCE, {
        scope: "",
        audience: AUDIENCE,
        accessTokenTTL: 600,
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: alg as "RS256" } },
      });
      ctx.body = { access_token: await token.save(), token_type: "Bearer", expires_in: 600 };
    },
    ["claims"],
  );
  const handle = made.callback();
  return (req, res) => void handle(req, res);
}
