/**
 * A real OpenID provider on loopback in whose browser window one person is always ready to log in, and a browser without a screen
 * that follows redirects and keeps cookies by host.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { type Configuration, Provider } from "oidc-provider";

export const CLIENT_ID = "sluice";
export const CLIENT_SECRET = "a secret of the test that is long enough";

export interface LoginProvider {
  readonly issuer: string;
  /** Who sits before the browser; undefined: somebody who says no. */
  account: string | undefined;
  /** How long ago, in seconds, whoever logs in next did so; the provider has a session since. */
  sinceSeconds: number;
  /** What the provider says of everybody. */
  groups: readonly string[];
  /** What it says of them to whoever asks for the scope profile. */
  profile: Record<string, unknown>;
  /** Whoever sits before this browser logs out at the provider, which tells its clients. */
  logout(browser: TestBrowser): Promise<void>;
  close(): Promise<void>;
}

/** `logoutUri`: where the provider says that a person has logged out there (OpenID Connect Back-Channel Logout). */
export async function startLoginProvider(
  redirectUris: readonly string[],
  logoutUri = "http://127.0.0.1:9/logout",
): Promise<LoginProvider> {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const state = {
    account: "mara" as string | undefined,
    sinceSeconds: 0,
    groups: ["Support EMEA"] as readonly string[],
    profile: {} as Record<string, unknown>,
  };
  const configuration: Configuration = {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: [...redirectUris],
        response_types: ["code"],
        grant_types: ["authorization_code"],
        backchannel_logout_uri: logoutUri,
        backchannel_logout_session_required: true,
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ["sub", "groups", "sid"], profile: ["name", "preferred_username", "birthdate"] },
    // As many providers do: what is said of the person stands at the userinfo endpoint alone.
    conformIdTokenClaims: true,
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, groups: [...state.groups], ...state.profile }),
    }),
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ["a key of the test"] },
    // Its own refuses to call this machine.
    fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined } as unknown as RequestInit),
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
    // The first time that somebody logs in at a client asks for a consent that these tests are not about.
    async loadExistingGrant(context) {
      const { client, session, result } = context.oidc;
      const grantId = result?.consent?.grantId ?? session?.grantIdFor(client?.clientId ?? "");
      if (grantId !== undefined) return context.oidc.provider.Grant.find(grantId);
      const grant = new context.oidc.provider.Grant({
        ...(client === undefined ? {} : { clientId: client.clientId }),
        ...(session?.accountId === undefined ? {} : { accountId: session.accountId }),
      });
      grant.addOIDCScope("openid profile");
      await grant.save();
      return grant;
    },
  };
  const provider = new Provider(issuer, configuration);
  const callback = provider.callback();
  server.on("request", (req, res) => {
    if (!req.url?.startsWith("/interaction/")) return void callback(req, res);
    const result =
      state.account === undefined
        ? { error: "access_denied", error_description: "said no" }
        : { login: { accountId: state.account, ts: Math.floor(Date.now() / 1_000) - state.sinceSeconds } };
    void provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
  });
  return {
    issuer,
    get account() {
      return state.account;
    },
    set account(next) {
      state.account = next;
    },
    get sinceSeconds() {
      return state.sinceSeconds;
    },
    set sinceSeconds(next) {
      state.sinceSeconds = next;
    },
    get groups() {
      return state.groups;
    },
    set groups(next) {
      state.groups = next;
    },
    get profile() {
      return state.profile;
    },
    set profile(next) {
      state.profile = next;
    },
    async logout(browser) {
      const page = await (await browser.ask(`${issuer}/session/end`)).text();
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
      await browser.ask(`${issuer}/session/end/confirm`, {
        method: "POST",
        body: new URLSearchParams({ xsrf, logout: "yes" }),
      });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Keeps cookies by host, as a browser does, and follows redirects when it is told to. */
export class TestBrowser {
  readonly #jars = new Map<string, Map<string, string>>();

  cookies(host: string): Map<string, string> {
    const jar = this.#jars.get(host) ?? new Map<string, string>();
    this.#jars.set(host, jar);
    return jar;
  }

  /** One request, with the cookies of its host. */
  async ask(url: URL | string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    const jar = this.cookies(new URL(url).host);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, {
      redirect: "manual",
      ...init,
      headers: { ...init.headers, ...(cookie === "" ? {} : { cookie }) },
    });
    for (const each of response.headers.getSetCookie()) {
      const [pair = ""] = each.split(";");
      const equals = pair.indexOf("=");
      const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
      if (value === "") jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** Follows redirects until one leads to a URL that begins so, and gives that one without going there. */
  async follow(start: URL | string, until: string): Promise<URL> {
    let at = new URL(start);
    for (let steps = 0; steps < 12; steps++) {
      const response = await this.ask(at);
      const location = response.headers.get("location");
      if (location === null) throw new Error(`no redirect but ${response.status}: ${await response.text()}`);
      at = new URL(location, at);
      if (at.href.startsWith(until)) return at;
    }
    throw new Error("redirected in a circle");
  }
}

/** A browser that has never been anywhere follows redirects until one leads to a URL that begins so. */
export function browse(start: URL, until: string): Promise<URL> {
  return new TestBrowser().follow(start, until);
}
