/** The command line as a whole: its verbs, and what holds for all of them. Importing a verb must stay cheap: it loads its rooms when it runs. */
import { Command, CommanderError } from "commander";
import { VERSION } from "../server/version.ts";
import { addApprove } from "./approve.ts";
import { addBreach } from "./breach.ts";
import { addCheckConfig } from "./check-config.ts";
import { addCompletion } from "./completion.ts";
import { addDetect } from "./detect.ts";
import { addEvidence } from "./evidence.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import { addFsck } from "./fsck.ts";
import { addHold, addRetention } from "./hold.ts";
import { addInit } from "./init.ts";
import { addKey } from "./key.ts";
import { addKeys } from "./keys.ts";
import { addLogin } from "./login.ts";
import { addPolicy } from "./policy.ts";
import { addLog } from "./log.ts";
import { addReplay } from "./replay.ts";
import { addRestore } from "./restore.ts";
import { addScrub } from "./scrub.ts";
import { addStart } from "./start.ts";
import { createTerminal } from "./terminal.ts";
import type { Cli } from "./verb.ts";
import { addSubject } from "./subject.ts";
import { addVerify } from "./verify.ts";
import { addVersion } from "./version.ts";
import { addWitness } from "./witness.ts";

/** Runs one command line, without the interpreter and script. Never rejects. */
export async function run(args: readonly string[]): Promise<ExitCode> {
  const cli: Cli = { terminal: createTerminal(), exit: EXIT.ok };
  const program = new Command("sluice")
    .description("The gate that personal data must pass on its way to AI models, and the evidence that it did")
    .version(VERSION, "-V, --version", "print the version")
    // An option belongs to the verb before it: `witness key --data` is not `witness --data key`.
    .enablePositionalOptions()
    .showHelpAfterError("(sluice help shows what there is)")
    .exitOverride()
    .addHelpText(
      "after",
      "\nBegin with:\n  sluice start              try it: no configuration, no account, nothing leaves this machine\n  sluice init               write a configuration to start from",
    );

  addStart(program, cli);
  addInit(program, cli);
  addCheckConfig(program, cli);
  addKey(program, cli);
  addKeys(program, cli);
  addPolicy(program, cli);
  addDetect(program, cli);
  addScrub(program, cli);
  addRestore(program, cli);
  addLogin(program, cli);
  addApprove(program, cli);
  addReplay(program, cli);
  addSubject(program, cli);
  addHold(program, cli);
  addRetention(program, cli);
  addLog(program, cli);
  addVerify(program, cli);
  addFsck(program, cli);
  addWitness(program, cli);
  addEvidence(program, cli);
  addBreach(program, cli);
  addCompletion(program, cli);
  addVersion(program, cli);

  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (thrown) {
    // commander has printed its message; help and version come here too, with 0.
    if (!(thrown instanceof CommanderError)) throw thrown;
    return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  return cli.exit;
}
