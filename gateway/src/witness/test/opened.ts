/** What the tests of this room share: folders and witnesses that go away, and a client that says what came back. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NoteVerdict, parseNote, parseVkey, verifyNote } from "@sluice/verifier";
import { afterEach } from "vitest";
import { type Door, type DoorOptions, openDoor } from "../http.ts";
import { parseLogList } from "../log-list.ts";
import { Witness, type WitnessOptions } from "../witness.ts";
import { NOW } from "./signed-log.ts";

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** Runs after the test, last one first. */
export function afterTest(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

export function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), "witness-"));
  afterTest(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A witness for the logs of a list, `witness.example/w1` unless told otherwise. */
export function openWitness(list: string, options: Partial<WitnessOptions> = {}): Witness {
  const witness = new Witness({
    dir: options.dir ?? join(temporaryFolder(), "data"),
    name: "witness.example/w1",
    clock: () => NOW,
    logs: parseLogList(list, "logs.txt"),
    ...options,
  });
  afterTest(() => witness.close());
  return witness;
}

export async function openHttp(witness: Witness, options: Partial<DoorOptions> = {}): Promise<Door> {
  const door = await openDoor({
    witness,
    host: "127.0.0.1",
    port: 0,
    loopback: true,
    prefix: "",
    requestsPerMinute: 10_000,
    clock: () => NOW,
    onFault: (fault) => {
      throw fault;
    },
    ...options,
  });
  afterTest(() => door.close());
  return door;
}

export interface Said {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export async function post(url: string, body: string | Uint8Array): Promise<Said> {
  const response = await fetch(`${url}/add-checkpoint`, { method: "POST", body: body as BodyInit });
  return { status: response.status, type: response.headers.get("content-type") ?? "", body: await response.text() };
}

/** What a verifier that pins `vkeys` says of the checkpoint with these lines under it. */
export function judged(checkpoint: string, lines: string, vkeys: readonly string[]): Promise<NoteVerdict> {
  return verifyNote(parseNote(checkpoint + lines), vkeys.map(parseVkey));
}
