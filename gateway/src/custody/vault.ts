/**
 * A client of Vault or OpenBao: signs in with a token or an AppRole, asks, and tells the answer's status. Knows no secret
 * engine. The token it is given or gets stays in here.
 * https://openbao.org/api-docs/
 */
import type { VaultSettings } from "../core/custody.ts";
import { SluiceError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { at, type JsonAnswer, RequestError, requestJson } from "./json-request.ts";

/** Share of a token's life after which a new one is fetched. */
const LEASE_SHARE = 0.8;

export class Vault {
  readonly #settings: VaultSettings;
  readonly #clock: () => number;
  #session: { readonly token: string; readonly until: number } | undefined;
  #signingIn: Promise<string> | undefined;

  constructor(settings: VaultSettings, clock: () => number) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** `path` below /v1/, its parts encoded by the caller. Throws RequestError when there is no answer or no way to sign in. */
  async ask(method: "GET" | "POST", path: string, body?: unknown): Promise<JsonAnswer> {
    const answer = await this.#ask(method, path, body, await this.#token());
    // A token may end before its time: it was revoked, or the server was restored.
    if (answer.status !== 403 || this.#session === undefined) return answer;
    this.#session = undefined;
    return this.#ask(method, path, body, await this.#token());
  }

  async #token(): Promise<string> {
    const { auth } = this.#settings;
    if (auth.method === "token") return this.#reveal(auth.token);
    if (this.#session !== undefined && this.#clock() < this.#session.until) return this.#session.token;
    this.#signingIn ??= this.#signIn(auth).finally(() => (this.#signingIn = undefined));
    return this.#signingIn;
  }

  /** https://openbao.org/api-docs/auth/approle/ */
  async #signIn(auth: Extract<VaultSettings["auth"], { method: "approle" }>): Promise<string> {
    const asked = this.#clock();
    const body = { role_id: this.#reveal(auth.roleId), secret_id: this.#reveal(auth.secretId) };
    const answer = await this.#ask("POST", `auth/${encodeURIComponent(auth.mount)}/login`, body, undefined);
    const token = at(answer.body, "auth", "client_token");
    const seconds = at(answer.body, "auth", "lease_duration");
    if (typeof token !== "string" || typeof seconds !== "number")
      throw new RequestError(`${this.#settings.url.host}: AppRole sign-in answered ${answer.status}`);
    // A lease of 0 is a token without end.
    const until = seconds === 0 ? Number.POSITIVE_INFINITY : asked + seconds * 1_000 * LEASE_SHARE;
    this.#session = { token, until };
    return token;
  }

  /** What signs in may have become unavailable itself. */
  #reveal(secret: Secret): string {
    try {
      return secret.reveal();
    } catch (thrown) {
      if (!(thrown instanceof SluiceError)) throw thrown;
      throw new RequestError(`${this.#settings.url.host}: ${thrown.message}`);
    }
  }

  async #ask(method: "GET" | "POST", path: string, body: unknown, token: string | undefined): Promise<JsonAnswer> {
    const { url, ca, namespace } = this.#settings;
    return requestJson({
      method,
      url: new URL(`/v1/${path}`, url),
      headers: {
        "x-vault-request": "true",
        ...(namespace === undefined ? {} : { "x-vault-namespace": namespace }),
        ...(token === undefined ? {} : { "x-vault-token": token }),
      },
      body,
      ca,
    });
  }
}

/** `a/b c` → `a/b%20c` */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
