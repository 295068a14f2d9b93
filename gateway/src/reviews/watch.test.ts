import { expect, test } from "vitest";
import { SluiceError } from "../core/errors.ts";
import type { Grant } from "./grant.ts";
import { GrantWatch } from "./watch.ts";

const GRANT: Grant = {
  id: "gr-1",
  kind: "time-boxed",
  state: "active",
  principal: "corp:alice",
  actors: [],
  purpose: "support",
  basis: "eu-gdpr:A6-1-b",
  connection: "acme",
  recipient: { name: "Acme AI", country: "US" },
  endpoint: "chat.completions",
  digest: "",
  categories: [],
  risk: 0,
  volume: 0,
  opaque: {},
  approvals: [],
  approvers: ["corp:bob"],
  stepUp: false,
  review: "rv-1",
  grantedAt: 0,
  expiresAt: 60_000,
};

test("a revocation that is heard of while the database is away ends what runs once it answers; of the outage one fault is told", async () => {
  let state: Grant["state"] = "active";
  let away = false;
  let asked = 0;
  const faults: string[] = [];
  const told: string[] = [];
  const watch = new GrantWatch({
    async read() {
      asked += 1;
      if (away) throw new SluiceError("database_unavailable", "away");
      return [{ ...GRANT, state }];
    },
    clock: () => 0,
    onFault: ({ code }) => faults.push(code),
  });
  watch.add(GRANT, (why) => told.push(why));
  await expect.poll(() => asked).toBe(1);
  away = true;
  state = "revoked";
  watch.look([GRANT.id]);
  await expect.poll(() => asked).toBe(3);
  away = false;
  await expect.poll(() => told).toEqual(["revoked"]);
  expect(asked).toBe(4);
  expect(faults).toEqual(["database_unavailable"]);
  watch.close();
});
