import { describe, expect, it } from "vitest";
import { connectionFor } from "../core/test/connection.ts";
import * as door from "./index.ts";
import { assertPermit, mintPermit, type Permit, revokePermit } from "./permit.ts";

describe("a permit", () => {
  it("is accepted while its exchange lives and not after", () => {
    const permit = mintPermit(connectionFor(), "1");
    assertPermit(permit);
    revokePermit(permit);
    expect(() => assertPermit(permit)).toThrow(/without a live permit/);
  });

  it("cannot be imitated", () => {
    const permit = mintPermit(connectionFor(), "1");
    expect(() => assertPermit({ ...permit })).toThrow();
    expect(() => assertPermit(structuredClone({ exchange: "1" }) as unknown as Permit)).toThrow();
  });

  it("cannot be changed to point elsewhere", () => {
    const permit = mintPermit(connectionFor(), "1");
    expect(() => Object.assign(permit, { connection: connectionFor({ name: "evil" }) })).toThrow(TypeError);
  });

  it("cannot be minted through the room's door", () => {
    expect(Object.keys(door)).not.toContain("mintPermit");
    expect(Object.keys(door)).not.toContain("revokePermit");
  });
});
