/**
 * Presidio's REST shape below `/presidio`, so that its clients work with another base URL and a key: `analyze`, `anonymize`,
 * `deanonymize` and the lists. The texts go nowhere but back to the caller; as with the scrub API, each use is on record with
 * what was found in it, by type and number. Errors are `{"error": "…"}`.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { SluiceError, toSluiceError } from "../../core/errors.ts";
import type { Intent, Sender } from "../../core/intent.ts";
import type { Principal } from "../../core/principal.ts";
import type { Exchange, Gate } from "../../gate/index.ts";
import { tokenHeader } from "./headers.ts";
import { networkOf } from "./network.ts";
import { Analysis, type AnalysisRequest } from "./presidio-analysis.ts";
import type { PresidioDetector } from "./presidio-detector.ts";
import { supportedEntities } from "./presidio-entities.ts";
import { ANONYMIZERS, anonymize, DEANONYMIZERS, deanonymize } from "./presidio-operators.ts";
import {
  ALLOWED_PATTERNS_MAX,
  type AnalyzeBody,
  analyzeBody,
  analyzeReply,
  anonymizeBody,
  deanonymizeBody,
  DENIED_CHARS_MAX,
  engineReply,
  listQuery,
  listReply,
  PATTERNS_MAX,
} from "./presidio-schemas.ts";
import { EXCHANGE, LOCAL } from "./routes.ts";
import { TimeBudget, type TimeBudgetOptions } from "./time-budget.ts";

export const PRESIDIO_PATH = "/presidio";

export interface PresidioRoutes {
  readonly gate: Gate;
  readonly detector: PresidioDetector;
  /** Who was authenticated. */
  readonly principalOf: (request: FastifyRequest) => Principal;
  readonly senderOf: (request: FastifyRequest) => Sender;
  readonly budget: TimeBudgetOptions;
}

/** Their status for a request of the wrong form: 400 from the analyzer, 422 from the anonymizer. Undefined: ours. */
export function presidioStatus(url: string, error: SluiceError): number | undefined {
  return error.code === "field_invalid" && /\/(?:de)?anonymize\b/.test(url) ? 422 : undefined;
}

export function presidioRoutes(plain: FastifyInstance, options: PresidioRoutes): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { detector } = options;

  app.post(
    `${PRESIDIO_PATH}/analyze`,
    {
      config: EXCHANGE,
      schema: {
        summary: "Find personal data, in Presidio's shape",
        body: analyzeBody,
        response: { 200: analyzeReply },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const asked = askedOf(body);
      const texts = listOf(body.text);
      const exchange = await open(options, request, "analyze", texts);
      reply.header("sluice-evidence", exchange.id);
      return recorded(exchange, async () => {
        const analysis = await Analysis.of(detector, asked, new TimeBudget(options.budget));
        if (analysis.unsupported.length > 0)
          reply.header("sluice-unsupported-entities", analysis.unsupported.join(", "));
        const results = [];
        for (const each of texts) results.push(await analysis.analyze(each));
        return Array.isArray(body.text) ? results : (results[0] ?? []);
      });
    },
  );

  app.post(
    `${PRESIDIO_PATH}/anonymize`,
    {
      config: EXCHANGE,
      schema: {
        summary: "Replace what an analysis found, in Presidio's shape",
        body: anonymizeBody,
        response: { 200: engineReply },
      },
    },
    async (request, reply) => {
      const { text, analyzer_results: results, anonymizers } = request.body;
      const work = pairsOf(text, results ?? [], "analyzer_results");
      const exchange = await open(options, request, "anonymize", listOf(text));
      reply.header("sluice-evidence", exchange.id);
      return recorded(exchange, async () => {
        const done = await inTurns(work, options.budget, (each, spans) => anonymize(each, spans, anonymizers ?? {}));
        return Array.isArray(text) ? done : only(done);
      });
    },
  );

  app.post(
    `${PRESIDIO_PATH}/deanonymize`,
    {
      config: EXCHANGE,
      schema: {
        summary: "Put encrypted values back, in Presidio's shape",
        body: deanonymizeBody,
        response: { 200: engineReply },
      },
    },
    async (request, reply) => {
      const { text, anonymizer_results: results, deanonymizers } = request.body;
      const work = pairsOf(text, results ?? [], "anonymizer_results");
      // As with `/api/restore`, only the fact is recorded: the text holds tokens and goes nowhere.
      const exchange = await open(options, request, "deanonymize", []);
      reply.header("sluice-evidence", exchange.id);
      return recorded(exchange, async () => {
        const done = await inTurns(work, options.budget, (each, spans) =>
          deanonymize(each, spans, deanonymizers ?? {}),
        );
        return Array.isArray(text) ? done : only(done);
      });
    },
  );

  const list = (path: string, summary: string, entries: readonly string[]): void => {
    const schema = { summary, querystring: listQuery, response: { 200: listReply } };
    app.get(`${PRESIDIO_PATH}/${path}`, { config: EXCHANGE, schema }, async () => [...entries]);
  };
  const recognizerNames = Object.keys(detector.types).map((type) => type.toLowerCase().replaceAll("_", "-"));
  list("recognizers", "What finds, one name a type", recognizerNames.sort());
  list(
    "supportedentities",
    "Entities that may be found, of Presidio's name where there is one",
    supportedEntities(detector.types),
  );
  list("anonymizers", "Operators of `anonymize`", ANONYMIZERS);
  list("deanonymizers", "Operators of `deanonymize`", DEANONYMIZERS);

  app.get(
    `${PRESIDIO_PATH}/health`,
    { config: { permission: "open" }, schema: { hide: true } },
    async (_request, reply) => reply.type("text/plain; charset=utf-8").send("Sluice is up, in Presidio's shape"),
  );
}

function askedOf(body: AnalyzeBody): AnalysisRequest {
  const adHoc = body.ad_hoc_recognizers ?? [];
  const patterns = adHoc.reduce((sum, { patterns }) => sum + (patterns?.length ?? 0), 0);
  if (patterns > PATTERNS_MAX)
    throw new SluiceError(
      "field_invalid",
      `ad_hoc_recognizers hold ${patterns} patterns; the limit is ${PATTERNS_MAX}`,
    );
  const denied = adHoc.reduce((sum, { deny_list }) => sum + (deny_list ?? []).join("").length, 0);
  if (denied > DENIED_CHARS_MAX)
    throw new SluiceError("field_invalid", `deny_list: all together may hold ${DENIED_CHARS_MAX} characters`);
  const allowed = body.allow_list ?? [];
  if (body.allow_list_match === "regex" && allowed.length > ALLOWED_PATTERNS_MAX)
    throw new SluiceError("field_invalid", `allow_list: the limit is ${ALLOWED_PATTERNS_MAX} expressions`);
  return {
    entities: body.entities ?? [],
    scoreMin: body.score_threshold ?? undefined,
    recognizers: adHoc.map((each, index) => {
      const named = each.supported_entity ?? each.supported_entities?.[0];
      const field = `ad_hoc_recognizers[${index}]`;
      if (named === undefined) throw new SluiceError("field_invalid", `${field}: supported_entity is missing`);
      if ((each.patterns ?? []).length === 0 && (each.deny_list ?? []).length === 0)
        throw new SluiceError("field_invalid", `${field} needs patterns or a deny_list`);
      return {
        name: each.name,
        entity: named,
        patterns: each.patterns ?? [],
        words: each.deny_list ?? [],
        wordsScore: each.deny_list_score,
        context: each.context ?? [],
        flags: each.global_regex_flags,
      };
    }),
    context: body.context ?? [],
    allowed,
    allowedMatch: body.allow_list_match,
    flags: body.regex_flags,
    explain: body.return_decision_process === true,
  };
}

function listOf(text: string | readonly string[]): readonly string[] {
  return typeof text === "string" ? [text] : text;
}

/** Each text with its results. */
function pairsOf<T extends object>(
  text: string | readonly string[],
  results: readonly T[] | readonly (readonly T[])[],
  field: string,
): { text: string; results: readonly T[] }[] {
  const lists = results as readonly (T | readonly T[])[];
  const isList = (each: T | readonly T[]): each is readonly T[] => Array.isArray(each);
  if (typeof text === "string") {
    if (lists.some(isList)) throw new SluiceError("field_invalid", `${field} must be one list, for one text`);
    return [{ text, results: lists as readonly T[] }];
  }
  if (lists.length > 0 && (lists.length !== text.length || !lists.every(isList)))
    throw new SluiceError("field_invalid", `${field} must hold one list for each of the ${text.length} texts`);
  return text.map((each, index) => ({ text: each, results: (lists[index] as readonly T[] | undefined) ?? [] }));
}

async function inTurns<T, R>(
  work: readonly { readonly text: string; readonly results: readonly T[] }[],
  options: TimeBudgetOptions,
  operation: (text: string, results: readonly T[]) => R,
): Promise<R[]> {
  const budget = new TimeBudget(options);
  const done: R[] = [];
  for (const { text, results } of work) {
    done.push(operation(text, results));
    await budget.spend();
  }
  return done;
}

function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined) throw new Error("assertion: one text has one result");
  return first;
}

function open(
  { gate, principalOf, senderOf }: PresidioRoutes,
  request: FastifyRequest,
  endpoint: "analyze" | "anonymize" | "deanonymize",
  texts: readonly string[],
): Promise<Exchange> {
  const purpose = tokenHeader(request.raw, "sluice-purpose");
  const intent: Intent = {
    action: endpoint === "deanonymize" ? "restore" : "scrub",
    family: LOCAL,
    target: LOCAL,
    endpoint: `presidio.${endpoint}`,
    segments: texts.map((text, index) => ({ path: `text.${index}`, text, final: true, origin: "user" })),
    opaqueParts: {},
    streaming: false,
    requestBytes: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    network: networkOf(request.raw),
    sender: senderOf(request),
    ...(purpose === undefined ? {} : { purpose }),
  };
  return gate.open(principalOf(request), intent, (segments) =>
    Buffer.from(segments.map(({ text }) => text).join("\n")),
  );
}

/** Does the work of an exchange and records how it ended. */
async function recorded<T>(exchange: Exchange, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    await exchange.end({
      status: "completed",
      responseBytes: Buffer.byteLength(JSON.stringify(result)),
      upstreamMs: 0,
    });
    return result;
  } catch (thrown) {
    const error = toSluiceError(thrown);
    error.evidence = exchange.id;
    await exchange.end({ status: "failed", code: error.code, responseBytes: 0, upstreamMs: 0 });
    throw error;
  }
}
