/**
 * The control API: health, metrics, the scrub API and the evidence, on one fastify instance that gets the requests which are
 * not inference. Validation, types and OpenAPI 3.1 come from the same zod schemas. Errors are problem details (RFC 9457) with
 * a code from core/errors.ts.
 */
import type { TLSSocket } from "node:tls";
import swagger from "@fastify/swagger";
import { fastify, type FastifyError, type FastifyInstance, type FastifyRequest } from "fastify";
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import type { Purpose } from "../core/connection.ts";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { Sender } from "../core/intent.ts";
import type { Principal } from "../core/principal.ts";
import type { WitnessStates } from "../core/witnesses.ts";
import type { Keys } from "../custody/index.ts";
import { auditRoutes } from "../audit/routes.ts";
import { keyRoutes } from "../custody/routes.ts";
import type { EvidenceLog } from "../evidence/index.ts";
import { evidenceRoutes } from "../evidence/routes.ts";
import type { Exports } from "../export/index.ts";
import { exportRoutes } from "../export/routes.ts";
import type { Gate } from "../gate/index.ts";
import { type ErrorFamily, renderError } from "../protocols/http/errors.ts";
import { credentialOf } from "../protocols/http/headers.ts";
import { parseJson } from "../protocols/http/json.ts";
import { PRESIDIO_PATH, presidioRoutes, presidioStatus } from "../protocols/http/presidio.ts";
import type { PresidioDetector } from "../protocols/http/presidio-detector.ts";
import { scrubRoutes } from "../protocols/http/routes.ts";
import type { Control } from "./control.ts";
import { certificateOf } from "../identity/certificates.ts";
import { identityRoutes, scimRoutes } from "../identity/routes.ts";
import { refuseOnPage, unsavedComment } from "./browser.ts";
import { type GuardedRoute, guardRoutes } from "./guard.ts";
import { channelRoutes, requireStepUp } from "../channels/routes.ts";
import { reviewPages, reviewRoutes } from "../reviews/routes.ts";
import { recordingRoutes, type RecordingRoutes } from "../recordings/routes.ts";
import type { Rights } from "../rights/index.ts";
import { rightsRoutes } from "../rights/routes.ts";
import type { Stamps } from "../timestamps/index.ts";
import { checkRole, permissionRow } from "./permissions.ts";
import type { Telemetry } from "./telemetry.ts";
import { VERSION } from "./version.ts";

/** Files that a bundle takes along: the last stamps of each authority, and what they are of. */
const STAMPS_TAKEN_MAX = 16;

export interface ApiOptions {
  readonly gate: Gate;
  readonly log: EvidenceLog;
  /** Of the log. */
  readonly origin: string;
  /** A configuration that was in force, by its hash, where it was kept. */
  readonly policyOf: (version: string) => Uint8Array | undefined;
  readonly record: RecordEvent;
  readonly custodyKeys: () => Promise<Keys>;
  readonly recordings: RecordingRoutes["recordings"];
  /** Of the configuration in force. */
  readonly purposeOf: (id: string) => Purpose | undefined;
  readonly rights: Rights;
  readonly exports: Exports;
  readonly stamps: Stamps;
  readonly control: Pick<
    Control,
    | "authenticator"
    | "baseUrl"
    | "browsers"
    | "channels"
    | "challenge"
    | "desk"
    | "directory"
    | "identity"
    | "ledger"
    | "people"
  >;
  readonly telemetry: Telemetry;
  readonly restore: (text: string, entities: readonly { placeholder: string; type: string; value: string }[]) => string;
  readonly detector: PresidioDetector;
  /** Longest scan of one request, and longest piece of it that runs without a break. */
  readonly scrubMs: number;
  readonly sliceMs: number;
  readonly bodyBytesMax: number;
  readonly jsonDepthMax: number;
  /** True when anybody may read the evidence; else the role auditor or privacy-officer is needed. */
  readonly evidencePublic: boolean;
  readonly metrics: boolean;
  /** What witnesses of the log say; undefined where there are none. */
  readonly witnesses: () => WitnessStates | undefined;
  /** False while draining or when a part that traffic needs is down. */
  readonly ready: () => { ready: boolean; reasons: readonly string[] };
}

const PROBLEM: ErrorFamily = "problem";

/** `routes`: of the control API, as they were registered. */
export async function createApi(
  options: ApiOptions,
): Promise<{ readonly app: FastifyInstance; readonly routes: readonly GuardedRoute[] }> {
  const { gate, log, telemetry } = options;
  const { control } = options;
  const { ledger, browsers } = control;
  const app = fastify({ logger: false, bodyLimit: options.bodyBytesMax, routerOptions: { maxParamLength: 300 } });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Sluice",
        version: VERSION,
        description: "Scrub, restore and proxy. Inference endpoints follow their providers' own specifications.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      components: { securitySchemes: { key: { type: "http", scheme: "bearer" } } },
      security: [{ key: [] }],
    },
    transform: jsonSchemaTransform,
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    try {
      checkCoding(request.headers["content-encoding"]);
      done(null, parseStrict(body as Buffer, options.jsonDepthMax));
    } catch (thrown) {
      done(toSluiceError(thrown));
    }
  });

  const identifiedAt = new WeakMap<FastifyRequest, number>();
  const identify = async (request: FastifyRequest): Promise<Principal> => {
    identifiedAt.set(request, gate.identityChanges());
    const credential = credentialOf(request.raw);
    // What a program sends with each request counts before what a browser keeps.
    const principal =
      (credential === undefined ? await browsers.identify(request) : undefined) ??
      (await gate.identify(credential, request.raw.socket));
    control.people.note(principal);
    return principal;
  };
  /** Nothing travels: what these routes make goes back to who asked. */
  const senderOf = (request: FastifyRequest): Sender => ({
    identifiedAt: identifiedAt.get(request) ?? -1,
    identify: () => identify(request),
    travels: () => ({ path: "", query: "", headers: [] }),
  });
  const guard = guardRoutes(app, {
    identify,
    record: options.record,
    authorize: (principal, permission, { ip }) => {
      const action = permissionRow(permission).action;
      if (action !== undefined) gate.checkControl(principal, action, ip);
    },
    beforeUse: (request) => browsers.checkToken(request),
  });
  const open = { config: { permission: "open" }, schema: { hide: true } } as const;

  app.setErrorHandler(async (thrown: FastifyError | SluiceError, request, reply) => {
    const error = fromFastify(thrown);
    const evidence = await gate.refuse(guard.knownPrincipal(request), { endpoint: "api" }, error);
    const family = request.url.startsWith(`${PRESIDIO_PATH}/`) ? "presidio" : PROBLEM;
    const { status, headers, body } = renderError(error, family, presidioStatus(request.url, error));
    if (evidence !== undefined) reply.header("sluice-evidence", evidence);
    const page = refuseOnPage(request, reply, error, status, await unsavedComment(request).catch(() => undefined));
    if (page !== undefined) return page;
    const challenge = control.challenge(error);
    if (challenge !== undefined) reply.header("www-authenticate", challenge);
    return reply.code(status).headers(headers).send(body);
  });
  app.get("/health", open, async () => ({ status: "ok", version: VERSION, ...healthOf(options.witnesses()) }));
  app.get("/ready", open, async (_request, reply) => {
    const { ready, reasons } = options.ready();
    return reply.code(ready ? 200 : 503).send({ status: ready ? "ready" : "not ready", reasons });
  });
  if (options.metrics) {
    app.get("/metrics", open, async (_request, reply) => {
      const { contentType, body } = await telemetry.metrics();
      return reply.header("content-type", contentType).send(body);
    });
  }
  app.get("/openapi.json", open, async () => app.swagger());

  const { principalOf } = guard;
  exportRoutes(app, { exports: options.exports });
  keyRoutes(app, { keys: options.custodyKeys, principalOf: guard.principalOf });
  scrubRoutes(app, { gate, principalOf, senderOf, restore: options.restore });
  presidioRoutes(app, {
    gate,
    principalOf,
    senderOf,
    detector: options.detector,
    budget: { timeoutMs: options.scrubMs, sliceMs: options.sliceMs, clock: performance.now.bind(performance) },
  });
  recordingRoutes(app, {
    recordings: options.recordings,
    record: options.record,
    principalOf,
    admit(principal, id, network) {
      const purpose = options.purposeOf(id);
      if (purpose === undefined)
        throw new SluiceError("purpose_unknown", "there is no such purpose in the configuration");
      gate.checkControl(principal, "reveal", network, purpose);
    },
    async proofOf(index) {
      const proof = await log.proof(index);
      for await (const { bytes } of log.entries(index, index + 1)) return { proof, entry: bytes.toString("utf8") };
      throw new SluiceError("evidence_unknown", "the evidence log has no record of this index");
    },
  });
  rightsRoutes(app, { ledger, principalOf, now: Date.now, rights: options.rights });
  browsers.routes(app);
  const reviews = {
    desk: control.desk,
    principalOf,
    nameOf: (id: string) => control.people.nameOf(id),
    urlOf: (review: string) => `${control.baseUrl().replace(/\/$/, "")}/reviews/${review}`,
    clock: Date.now,
  };
  const channelDoors = {
    channels: control.channels,
    principalOf,
    nameOf: reviews.nameOf,
    csrfOf: (request: FastifyRequest) => browsers.formToken(request),
    checkCsrf: (request: FastifyRequest, token: string) => browsers.checkFormToken(request, token),
    loggedInAt: (request: FastifyRequest) => browsers.loggedInAt(request),
    origin: () => new URL(control.baseUrl()).origin,
    clock: Date.now,
  };
  requireStepUp(app, channelDoors);
  reviewRoutes(app, {
    ...reviews,
    admit(principal, purpose, connection, network) {
      const admitted = gate.admits(principal, purpose, connection);
      gate.checkControl(principal, "break-glass", network, admitted.purpose);
      return admitted;
    },
  });
  reviewPages(app, {
    ...reviews,
    csrfOf: (request) => browsers.formToken(request),
    checkCsrf: (request, token) => browsers.checkFormToken(request, token),
    needsStepUp: (review) => control.channels.decisions.needsStepUp(review),
  });
  channelRoutes(app, channelDoors);
  identityRoutes(app, {
    authenticator: control.authenticator,
    settings: control.identity,
    baseUrl: control.baseUrl,
    certificateOf: (request) => certificateOf(request.raw.socket as TLSSocket),
    record: options.record,
    refuse: (error) => gate.refuse(undefined, { endpoint: "oauth.token" }, error),
  });
  scimRoutes(app, {
    directory: control.directory,
    settings: control.identity,
    baseUrl: control.baseUrl,
    identify: (request) => gate.identify(credentialOf(request.raw), request.raw.socket),
    record: options.record,
    refuse: (error) => gate.refuse(undefined, { endpoint: "scim" }, error),
  });
  auditRoutes(app, {
    origin: options.origin,
    source: { read: async (path) => (await log.file(path))?.body },
    published: async () => {
      const { size } = log;
      if (size > 0) await log.proof(size - 1);
      return log.published;
    },
    minimum: () => log.minimum,
    pseudonym: (name) => log.pseudonym(name),
    proof: (index) => log.proof(index),
    record: options.record,
    principalOf,
    subject(identifiers, principal) {
      checkRole(principal, "subjects.find");
      return options.rights.access.indexes(identifiers, principal.id);
    },
    policy: (version) => Promise.resolve(options.policyOf(version)),
    timestamps: () => options.stamps.newestFiles(STAMPS_TAKEN_MAX),
    clock: Date.now,
  });
  // Whoever makes the log public has decided that readers are nobody's business.
  evidenceRoutes(app, { log, permission: options.evidencePublic ? "open" : "evidence.read" });
  await app.ready();
  return { app, routes: guard.routes };
}

/** Nothing is decoded here; a coding that is ignored would make two readers of one body. */
function checkCoding(coding: string | undefined): void {
  if (coding === undefined || coding.trim() === "" || coding.trim().toLowerCase() === "identity") return;
  throw new SluiceError("content_encoding_unsupported", "send this endpoint's body without content-encoding");
}

function parseStrict(body: Buffer, depthMax: number): unknown {
  if (body.length === 0) throw new SluiceError("body_missing", "the request has no body; send a JSON object");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new SluiceError("utf8_invalid", "the body is not valid UTF-8");
  }
  parseJson(text, { depthMax });
  return JSON.parse(text);
}

/** fastify's own refusals, in our words. Its messages may quote the request, so they are not passed on. */
function fromFastify(thrown: FastifyError | SluiceError): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  if (thrown.validation !== undefined) {
    // Below the first step a path may hold the client's own keys, for example placeholders in a map of entities.
    const fields = new Set(
      thrown.validation.map(({ instancePath, keyword }) => `${instancePath.split("/")[1] ?? "body"} (${keyword})`),
    );
    return new SluiceError("field_invalid", `not of the documented form: ${[...fields].join(", ")}; see /openapi.json`);
  }
  switch (thrown.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new SluiceError(
        "body_too_large",
        "the body is larger than this endpoint takes, or than limits.body_bytes_max",
      );
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new SluiceError("content_type_unsupported", "send content-type: application/json");
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return new SluiceError("body_incomplete", "the body is not as long as content-length says");
    default:
      return toSluiceError(thrown);
  }
}

/** Anybody may ask: how the log stands with its witnesses, and none of their names. */
function healthOf(states: WitnessStates | undefined): { witnesses?: string } {
  if (states === undefined) return {};
  const isContradicted = states.witnesses.some(({ state }) => state === "conflict");
  return { witnesses: isContradicted ? "conflict" : states.quorum };
}
