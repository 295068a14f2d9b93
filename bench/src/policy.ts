/**
 * What a decision costs: the whole of `decide`, lawful basis, risk and obligations included, with a hundred policies. Once as
 * policies are written, each for a group and a purpose; once so that none of them can be left out unread.
 */
import type { Connection, Purpose } from "../../gateway/src/core/connection.ts";
import type { FoundFacts } from "../../gateway/src/core/decision.ts";
import type { Principal } from "../../gateway/src/core/principal.ts";
import { type Authorizer, createAuthorizer } from "../../gateway/src/policy/authorizer.ts";
import { cedar } from "../../gateway/src/policy/cedar.ts";
import { loadPolicies } from "../../gateway/src/policy/load.ts";
import type { Bench } from "./report.ts";
import { median, percentile, round } from "./statistics.ts";
import { RELEASE_MEANINGS, releaseFigures } from "./release.ts";

const POLICIES = 100;
const GROUPS = 10;
/** Median and 99th percentile are of each round; the figure is the median over the rounds. */
const ROUNDS = 5;

const purposes: ReadonlyMap<string, Purpose> = new Map(
  Array.from({ length: GROUPS }, (_, at) => {
    const id = `purpose-${at}`;
    return [
      id,
      { id, dpv: "dpv:CustomerCare", basis: "eu-gdpr:A6-1-b", condition: "eu-gdpr:A9-2-h", retention: "P30D" },
    ];
  }),
);

const connection: Connection = {
  name: "main",
  kind: "custom",
  url: new URL("https://127.0.0.1:9"),
  headers: {},
  query: {},
  recipient: {
    id: "acme",
    name: "Acme AI",
    country: "US",
    role: "processor",
    dpa: "DPA-1",
    transfer: { mechanism: "scc", reference: "SCC-1", assessment: "TIA-1" },
  },
  tags: ["production"],
  models: [],
  rules: { request: {}, response: {}, default: "placeholder", neverRestore: [], opaqueParts: "block" },
  limits: {
    responseBytesMax: 0,
    eventBytesMax: 0,
    connectTimeoutMs: 0,
    firstByteTimeoutMs: 0,
    idleTimeoutMs: 0,
    totalTimeoutMs: 0,
    retriesMax: 0,
  },
  allowPrivateAddress: false,
  rehearsal: false,
  endpoints: [],
};

const principal: Principal = {
  id: "service:bench",
  kind: "service",
  credential: "bench",
  groups: ["group-3", "group-7"],
  roles: ["user"],
  purposes: [...purposes.keys()],
  actors: [],
  limits: { requestsPerMinute: 1, concurrentStreams: 1 },
};

const FOUND: FoundFacts = {
  found: { EMAIL: 3, PERSON: 2, IBAN: 1 },
  categories: { contact: 3, "direct-identifier": 2, financial: 1 },
  special: { health: 1 },
};

/** Permits with conditions on purpose, categories, risk and destination, every tenth with obligations; and a few forbids. */
function policies(ofGroups: boolean): string {
  const texts = Array.from({ length: POLICIES }, (_, at) => {
    if (at % 20 === 19) {
      return `@id("forbid-${at}") forbid (principal, action, resource)
        when { context has purpose && context.purpose == Purpose::"purpose-${at % GROUPS}" && context.hour == ${at % 24} };`;
    }
    const obligations = at % 10 === 3 ? '@approve("group-1") @mask("contact=placeholder") @retain("7d")' : "";
    const group = ofGroups ? ` in Group::"group-${at % GROUPS}"` : "";
    const purpose = `context.purpose == Purpose::"purpose-${Math.floor(at / GROUPS) % GROUPS}"`;
    const rest = `context.risk < ${at} && !context.categories.contains("secret") && (resource.eea || resource.dpa)
        && context.counts.contact < ${at + 50}`;
    return `@id("permit-${at}") ${obligations}
      permit (principal${group}, action in [Action::"infer", Action::"embed"], resource)
      when { ${ofGroups ? `${purpose} && ${rest}` : `${rest} && ${purpose}`} };`;
  });
  return texts.join("\n");
}

interface Timed {
  readonly p50: number;
  readonly p99: number;
}

/** Microseconds of one call. `batch` calls are timed together, because a clock that is asked each time costs as much as they do. */
function time(calls: number, batch: number, call: (at: number) => void): Timed {
  const took = new Float64Array(Math.ceil(calls / batch));
  for (let at = 0; at < took.length; at++) {
    const begin = performance.now();
    for (let each = 0; each < batch; each++) call(at * batch + each);
    took[at] = ((performance.now() - begin) * 1000) / batch;
  }
  took.sort();
  return { p50: percentile(took, 0.5), p99: percentile(took, 0.99) };
}

function rounds(quick: boolean, calls: number, batch: number, call: (at: number) => void): Timed {
  const all = Array.from({ length: quick ? 2 : ROUNDS }, () => time(quick ? calls / 10 : calls, batch, call));
  const [, ...warm] = all;
  return { p50: median(warm.map(({ p50 }) => p50)), p99: median(warm.map(({ p99 }) => p99)) };
}

function authorizers(ofGroups: boolean): { cached: Authorizer; cold: Authorizer; loadMs: number } {
  const set = loadPolicies(
    { files: [{ name: "bench.cedar", text: policies(ofGroups) }] },
    { connections: [connection], groups: Array.from({ length: GROUPS }, (_, at) => `group-${at}`), purposes },
  );
  const register = { purposes, recipients: new Map([[connection.recipient.id, connection.recipient]]) };
  const begin = performance.now();
  const cached = createAuthorizer(register, set);
  const loadMs = performance.now() - begin;
  return { cached, cold: createAuthorizer(register, set, { cacheMax: 0 }), loadMs };
}

/** One request for each purpose, over and over. */
function deciding(authorizer: Authorizer): (at: number) => void {
  const now = Date.UTC(2026, 10, 2, 9);
  const requests = [...purposes.keys()].map((purpose) => {
    const request = {
      principal,
      action: "infer",
      connection,
      purpose,
      hasSubject: false,
      opaqueParts: {},
      now,
    } as const;
    const admitted = authorizer.admit(request);
    if (admitted.effect === "deny") throw new Error(`assertion: the bench is not admitted: ${admitted.message}`);
    return admitted;
  });
  return (at) => {
    const admitted = requests[at % requests.length];
    if (admitted !== undefined) authorizer.decide(admitted, FOUND, { now, network: "203.0.113.7" });
  };
}

export const bench: Bench = {
  meanings: {
    decision_cached_us: "one decision whose facts were seen before, median",
    decision_cold_100_us: `one decision whose facts are new, ${POLICIES} policies for ${GROUPS} groups and purposes, median`,
    decision_cold_100_p99_us: "99 of 100 of these",
    decision_cold_100_unsorted_us: `the same, ${POLICIES} policies none of which can be left out unread, median`,
    policies_prepare_ms: `putting ${POLICIES} checked policies in force`,
    ...RELEASE_MEANINGS,
  },
  run: async (quick) => {
    const { cached, cold, loadMs } = authorizers(true);
    const cachedTimes = rounds(quick, 200_000, 100, deciding(cached));
    const coldTimes = rounds(quick, 10_000, 1, deciding(cold));
    const unsortedTimes = rounds(quick, 10_000, 1, deciding(authorizers(false).cold));
    return {
      versions: { "@cedar-policy/cedar-wasm": cedar().getCedarSDKVersion() },
      figures: {
        decision_cached_us: round(cachedTimes.p50, 2),
        decision_cold_100_us: round(coldTimes.p50, 1),
        decision_cold_100_p99_us: round(coldTimes.p99, 1),
        decision_cold_100_unsorted_us: round(unsortedTimes.p50, 1),
        policies_prepare_ms: round(loadMs, 1),
        ...(await releaseFigures(quick)),
      },
    };
  },
};
