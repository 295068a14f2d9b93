/**
 * Custody's part of the document → its settings, checked: each provider of the root key has what it needs and nothing that
 * another one needs. What signs in to a secret service stands in variables and files, so it is there before anything else.
 */
import { join, resolve as resolvePath } from "node:path";
import type { CustodySettings, RootSettings, VaultSettings } from "../core/custody.ts";
import type { Secret } from "../core/secret.ts";
import { isLoopback } from "./connections.ts";
import { valueAt } from "./plain.ts";
import type { Path } from "./problem.ts";
import { lookUp, type References, secretOf } from "./references.ts";
import { type CustodyDocument, custodySchema } from "./sections/custody.ts";
import { Report, type Source } from "./source.ts";
import { durationMs } from "./units.ts";

export interface CustodyContext {
  readonly report: Report;
  /** Absolute path that relative paths start from. */
  readonly baseDir: string;
  /** Absolute path of the evidence. */
  readonly evidenceDir: string;
  /** Undefined when nothing is found, which it then has reported. */
  readonly secretOf: (reference: string, path: Path) => Secret | undefined;
}

type RootDocument = CustodyDocument["root"];
type RootKeyName = Exclude<keyof RootDocument, "provider">;

interface ProviderRow {
  readonly needs: readonly RootKeyName[];
  readonly takes: readonly RootKeyName[];
}

const PROVIDERS: Readonly<Record<RootDocument["provider"], ProviderRow>> = {
  file: { needs: [], takes: ["path"] },
  pkcs11: { needs: ["module", "token", "pin"], takes: ["key"] },
  "aws-kms": { needs: ["key"], takes: [] },
  transit: { needs: [], takes: ["mount", "key"] },
};

const KEY_NAME = "sluice";
/** Default of `evidence.dir` in schema.ts. */
const EVIDENCE_DIR = "./sluice-data";

/** `env:` and `file:` references of the section, wherever they stand as texts: they are looked up before all others. */
export function custodyReferences(document: unknown): string[] {
  const places: Path[] = [
    ["custody", "root", "pin"],
    ["custody", "vault", "token"],
    ["custody", "vault", "approle", "role_id"],
    ["custody", "vault", "approle", "secret_id"],
  ];
  return places.flatMap((path) => {
    const reference = valueAt(document, path);
    return typeof reference === "string" && /^(?:env|file):./.test(reference) ? [reference] : [];
  });
}

/** Files of the section that are no secrets, as references. */
export function custodyFiles(document: unknown): string[] {
  const ca = valueAt(document, ["custody", "vault", "ca"]);
  return typeof ca === "string" && ca !== "" ? [`file:${ca}`] : [];
}

/**
 * The settings before the rest of the document is resolved, for looking up what it refers to. Undefined when they have a
 * problem; resolving the whole document names it.
 */
export function custodyAhead(
  source: Source,
  references: References,
  { baseDir, dataDir }: { readonly baseDir: string; readonly dataDir?: string | undefined },
): CustodySettings | undefined {
  const parsed = custodySchema.safeParse(valueAt(source.value, ["custody"]) ?? {});
  if (!parsed.success) return undefined;
  const written = valueAt(source.value, ["evidence", "dir"]);
  const evidenceDir = dataDir ?? resolvePath(baseDir, typeof written === "string" ? written : EVIDENCE_DIR);
  return resolveCustody(parsed.data, {
    report: new Report(source),
    baseDir,
    evidenceDir: resolvePath(evidenceDir),
    secretOf: (reference) => {
      const found = lookUp(references, reference);
      return "value" in found ? secretOf(found) : undefined;
    },
  });
}

/** Undefined when there is a problem, which is in the report. */
export function resolveCustody(document: CustodyDocument, context: CustodyContext): CustodySettings | undefined {
  const { report, baseDir, evidenceDir } = context;
  const before = report.problems.length;
  const dir = document.dir === undefined ? join(evidenceDir, "custody") : resolvePath(baseDir, document.dir);
  const vault = document.vault === undefined ? undefined : resolveVault(document.vault, context);
  const root = resolveRoot(document.root, dir, context);
  const endpoint = document.aws.endpoint === undefined ? undefined : resolveEndpoint(document.aws.endpoint, report);
  if (document.root.provider === "transit" && document.vault === undefined)
    report.problem(["custody", "root", "provider"], "transit needs `custody.vault`");
  if (root === undefined || report.problems.length > before) return undefined;
  return {
    dir,
    refreshMs: durationMs(document.refresh) ?? 0,
    keepMs: durationMs(document.keep) ?? 0,
    cacheMs: durationMs(document.cache) ?? 0,
    root,
    ...(vault === undefined ? {} : { vault }),
    aws: {
      ...(document.aws.region === undefined ? {} : { region: document.aws.region }),
      ...(endpoint === undefined ? {} : { endpoint }),
    },
  };
}

function resolveRoot(root: RootDocument, dir: string, context: CustodyContext): RootSettings | undefined {
  const { report, baseDir, secretOf } = context;
  const { provider, key, mount, path } = root;
  const { needs, takes } = PROVIDERS[provider];
  for (const name of Object.keys(root) as (keyof RootDocument)[]) {
    if (name === "provider" || needs.includes(name) || takes.includes(name)) continue;
    report.problem(["custody", "root", name], `says nothing to the provider ${provider}`, "key");
  }
  for (const name of needs) {
    if (root[name] === undefined)
      report.problem(["custody", "root"], `the provider ${provider} needs \`${name}\``, "key");
  }
  switch (provider) {
    case "file":
      return { provider, path: path === undefined ? join(dir, "root.key") : resolvePath(baseDir, path) };
    case "pkcs11": {
      const { module, token, pin } = root;
      if (module === undefined || token === undefined || pin === undefined) return undefined;
      const secret = secretOf(pin, ["custody", "root", "pin"]);
      if (secret === undefined) return undefined;
      return { provider, module: resolvePath(baseDir, module), token, key: key ?? KEY_NAME, pin: secret };
    }
    case "aws-kms":
      return key === undefined ? undefined : { provider, key };
    case "transit":
      return { provider, mount: mount ?? "transit", key: key ?? KEY_NAME };
  }
}

function resolveVault(
  vault: NonNullable<CustodyDocument["vault"]>,
  { report, secretOf }: CustodyContext,
): VaultSettings | undefined {
  const path: Path = ["custody", "vault"];
  const url = resolveUrl(vault.url, [...path, "url"], report);
  if (url !== undefined && url.pathname !== "/") report.problem([...path, "url"], "must not hold a path");
  const ca = vault.ca === undefined ? undefined : secretOf(`file:${vault.ca}`, [...path, "ca"])?.reveal();
  const auth = resolveAuth(vault, path, report, secretOf);
  if (url === undefined || auth === undefined) return undefined;
  return {
    url,
    ...(ca === undefined ? {} : { ca }),
    ...(vault.namespace === undefined ? {} : { namespace: vault.namespace }),
    auth,
  };
}

function resolveAuth(
  { token, approle }: NonNullable<CustodyDocument["vault"]>,
  path: Path,
  report: Report,
  secretOf: CustodyContext["secretOf"],
): VaultSettings["auth"] | undefined {
  if (token !== undefined && approle === undefined) {
    const secret = secretOf(token, [...path, "token"]);
    return secret === undefined ? undefined : { method: "token", token: secret };
  }
  if (approle === undefined || token !== undefined) {
    report.problem(path, "needs either `token` or `approle`", "key");
    return undefined;
  }
  const roleId = secretOf(approle.role_id, [...path, "approle", "role_id"]);
  const secretId = secretOf(approle.secret_id, [...path, "approle", "secret_id"]);
  if (roleId === undefined || secretId === undefined) return undefined;
  return { method: "approle", mount: approle.mount, roleId, secretId };
}

function resolveEndpoint(text: string, report: Report): URL | undefined {
  return resolveUrl(text, ["custody", "aws", "endpoint"], report);
}

/** Secrets travel there, so plain HTTP goes to this machine alone. */
function resolveUrl(text: string, path: Path, report: Report): URL | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:"))
    report.problem(path, "must be an https URL");
  else if (url.protocol === "http:" && !isLoopback(url.hostname)) report.problem(path, "must be an https URL");
  else if (url.username !== "" || url.password !== "") report.problem(path, "must not hold a user or password");
  else if (url.search !== "" || url.hash !== "") report.problem(path, "must not hold a query or a fragment");
  else return url;
  return undefined;
}
