import { monitorEventLoopDelay } from "node:perf_hooks";
import { afterAll, describe, expect, it } from "vitest";
import { SluiceError } from "../core/errors.ts";
import { SignatureThread } from "./saml-signature.ts";
import { refusal, Scene } from "./test/saml-scene.ts";

const at = new Scene();
const impatient = new SignatureThread(1);
afterAll(() => impatient.close());

/** As much work for the XML libraries as a message may hold. */
function heavy(xml: string): string {
  const attributes = Array.from({ length: 24 }, (_, each) => `a${each}=""`).join(" ");
  const filler = `<x ${attributes}/>`.repeat(300) + "<x/>".repeat(2_000);
  return xml.replace("</saml:Assertion>", `${filler}</saml:Assertion>`);
}

describe("the thread that verifies signatures", () => {
  it("leaves everybody else's traffic alone, whatever a stranger posts", async () => {
    await at.login();
    const begun = await at.begin();
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const started = performance.now();
    const refused = await refusal(at.finish({ ...begun, xml: heavy(begun.xml) }));
    const took = performance.now() - started;
    delay.disable();
    expect(refused).toMatch(/^assertion_invalid: .*signed by no key/);
    expect(delay.max / 1e6, `of ${took} ms`).toBeLessThan(Math.max(60, took / 2));
  });

  it("gives up what takes too long, and goes on with another thread", async () => {
    const begun = await at.begin();
    const question = { xml: begun.xml, isSigned: false, certificates: at.settings.certificates };
    await expect(impatient.signedAssertion(question)).rejects.toThrow(/takes too long/);
    await expect(impatient.signedAssertion(question)).rejects.toThrow(/takes too long/);
    await at.signatures.close();
    await expect(at.finish(begun)).resolves.toMatchObject({ asserted: { subject: "mara" } });
  });

  it("has a short queue, and whoever finds it full may try again", async () => {
    const begun = await at.begin();
    const tries = await Promise.allSettled(Array.from({ length: 40 }, () => at.finish(begun)));
    const codes = tries.map((each) =>
      each.status === "fulfilled" ? "in" : each.reason instanceof SluiceError ? each.reason.code : String(each.reason),
    );
    expect(codes.filter((code) => code === "in")).toHaveLength(1);
    expect(codes.filter((code) => code === "rate_limited")).toHaveLength(7);
    expect(codes.filter((code) => code === "assertion_replayed")).toHaveLength(32);
  });
});
