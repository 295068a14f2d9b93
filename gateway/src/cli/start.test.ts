/** `start` as an operator runs it: a process that is asked, told to reload, and stopped. */
import type { ChildProcess } from "node:child_process";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { type Folder, folder } from "./test/sluice.ts";

const folders: Folder[] = [];
const running: ChildProcess[] = [];

function fresh(): Folder {
  const made = folder();
  folders.push(made);
  return made;
}

afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});
afterAll(() => {
  for (const each of folders) each.remove();
});

interface Started {
  readonly child: ChildProcess;
  /** Everything printed so far, stdout and stderr together. */
  output(): string;
  /** Resolves with the match as soon as it has been printed. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<number | null>;
}

function start(here: Folder, ...args: string[]): Started {
  const child = here.spawn(["start", ...args]);
  running.push(child);
  let output = "";
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: unknown) => {
      output += String(chunk);
      for (const look of waiting) look();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    child,
    output: () => output,
    ended,
    printed(pattern) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(output);
          if (match === null) return;
          waiting.delete(look);
          resolve(match);
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`ended without printing ${pattern}:\n${output}`)));
      });
    },
  };
}

const URL_PRINTED = /http:\/\/127\.0\.0\.1:\d+/;
const KEY_PRINTED = /sluice_[a-z0-9-]{8,64}_[0-9A-Za-z]{49}/;

describe("without a configuration", () => {
  test("it prints where it listens and one key, serves, stops on SIGTERM, and leaves a log that verifies", async () => {
    const here = fresh();
    const sluice = start(here, "--port", "0", "--data", "data");
    const [url] = await sluice.printed(URL_PRINTED);
    const [key] = await sluice.printed(KEY_PRINTED);
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({
        model: "rehearsal",
        messages: [{ role: "user", content: "Write to john.doe@example.com" }],
      }),
    });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("john.doe@example.com");

    const second = start(here, "--port", "0", "--data", "data");
    expect(await second.ended).toBe(3);
    expect(second.output()).not.toContain("bug");

    sluice.child.kill("SIGTERM");
    expect(await sluice.ended).toBe(0);
    const verified = await here.sluice(["verify", "data", "--json"]);
    expect(verified.code).toBe(0);
    expect(JSON.parse(verified.out)).toMatchObject({ ok: true, orphans: [] });
  });

  test("with --json it prints one JSON value a line", async () => {
    const sluice = start(fresh(), "--port", "0", "--data", "data", "--json");
    await sluice.printed(/"url":"http/);
    sluice.child.kill("SIGINT");
    expect(await sluice.ended).toBe(0);
    const lines = sluice
      .output()
      .split("\n")
      .filter((line) => line.startsWith("{"));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual({
      url: expect.stringMatching(URL_PRINTED) as unknown,
      key: expect.stringMatching(KEY_PRINTED) as unknown,
    });
  });
});

describe("with a configuration", () => {
  test("the one that init wrote serves the key that init showed, and SIGHUP takes the key away again", async () => {
    const here = fresh();
    const made = await here.sluice(["init"]);
    const [key] = KEY_PRINTED.exec(made.out) ?? [""];
    const sluice = start(here, "--port", "0");
    const [url] = await sluice.printed(URL_PRINTED);
    const models = async (): Promise<number> =>
      (await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
    expect(await models()).toBe(200);

    const text = here.read("sluice.yaml");
    here.write("sluice.yaml", text.replace("purposes: [support]", "purposes: [suport]"));
    sluice.child.kill("SIGHUP");
    await sluice.printed(/unknown purpose "suport"/);
    expect(await models()).toBe(200);

    here.write("sluice.yaml", text.replace(/^keys:\n(?: .*\n)+/m, ""));
    sluice.child.kill("SIGHUP");
    await sluice.printed(/is in force/);
    expect(await models()).toBe(401);
    sluice.child.kill("SIGTERM");
    expect(await sluice.ended).toBe(0);
  });

  test("a wrong one ends with 2 and names every problem; a port that is taken is said to be", async () => {
    const here = fresh();
    here.write("wrong.yaml", "foo: 1\nlisteners: [{ address: 0.0.0.0:80 }]\n");
    const wrong = await here.sluice(["start", "--config", "wrong.yaml"]);
    expect(wrong).toMatchObject({ code: 2, out: "" });
    expect(wrong.err).toContain("wrong.yaml:1:1 foo: unknown key");
    expect(wrong.err).toContain("wrong.yaml:2:24 listeners[0].address: 0.0.0.0 is reached from other machines");
    const asJson = await here.sluice(["start", "--config", "wrong.yaml", "--json"]);
    expect(JSON.parse(asJson.out)).toMatchObject({ ok: false, error: { code: "config_invalid" } });

    const sluice = start(here, "--port", "0", "--data", "a");
    const [, port = ""] = await sluice.printed(/http:\/\/127\.0\.0\.1:(\d+)/);
    const taken = await here.sluice(["start", "--port", port, "--data", "b"]);
    expect(taken.code).toBe(2);
    expect(taken.err).toContain("EADDRINUSE");
  });
});
