import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SluiceError } from "../core/errors.ts";
import {
  approvers,
  cancel,
  castVote,
  expire,
  type GroupsOf,
  type Review,
  settle,
  stateAt,
  type Transition,
  type Voter,
} from "./review.ts";

const PENDING: Review = {
  id: "rv-1",
  kind: "request",
  state: "pending",
  requester: "corp:alice",
  actors: [],
  parties: ["corp:alice"],
  purpose: "support",
  basis: "eu-gdpr:A6-1-b",
  connection: "openai",
  recipient: { name: "Acme AI", country: "DE" },
  digest: "abc",
  categories: ["health"],
  risk: { score: 70, reasons: ["health data found"] },
  volume: 0,
  opaque: {},
  approvals: [{ group: "privacy", people: 1 }],
  bytes: 10,
  createdAt: 0,
  expiresAt: 1_000,
  votes: [],
};
const human = (id: string): Voter => ({ id, kind: "human", actors: [] });
const everybodyIn =
  (...groups: string[]): GroupsOf =>
  () =>
    groups;
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return "none";
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown.code;
    throw thrown;
  }
};

describe("a review", () => {
  test("is granted by one person of the group, when one is asked for", () => {
    const { review, events } = castVote(PENDING, human("corp:bob"), "approve", 5, everybodyIn("privacy"));
    expect(review).toMatchObject({ state: "granted", decidedAt: 5, votes: [{ person: "corp:bob" }] });
    expect(events.map(({ name }) => name)).toEqual(["review.voted", "review.granted"]);
  });

  test("is denied by one no, however many have said yes", () => {
    const two: Review = { ...PENDING, approvals: [{ group: "privacy", people: 2 }] };
    const first = castVote(two, human("corp:bob"), "approve", 5, everybodyIn("privacy"));
    const second = castVote(first.review, human("corp:carl"), "deny", 6, everybodyIn("privacy"));
    expect(second.review.state).toBe("denied");
    expect(second.events.map(({ name, actor }) => [name, actor])).toEqual([
      ["review.voted", "corp:carl"],
      ["review.denied", "corp:carl"],
    ]);
  });

  test("needs every rule met, by people of its group", () => {
    const both: Review = {
      ...PENDING,
      approvals: [
        { group: "privacy", people: 1 },
        { group: "security", people: 1 },
      ],
    };
    const groupsOf: GroupsOf = (person) => (person === "corp:bob" ? ["privacy"] : ["security"]);
    const first = castVote(both, human("corp:bob"), "approve", 5, groupsOf);
    expect(first.review.state).toBe("pending");
    expect(castVote(first.review, human("corp:carl"), "approve", 6, groupsOf).review.state).toBe("granted");
  });

  test("the same person twice is one person", () => {
    const two: Review = { ...PENDING, approvals: [{ group: "privacy", people: 2 }] };
    const first = castVote(two, human("corp:bob"), "approve", 5, everybodyIn("privacy"));
    const again = castVote(first.review, human("corp:bob"), "approve", 6, everybodyIn("privacy"));
    expect(again.review.state).toBe("pending");
    expect(again.events).toEqual([]);
  });

  test("who asked may not decide, whatever groups he is in", () => {
    expect(codeOf(() => castVote(PENDING, human("corp:alice"), "approve", 5, everybodyIn("privacy")))).toBe(
      "approval_self",
    );
  });

  test("who owns the agent that asked may not decide", () => {
    const asked: Review = { ...PENDING, requester: "agent:bot", parties: ["agent:bot", "corp:dora"] };
    expect(codeOf(() => castVote(asked, human("corp:dora"), "approve", 5, everybodyIn("privacy")))).toBe(
      "approval_self",
    );
  });

  test.each<[string, Voter]>([
    ["a service", { id: "service:ci", kind: "service", actors: [] }],
    ["an agent", { id: "agent:bot", kind: "agent", actors: [] }],
    [
      "an agent that acts for an approver",
      { id: "corp:bob", kind: "human", actors: [{ id: "agent:bot", kind: "agent" }] },
    ],
  ])("%s may not decide", (_, voter) => {
    expect(codeOf(() => castVote(PENDING, voter, "approve", 5, everybodyIn("privacy")))).toBe("permission_missing");
  });

  test("who is not in the group may not decide, and an admin is not by himself", () => {
    expect(codeOf(() => castVote(PENDING, human("corp:root"), "approve", 5, everybodyIn("admins")))).toBe(
      "permission_missing",
    );
  });

  test("who left the group does not count any more", () => {
    const two: Review = { ...PENDING, approvals: [{ group: "privacy", people: 2 }] };
    const first = castVote(two, human("corp:bob"), "approve", 5, everybodyIn("privacy"));
    const bobLeft: GroupsOf = (person) => (person === "corp:bob" ? [] : ["privacy"]);
    const second = castVote(first.review, human("corp:carl"), "approve", 6, bobLeft);
    expect(second.review.state).toBe("pending");
    expect(approvers(second.review, bobLeft)).toEqual(["corp:carl"]);
    expect(castVote(second.review, human("corp:dora"), "approve", 7, bobLeft).review.state).toBe("granted");
  });

  test("a yes may become a no", () => {
    const two: Review = { ...PENDING, approvals: [{ group: "privacy", people: 2 }] };
    const yes = castVote(two, human("corp:bob"), "approve", 5, everybodyIn("privacy"));
    const no = castVote(yes.review, human("corp:bob"), "deny", 6, everybodyIn("privacy"));
    expect(no.review).toMatchObject({ state: "denied", votes: [{ person: "corp:bob", decision: "deny", at: 6 }] });
  });

  test("whose time is over is expired before anybody has marked it so", () => {
    expect(stateAt(PENDING, 999)).toBe("pending");
    expect(stateAt(PENDING, 1_000)).toBe("expired");
    expect(codeOf(() => castVote(PENDING, human("corp:bob"), "approve", 1_000, everybodyIn("privacy")))).toBe(
      "review_closed",
    );
    expect(
      settle(
        { ...PENDING, votes: [{ person: "corp:bob", decision: "approve", at: 5 }] },
        1_000,
        everybodyIn("privacy"),
      ),
    ).toBe(undefined);
    expect(expire(PENDING, 999)).toBe(undefined);
    expect(expire(PENDING, 1_000)?.review.state).toBe("expired");
  });

  test("that nobody is asked about is granted by nobody", () => {
    expect(settle({ ...PENDING, approvals: [] }, 5, everybodyIn("privacy"))).toBe(undefined);
    expect(settle({ ...PENDING, approvals: [{ group: "privacy", people: 0 }] }, 5, everybodyIn("privacy"))).toBe(
      undefined,
    );
  });
});

/** People p0… of whom some ask, with groups that change as they vote. */
const PEOPLE = ["p0", "p1", "p2", "p3", "p4", "p5"];
const GROUPS = ["privacy", "security"];
const person = fc.constantFrom(...PEOPLE);
const membership = fc.record(Object.fromEntries(PEOPLE.map((each) => [each, fc.subarray(GROUPS)])));
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("vote" as const),
      person,
      decision: fc.constantFrom("approve" as const, "approve" as const, "deny" as const),
      groups: membership,
      agent: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("settle" as const), groups: membership }) },
  { weight: 1, arbitrary: fc.constant({ kind: "cancel" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "expire" as const }) },
);
const started = fc.record({
  parties: fc.uniqueArray(person, { minLength: 1, maxLength: 3 }),
  approvals: fc.array(fc.record({ group: fc.constantFrom(...GROUPS), people: fc.integer({ min: 0, max: 3 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
  times: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 30, maxLength: 30 }),
  steps: fc.array(step, { maxLength: 30 }),
});

interface Seen {
  readonly before: Review;
  readonly after: Review;
  readonly now: number;
  readonly groupsOf: GroupsOf;
}

/** Every change of a run, refused steps left out. */
function changes({
  parties,
  approvals,
  times,
  steps,
}: typeof started extends fc.Arbitrary<infer T> ? T : never): Seen[] {
  let review: Review = { ...PENDING, requester: parties[0] ?? "", parties, approvals };
  let now = 0;
  const seen: Seen[] = [];
  for (const [at, each] of steps.entries()) {
    now += times[at] ?? 0;
    const groups = "groups" in each ? each.groups : {};
    const groupsOf: GroupsOf = (who) => groups[who] ?? [];
    let transition: Transition | undefined;
    try {
      if (each.kind === "vote") {
        const voter: Voter = {
          id: each.person,
          kind: "human",
          actors: each.agent ? [{ id: "bot", kind: "agent" }] : [],
        };
        transition = castVote(review, voter, each.decision, now, groupsOf);
      } else if (each.kind === "settle") transition = settle(review, now, groupsOf);
      else if (each.kind === "cancel") transition = cancel(review, now, parties[0]);
      else transition = expire(review, now);
    } catch (thrown) {
      if (!(thrown instanceof SluiceError)) throw thrown;
    }
    if (transition === undefined) continue;
    seen.push({ before: review, after: transition.review, now, groupsOf });
    review = transition.review;
  }
  return seen;
}

describe("whatever happens in whatever order", () => {
  const holds = (check: (seen: Seen) => void): void =>
    fc.assert(
      fc.property(started, (run) => changes(run).forEach(check)),
      { numRuns: 2_000 },
    );

  test("no vote of anybody who has a part in the request is ever counted or kept", () => {
    holds(({ after }) => {
      for (const { person: voter } of after.votes) expect(after.parties).not.toContain(voter);
    });
  });

  test("granted means enough distinct people of each rule's group, of whom nobody asked", () => {
    let granted = 0;
    holds(({ after, groupsOf }) => {
      if (after.state !== "granted") return;
      granted += 1;
      for (const rule of after.approvals) {
        const yes = new Set(
          after.votes
            .filter(({ person: voter, decision }) => decision === "approve" && !after.parties.includes(voter))
            .filter(({ person: voter }) => groupsOf(voter).includes(rule.group))
            .map(({ person: voter }) => voter),
        );
        expect(yes.size).toBeGreaterThanOrEqual(rule.people);
      }
      expect(after.votes.some(({ decision }) => decision === "deny")).toBe(false);
      expect(approvers(after, groupsOf).length).toBeGreaterThan(0);
    });
    expect(granted).toBeGreaterThan(50);
  });

  test("what is decided stays as it is", () => {
    holds(({ before }) => expect(before.state).toBe("pending"));
  });

  test("nothing is granted, denied or taken back once its time is over", () => {
    holds(({ after, now }) => {
      if (after.state === "expired") expect(now).toBeGreaterThanOrEqual(after.expiresAt);
      else if (after.state !== "pending") expect(now).toBeLessThan(after.expiresAt);
    });
  });
});
