import { inspect } from "node:util";
import { expect, it } from "vitest";
import { Secret } from "./secret.ts";

it("a secret shows itself only when asked by name", () => {
  const secret = new Secret("s3cr3t-value");
  const shown = [
    String(secret),
    JSON.stringify({ secret }),
    inspect({ secret }, { depth: 5, showHidden: true }),
    `${secret}`,
  ];
  for (const each of shown) expect(each).not.toContain("s3cr3t");
  expect(secret.reveal()).toBe("s3cr3t-value");
});
