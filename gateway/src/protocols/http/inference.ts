/**
 * One inference request until its answer begins: credential, endpoint, body, parse, gate, forward; `reply.ts` does the rest. It
 * holds no rule of its own about who may do what. It sees to it that every refusal goes on record before it is answered, and
 * that what the gate opened is ended exactly once, also when the client has left.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connection } from "../../core/connection.ts";
import { type Code, SluiceError, toSluiceError } from "../../core/errors.ts";
import type { Intent, LeaveSignal, Sender, Travels } from "../../core/intent.ts";
import type { Principal } from "../../core/principal.ts";
import type { Exchange, Gate, Render } from "../../gate/index.ts";
import { type Body, type BodyLimits, discardRest, readBody } from "./body.ts";
import { customEndpoint, type Endpoint, findEndpoint, methodsOf } from "./endpoints.ts";
import { type ErrorFamily, sendError } from "./errors.ts";
import type { Forwarder, ForwardRequest } from "./forward.ts";
import { checkPassed, checkToken, type Head, readCredential, upstreamHeaders } from "./headers.ts";
import type { InferenceHandler, Target } from "./listener.ts";
import { answerModels } from "./models.ts";
import { networkOf } from "./network.ts";
import { PROXY_PATH, type ProxyRequest, readProxyRequest } from "./proxy.ts";
import { Reply } from "./reply.ts";
import { type InferenceRequest, readRequest } from "./request.ts";
import { nextTurn } from "./time-budget.ts";

export interface InferenceLimits extends BodyLimits {
  readonly jsonDepthMax: number;
  /** Requests at once, all credentials together. */
  readonly streamsMax: number;
}

export interface InferenceOptions {
  readonly gate: Gate;
  readonly forwarder: Forwarder;
  readonly limits: InferenceLimits;
  /** Keyed pseudonym for ids of end users that a request carries (OpenAI `user`, Anthropic `metadata.user_id`). */
  readonly hashIdentity: (value: string) => string;
  /** Value of `WWW-Authenticate` for who was not identified: how to find out how to sign in (RFC 9728 §5.1). */
  readonly challenge?: (error: SluiceError) => string | undefined;
}

/** To decode a body of this length and to parse it are pieces of work between which others get their turn. */
const LONG_BODY_BYTES = 64 * 1_024;
/** `/custom/<connection>/<path below its URL>`. */
const CUSTOM_PREFIX = "/custom/";
/** groq-sdk puts this before `/v1` by itself, whatever its base URL is. */
const OPENAI_PREFIX = "/openai";

export function createInference(options: InferenceOptions): InferenceHandler {
  let open = 0;
  const onLeft = (): void => {
    open -= 1;
  };
  return {
    owns(pathname) {
      return (
        pathname.startsWith("/v1/") ||
        pathname === "/v1" ||
        pathname.startsWith(CUSTOM_PREFIX) ||
        pathname.startsWith(`${OPENAI_PREFIX}/`) ||
        pathname === PROXY_PATH
      );
    },
    handle(req, res, head, target) {
      open += 1;
      res.on("close", onLeft);
      void new Call(options, req, res, head, target).run(open <= options.limits.streamsMax);
    },
  };
}

class Call implements Sender {
  identifiedAt = 0;
  readonly #options: InferenceOptions;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #head: Head;
  readonly #target: Target;
  #family: ErrorFamily;
  #principal: Principal | undefined;
  #endpoint: Endpoint | undefined;
  #bytes = 0;
  /** For the `allow` header, which a 405 must have (RFC 9110 §15.5.6). */
  #allow: string | undefined;
  #reply: Reply | undefined;
  readonly #client: Mutable<LeaveSignal> = { aborted: false, onLeft: undefined };

  constructor(options: InferenceOptions, req: IncomingMessage, res: ServerResponse, head: Head, target: Target) {
    this.#options = options;
    this.#req = req;
    this.#res = res;
    this.#head = head;
    this.#target = target;
    this.#family = guessFamily(target.pathname, head);
    res.on("close", this.#onClose);
  }

  /** Never rejects. */
  async run(admitted: boolean): Promise<void> {
    try {
      if (!admitted) throw new SluiceError("overloaded", "too many requests at once", { retryAfterSeconds: 1 });
      const admission = await this.#receive();
      if (admission !== undefined) this.#forward(admission);
    } catch (thrown) {
      await this.#fail(toSluiceError(thrown));
    }
  }

  async #fail(error: SluiceError): Promise<void> {
    if (this.#reply === undefined) await this.#refuse(error);
    else this.#reply.onFail(error);
  }

  /** Up to the gate and through it; undefined when the request is answered already. */
  async #receive(): Promise<Admission | undefined> {
    const { gate } = this.#options;
    const identified = this.identify();
    let principal = identified instanceof Promise ? await identified : identified;
    // What the proxy API asks for is known when its body was read.
    let known = this.#target.pathname === PROXY_PATH ? undefined : this.#findEndpoint(principal);
    if (known?.action === "list") {
      this.#listModels(principal);
      return undefined;
    }
    if (known !== undefined) this.#setEndpoint(known, familyOf(known));
    checkPassed(this.#head);
    const body = await readBody(this.#req, this.#res, this.#head, this.#options.limits);
    const bodyAt = performance.now();
    this.#bytes = body.bytes;
    if (body.bytes > LONG_BODY_BYTES) await nextTurn();
    // The body may take as long as its sender likes, and be for something that this one has no right to any more.
    if (this.identifiedAt !== gate.identityChanges()) {
      principal = await this.identify();
      if (known !== undefined) known = this.#findEndpoint(principal);
    }
    const limits = { depthMax: this.#options.limits.jsonDepthMax };
    const { endpoint, text } =
      known === undefined ? this.#readProxy(principal, body, limits) : { endpoint: known, text: body.text };
    const query = readQuery(endpoint, this.#target.query);
    // Not awaited here, where body and text would be held until the record is durable.
    return this.#open(principal, readRequest(endpoint, text, limits), { endpoint, query, bodyAt });
  }

  identify(): Principal | Promise<Principal> {
    const { gate } = this.#options;
    // Before it is asked, and in force once it is answered: who could not be identified is asked again.
    const at = gate.identityChanges();
    const identified = gate.identify(readCredential(this.#head), this.#req.socket);
    if (identified instanceof Promise) return identified.then((principal) => this.#identified(principal, at));
    return this.#identified(identified, at);
  }

  #identified(principal: Principal, at: number): Principal {
    this.#principal = principal;
    this.identifiedAt = at;
    return principal;
  }

  travels(connection: Connection): Travels {
    const headers = upstreamHeaders(this.#head, connection);
    return { path: this.#endpoint?.path ?? "", query: this.#target.query, headers };
  }

  readonly #onClose = (): void => {
    this.#client.aborted = true;
    this.#client.onLeft?.();
    this.#reply?.onClose();
  };

  #setEndpoint(endpoint: Endpoint, family: ErrorFamily): void {
    this.#endpoint = endpoint;
    this.#family = family;
  }

  #readProxy(principal: Principal, body: Body, limits: { readonly depthMax: number }): ProxyRequest {
    if (this.#req.method !== "POST") throw this.#wrongMethod(["POST"]);
    const proxied = readProxyRequest(body.text, this.#options.gate.connections(principal), limits);
    this.#setEndpoint(proxied.endpoint, "problem");
    return proxied;
  }

  #findEndpoint(principal: Principal): Endpoint {
    const { method = "" } = this.#req;
    const { pathname } = this.#target;
    if (pathname.startsWith(CUSTOM_PREFIX)) return this.#findCustom(principal, method, pathname);
    const path = pathname.startsWith(`${OPENAI_PREFIX}/`) ? pathname.slice(OPENAI_PREFIX.length) : pathname;
    const endpoint = findEndpoint(method, path);
    if (endpoint !== undefined) return endpoint;
    const allowed = methodsOf(path);
    if (allowed.length > 0) throw this.#wrongMethod(allowed);
    throw new SluiceError(
      "endpoint_unknown",
      "this gateway does not serve this endpoint: what it carries could not be scanned",
    );
  }

  /** An unknown connection and one that this credential may not use look the same from outside. */
  #findCustom(principal: Principal, method: string, pathname: string): Endpoint {
    const [name, path] = splitCustom(pathname);
    const connection = this.#options.gate
      .connections(principal)
      .find((each) => each.kind === "custom" && each.name === name);
    const endpoint = connection === undefined ? undefined : customEndpoint(connection, path);
    if (endpoint === undefined) {
      throw new SluiceError(
        "endpoint_unknown",
        `no such endpoint of a custom connection; the path is ${CUSTOM_PREFIX}<connection>/<path>`,
      );
    }
    if (method !== endpoint.method) throw this.#wrongMethod([endpoint.method]);
    return endpoint;
  }

  #wrongMethod(allowed: readonly string[]): SluiceError {
    this.#allow = allowed.join(", ");
    return new SluiceError("method_not_allowed", `this endpoint takes ${this.#allow}`);
  }

  #open(principal: Principal, request: InferenceRequest, arrival: Arrival, candidate = 0): Promise<Admission> {
    const { endpoint } = arrival;
    const purpose = checkToken("sluice-purpose", this.#head.purpose);
    const session = checkToken("sluice-session", this.#head.session);
    const subject = checkToken("sluice-data-subject", this.#head.subject);
    const { streaming, opaqueParts, jsonAnswer } = request;
    const intent: Intent = {
      action: endpoint.action,
      family: endpoint.family,
      target: request.target,
      candidate,
      endpoint: endpoint.name,
      segments: request.segments,
      opaqueParts,
      streaming,
      requestBytes: this.#bytes,
      signal: this.#client,
      network: networkOf(this.#req),
      sender: this,
      ...(purpose === undefined ? undefined : { purpose }),
      ...(session === undefined ? undefined : { session }),
      ...(subject === undefined ? undefined : { subject }),
    };
    const opened = this.#options.gate.open(principal, intent, renderer(request, this.#options.hashIdentity));
    // The request is kept while its answer is awaited only where it may have to be sent to somebody else.
    return opened.then((exchange) => ({
      ...arrival,
      exchange,
      streaming,
      opaqueParts,
      jsonAnswer,
      ...(exchange.fallbacks > 0 && {
        // Who asks may be known anew by then.
        again: (further: number) => this.#open(this.#principal ?? principal, request, arrival, candidate + further),
      }),
    }));
  }

  #forward({ exchange, endpoint, query, bodyAt, streaming, opaqueParts, jsonAnswer, again }: Admission): void {
    const reply = new Reply(this.#req, this.#res, exchange, endpoint, {
      family: this.#family,
      opaqueParts,
      jsonAnswer,
      jsonDepthMax: this.#options.limits.jsonDepthMax,
      bodyAt,
      ...(again !== undefined && { fallBack: (answer) => void this.#fallBack(again, exchange.fallbacks, answer) }),
    });
    this.#reply = reply;
    // Left while the gate was at work: the intent is on record, and nothing is sent.
    if (this.#client.aborted) return reply.onClose();
    // Before anything is sent: what has ended it already is told at once.
    exchange.onCut((error) => reply.onFail(error));
    if (reply.failed) return;
    const outgoing: ForwardRequest = {
      method: "POST",
      path: endpoint.path,
      query,
      streaming,
      headers: upstreamHeaders(this.#head, exchange.connection),
      body: exchange.body,
    };
    reply.attach(this.#options.forwarder.forward(exchange.permit, outgoing, reply));
  }

  /**
   * Asks the candidates that are left, one after the other. One that this request may not go to is passed over: its refusal is on
   * record. Any other refusal would be that of the next one too, or people are asked already: it is the answer. Never rejects.
   */
  async #fallBack(again: Again, left: number, answer: () => void): Promise<void> {
    this.#reply = undefined;
    for (let further = 1; further <= left && !this.#client.aborted; further++) {
      try {
        return this.#forward(await again(further));
      } catch (thrown) {
        const error = toSluiceError(thrown);
        if (!isOfCandidate(error)) return this.#fail(error);
      }
    }
    if (!this.#client.aborted) answer();
  }

  /** The gate records what it refuses itself; `refuse` sees that and only gives back the evidence id. */
  async #refuse(error: SluiceError): Promise<void> {
    const endpoint = this.#endpoint;
    await this.#options.gate.refuse(
      this.#principal,
      endpoint === undefined
        ? { bytes: this.#bytes }
        : { bytes: this.#bytes, family: endpoint.family, endpoint: endpoint.name, action: endpoint.action },
      error,
    );
    const challenge = this.#options.challenge?.(error);
    sendError(this.#res, error, this.#family, {
      ...(this.#allow === undefined ? undefined : { allow: this.#allow }),
      ...(challenge === undefined ? undefined : { "www-authenticate": challenge }),
    });
    if (!(await discardRest(this.#req))) this.#req.socket.destroy();
  }

  #listModels(principal: Principal): void {
    const kind = this.#family === "anthropic" ? "anthropic" : "openai";
    answerModels(this.#res, this.#options.gate.models(principal, kind), this.#target.pathname, kind);
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What is kept of a request that was read. */
interface Arrival {
  readonly endpoint: Endpoint;
  readonly query: string;
  /** Of performance.now(). */
  readonly bodyAt: number;
}

/** A request that the gate let pass. */
interface Admission extends Arrival, Pick<InferenceRequest, "streaming" | "opaqueParts" | "jsonAnswer"> {
  readonly exchange: Exchange;
  /** Absent where nobody else may answer. */
  readonly again?: Again;
}

/** The same request for the candidate so many places further on. Rejects with what the gate has against it. */
type Again = (further: number) => Promise<Admission>;

/** Apart from who waits for the gate: it holds the whole request. */
function renderer(request: InferenceRequest, hashIdentity: InferenceOptions["hashIdentity"]): Render {
  return (segments, connection, model) => {
    const withholdOpaque = connection.rules.opaqueParts === "withhold";
    return Buffer.from(request.write(segments, { model, withholdOpaque, hashIdentity }));
  };
}

/** A refusal that has to do with where the request would go. */
function isOfCandidate({ kind, code }: SluiceError): boolean {
  return (kind === "denied" || kind === "not_found") && !OF_REQUEST.has(code);
}

const OF_REQUEST: ReadonlySet<Code> = new Set<Code>([
  "approval_required",
  "approval_denied",
  "approval_expired",
  "approval_self",
  "account_disabled",
  "group_missing",
  "subject_opted_out",
]);

/** `/custom/name/a/b` → name, `/a/b`. */
function splitCustom(pathname: string): [name: string, path: string] {
  const slash = pathname.indexOf("/", CUSTOM_PREFIX.length);
  if (slash === -1) return [pathname.slice(CUSTOM_PREFIX.length), ""];
  return [pathname.slice(CUSTOM_PREFIX.length, slash), pathname.slice(slash)];
}

function familyOf(endpoint: Endpoint): ErrorFamily {
  return endpoint.family === "custom" ? "problem" : endpoint.family;
}

/** In whose words to refuse, before the endpoint is known. */
function guessFamily(pathname: string, head: Head): ErrorFamily {
  if (pathname.startsWith(CUSTOM_PREFIX) || pathname === PROXY_PATH) return "problem";
  if (head.anthropicVersion !== undefined || pathname.startsWith("/v1/messages")) return "anthropic";
  return "openai";
}

/** What of the query may travel: the Anthropic SDK marks beta endpoints with `?beta=true`. Anything else is not guessed at. */
function readQuery(endpoint: Endpoint, query: string): string {
  if (query === "" || (endpoint.family === "anthropic" && query === "beta=true")) return query;
  throw new SluiceError("field_invalid", "query parameters are not taken by this endpoint; put settings into the body");
}
