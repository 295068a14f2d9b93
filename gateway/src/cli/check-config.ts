import type { Command } from "commander";
import type { Checked, Config } from "../config/load.ts";
import type { PolicyProblem } from "../policy/source.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import type { Terminal } from "./terminal.ts";
import { addVerb, type Cli, finish } from "./verb.ts";

interface CheckFlags {
  readonly schema?: boolean;
  readonly json?: boolean;
}

export function addCheckConfig(program: Command, cli: Cli): void {
  addVerb(program, "check-config [file]", {
    summary: "Check a configuration as the gateway would read it here and now; every problem with its line",
    examples: [
      "sluice check-config",
      "sluice check-config /etc/sluice/sluice.yaml --json",
      "sluice check-config --schema > sluice.schema.json     for editors",
    ],
  })
    .option("--schema", "print the JSON Schema of sluice.yaml and check nothing")
    .action((file: string | undefined, flags: CheckFlags) =>
      finish(cli, flags, async () => {
        if (flags.schema === true) {
          const { jsonSchema } = await import("../config/schema.ts");
          cli.terminal.json(jsonSchema());
          return EXIT.ok;
        }
        const [{ CONFIG_FILE, checkConfig }, { DETECTIONS }, { Custody }] = await Promise.all([
          import("../config/load.ts"),
          import("../server/detections.ts"),
          import("../custody/index.ts"),
        ]);
        const custody = new Custody(Date.now);
        const checked = await checkConfig({ file: file ?? CONFIG_FILE, detections: DETECTIONS, custody });
        await custody.close();
        const policyProblems = checked.config === undefined ? [] : await policyProblemsOf(checked.config);
        if (flags.json === true) printJson(cli.terminal, checked, policyProblems);
        else await print(cli.terminal, checked, policyProblems);
        return policyProblems.length > 0 ? EXIT.usage : exitOf(checked);
      }),
    );
}

/** What is wrong with the policies that the configuration names; nothing when it names none. */
async function policyProblemsOf(config: Config): Promise<readonly PolicyProblem[]> {
  if (config.policies === undefined) return [];
  const [{ withRehearsal }, { policyVocabulary }, { readPolicies }, { localConnection }] = await Promise.all([
    import("../config/load.ts"),
    import("../config/policy.ts"),
    import("../policy/load.ts"),
    import("../server/local.ts"),
  ]);
  const whole = config.rehearsal ? withRehearsal(config, new URL("http://127.0.0.1")) : config;
  const connections = [...whole.connections, localConnection(whole)];
  return readPolicies(config.policies, policyVocabulary(whole, connections)).problems;
}

/** 3 when the file is right and only what it refers to is missing on this machine. */
function exitOf({ problems }: Checked): ExitCode {
  if (problems.length === 0) return EXIT.ok;
  return problems.every((each) => each.environment) ? EXIT.environment : EXIT.usage;
}

function printJson(
  terminal: Terminal,
  { source, config, problems, warnings }: Checked,
  policyProblems: readonly PolicyProblem[],
): void {
  terminal.json({
    ok: problems.length === 0 && policyProblems.length === 0,
    file: source,
    ...(config === undefined ? {} : { policy: config.hash }),
    problems: [...problems, ...policyProblems],
    warnings,
  });
}

async function print(
  terminal: Terminal,
  { source, config, problems, warnings }: Checked,
  policyProblems: readonly PolicyProblem[],
): Promise<void> {
  const [{ formatProblem }, { formatPolicyProblem }] = await Promise.all([
    import("../config/load.ts"),
    import("../policy/source.ts"),
  ]);
  const { green, red, yellow } = terminal.colors;
  for (const each of problems) terminal.line(`${red("error")}   ${formatProblem(each)}`);
  for (const each of policyProblems) terminal.line(`${red("error")}   ${formatPolicyProblem(each)}`);
  for (const each of warnings) terminal.line(`${yellow("warning")} ${formatProblem(each)}`);
  if (config === undefined || policyProblems.length > 0) {
    const count = problems.length + policyProblems.length;
    terminal.line(`${source}: ${counted(count, "problem")}, ${counted(warnings.length, "warning")}`);
    return;
  }
  const holds = [
    counted(config.connections.length, "connection"),
    counted(config.keys.length, "key"),
    counted(config.purposes.size, "purpose"),
    counted(warnings.length, "warning"),
  ];
  terminal.line(`${source}: ${green("ok")}, ${holds.join(", ")}${config.rehearsal ? ", and the rehearsal" : ""}`);
  terminal.line(`policy version ${config.hash}`);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
