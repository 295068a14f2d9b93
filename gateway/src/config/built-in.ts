/** The configuration of a Sluice that was started without `sluice.yaml`: the rehearsal on loopback, and nothing that leaves the machine. */
import type { Config, Key } from "./config.ts";
import { deepFreeze } from "./freeze.ts";
import { resolveConfig } from "./resolve.ts";
import { parseSource } from "./source.ts";

export const BUILT_IN = "built-in default";

const DOCUMENT = `
purposes:
  rehearsal:
    dpv: dpv:ServiceProvision
    basis: eu-gdpr:A6-1-f
    assessment: built in, for trying things out; nothing leaves this machine
    retention: P1D
rehearsal: true
listeners:
  - address: 127.0.0.1:8787
evidence:
  # Only this machine reaches it, and trying out the verifier should take no key.
  public: true
`;

export interface BuiltInOptions {
  /** Evidence directory; default ./sluice-data below the working directory. */
  readonly dataDir?: string | undefined;
  readonly port?: number | undefined;
  /** The built-in document has none; the start may mint one and hand it in. */
  readonly keys?: readonly Key[];
  /** Absolute path; default the working directory. */
  readonly baseDir?: string;
}

/** Never fails. `rehearsal` is true: add its connections with `withRehearsal` once its address is known. */
export function embeddedDefault(options: BuiltInOptions = {}): Config {
  const { config, problems } = resolveConfig(parseSource(DOCUMENT, BUILT_IN), {
    references: new Map(),
    detections: { types: {} },
    now: 0,
    baseDir: options.baseDir ?? process.cwd(),
    dataDir: options.dataDir,
    port: options.port,
  });
  if (config === undefined) throw new Error(`assertion: the built-in configuration has problems: ${problems.length}`);
  return deepFreeze({
    ...config,
    builtIn: true,
    keys: options.keys ?? [],
    warnings: [
      "no sluice.yaml: only the built-in rehearsal upstream is served; `sluice init` writes a configuration to start from",
    ],
  });
}
