/**
 * A process that dies between writing and answering: opens the witness in its first argument for the list in its second, gives it the
 * request in its third, and kills itself when there is an answer, before that could leave.
 */
import { parseLogList } from "../log-list.ts";
import { Witness } from "../witness.ts";

const [, , dir = "", list = "", body = ""] = process.argv;
const witness = new Witness({ dir, name: "witness.example/w1", clock: Date.now, logs: parseLogList(list, "logs.txt") });
const { status } = await witness.addCheckpoint(Buffer.from(body));
if (status === 200) process.kill(process.pid, "SIGKILL");
process.exitCode = 1;
