/** `npm run bench -- gateway|evidence [--json] [--quick]`: runs one benchmark and prints what it measured. */
import { parseArgs } from "node:util";
import { type Bench, environment, printJson, printTable } from "./report.ts";

const BENCHES: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  gateway: () => import("./gateway.ts"),
  evidence: () => import("./evidence.ts"),
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, quick: { type: "boolean", default: false } },
});
const [name = ""] = positionals;
const loadBench = BENCHES[name];
if (loadBench === undefined || positionals.length !== 1) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHES).join("|")} [--json] [--quick]`);
  process.exit(2);
}
const { bench } = await loadBench();
const at = environment();
const measured = await bench.run(values.quick);
const report = { name, quick: values.quick, at, ...measured };
if (values.json) printJson(report);
else printTable(report, bench.meanings);
