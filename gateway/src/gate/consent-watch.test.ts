import { expect, it } from "vitest";
import type { ConsentState } from "../core/register.ts";
import { connectionFor, PURPOSES, principalFor } from "../core/test/connection.ts";
import { createAuthorizer } from "../policy/index.ts";
import { type Concern, ConsentWatch } from "./consent-watch.ts";

const OUT: ConsentState = { state: "none", optedOut: true };
const IN: ConsentState = { state: "none", optedOut: false };
const authorizer = createAuthorizer({ purposes: PURPOSES, recipients: new Map() }, undefined);

function about(subject: string, since = 0): Concern {
  const admitted = authorizer.admit({
    principal: principalFor(),
    action: "infer",
    connection: connectionFor(),
    hasSubject: true,
    opaqueParts: {},
    now: 0,
  });
  if (admitted.effect === "deny") throw new Error(admitted.message);
  return {
    subject,
    authorizer,
    admitted,
    found: { found: {}, categories: {}, special: {} },
    surroundings: { now: 0, consent: IN },
    since,
  };
}

it("ends once what a word does not allow, and leaves what it does not concern or is over", async () => {
  const watch = new ConsentWatch(() => OUT);
  const told: string[] = [];
  for (const subject of ["a", "a", "b"]) watch.add(about(subject), ({ code }) => told.push(`${subject} ${code}`));
  watch.add(about("a"), () => told.push("over"))();
  watch.changed((subject) => subject === "a");
  watch.changed((subject) => subject === "a");
  await expect.poll(() => told).toEqual(["a subject_opted_out", "a subject_opted_out"]);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(told).toHaveLength(2);
});

it("looks at once at what has changed since the ledger was asked", async () => {
  const watch = new ConsentWatch(() => OUT);
  const since = watch.changes;
  watch.changed(() => false);
  const told = new Promise<string>((resolve) => watch.add(about("a", since), ({ code }) => resolve(code)));
  expect(await told).toBe("subject_opted_out");
});

it("asks again while the ledger does not answer, and sees what is said while it is being asked", async () => {
  let asked = 0;
  let state = IN;
  const watch = new ConsentWatch(async () => {
    asked += 1;
    const answer = state;
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (asked === 1) throw new Error("the database is away");
    return answer;
  });
  const told: string[] = [];
  watch.add(about("a"), ({ code }) => told.push(code));
  watch.changed(() => true);
  await expect.poll(() => asked).toBe(2);
  state = OUT;
  watch.changed(() => true);
  await expect.poll(() => told).toEqual(["subject_opted_out"]);
  expect(asked).toBe(3);
});
