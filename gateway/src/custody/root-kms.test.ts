import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { openKmsRoot } from "./root-kms.ts";
import { rootKeyContract } from "./test/contract.ts";
import { SECRET_KEY, startFakeAws } from "./test/fake-aws.ts";

rootKeyContract("AWS KMS", async () => {
  const fake = await startFakeAws();
  fake.addKey("alias/sluice");
  fake.addKey("alias/other");
  return {
    open: () => openKmsRoot({ key: "alias/sluice", endpoint: fake.endpoint }),
    openOther: () => openKmsRoot({ key: "alias/other", endpoint: fake.endpoint }),
    async fail(down) {
      fake.down = down;
    },
    secrets: () => [SECRET_KEY],
    close: () => fake.close(),
  };
});

test("what a key is bound to stands nowhere in clear, where CloudTrail would keep it", async () => {
  const fake = await startFakeAws();
  fake.addKey("alias/sluice");
  const root = await openKmsRoot({ key: "alias/sluice", endpoint: fake.endpoint });
  await root.wrap(randomBytes(32), Buffer.from("ring of a name"));
  expect(fake.contexts).toHaveLength(1);
  expect(fake.contexts.join()).not.toContain("name");
  await root.close();
  await fake.close();
});

test("a key that is unknown, disabled or whose client is not installed is named", async () => {
  const fake = await startFakeAws();
  const arn = fake.addKey("alias/sluice");
  const { endpoint } = fake;
  await expect(openKmsRoot({ key: "alias/none", endpoint })).rejects.toThrow("NotFoundException");
  const root = await openKmsRoot({ key: "alias/sluice", endpoint });
  expect(root.id).toBe(`aws-kms:${arn}`);
  fake.disable(arn, true);
  const wrapped = root.wrap(randomBytes(32), Buffer.from("x"));
  await expect(wrapped).rejects.toMatchObject({ code: "key_unavailable", message: /DisabledException/ });
  expect((await root.describe()).warnings.join()).toContain("in the state Disabled");
  const missing = openKmsRoot({ key: "x", load: () => Promise.reject(new Error("ERR_MODULE_NOT_FOUND")) });
  await expect(missing).rejects.toThrow("npm install @aws-sdk/client-kms");
  await root.close();
  await fake.close();
});
