import { expect, test } from "vitest";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { startIdp } from "./test/idp.ts";
test("x", async () => {
  const idp = await startIdp({ clients: ["crm-bot"] });
  const t = await idp.token({ groups: ["a"] });
  console.log(decodeJwt(t), decodeProtectedHeader(t));
  console.log(decodeJwt(await idp.clientToken("crm-bot")));
  console.log(await (await fetch(idp.issuer + "/jwks")).text());
  await idp.stop();
});
