import { expect, test } from "vitest";
import { subjectsSchema } from "./sections/subjects.ts";
import { resolveSubjects } from "./subjects.ts";

const DAY_MS = 86_400_000;

test("an epoch and the backups are a month each, tags are no people, and the machine has a name", () => {
  const { gateway, ...settings } = resolveSubjects(subjectsSchema.parse({}));
  expect(settings).toEqual({ epochMs: 30 * DAY_MS, backupsMs: 30 * DAY_MS, stripTags: true, gatewayIsMachine: true });
  expect(gateway).toMatch(/^[a-z0-9][a-z0-9.-]{0,62}$/);
});

test("all of it can be said", () => {
  const said = { epoch: "P7D", backups: "P90D", email_tags: "keep", gateway: "berlin-1" };
  expect(resolveSubjects(subjectsSchema.parse(said))).toEqual({
    epochMs: 7 * DAY_MS,
    backupsMs: 90 * DAY_MS,
    stripTags: false,
    gateway: "berlin-1",
    gatewayIsMachine: false,
  });
});

test.each([
  { epoch: "0s" },
  { epoch: "a month" },
  { backups: "P0D" },
  { email_tags: "maybe" },
  { gateway: "../up" },
  { gateway: "Berlin" },
  { gateways: "x" },
])("%j is refused", (said) => {
  expect(subjectsSchema.safeParse(said).success).toBe(false);
});
