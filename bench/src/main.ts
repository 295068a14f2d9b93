/**
 * `npm run bench -- gateway|evidence|detector|policy [--json] [--quick]`: runs one benchmark and prints what it measured. The detector's also
 * takes `--corpora FOLDER`, `--peers` and `--faults`.
 */
import { parseArgs } from "node:util";
import { type Bench, environment, printJson, printTable } from "./report.ts";

const BENCHES: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  gateway: () => import("./gateway.ts"),
  evidence: () => import("./evidence.ts"),
  detector: () => import("./detector.ts"),
  policy: () => import("./policy.ts"),
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    corpora: { type: "string" },
    peers: { type: "boolean", default: false },
    faults: { type: "boolean", default: false },
  },
});
const [name = ""] = positionals;
const loadBench = BENCHES[name];
if (loadBench === undefined || positionals.length !== 1) {
  console.error(
    `usage: npm run bench -- ${Object.keys(BENCHES).join("|")} [--json] [--quick] [--corpora FOLDER] [--peers] [--faults]`,
  );
  process.exit(2);
}
const { bench } = await loadBench();
const at = environment();
const { quick, corpora, peers, faults } = values;
const measured = await bench.run(quick, { peers, faults, ...(corpora === undefined ? {} : { corpora }) });
const report = { name, quick, at, ...measured };
if (values.json) printJson(report);
else printTable(report, bench.meanings);
