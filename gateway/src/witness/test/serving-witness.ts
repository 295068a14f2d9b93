/**
 * One of several processes on one folder: opens the witness in its first argument for the list in its second, and says its URL. Ends
 * when it is killed.
 */
import { openDoor } from "../http.ts";
import { parseLogList } from "../log-list.ts";
import { Witness } from "../witness.ts";

const [, , dir = "", list = ""] = process.argv;
const witness = new Witness({ dir, name: "witness.example/w1", clock: Date.now, logs: parseLogList(list, "logs.txt") });
const { url } = await openDoor({
  witness,
  host: "127.0.0.1",
  port: 0,
  loopback: true,
  prefix: "",
  requestsPerMinute: 100_000,
  clock: Date.now,
  onFault: (fault) => process.stderr.write(`${String(fault)}\n`),
});
process.stdout.write(`${url}\n`);
