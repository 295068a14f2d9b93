import { describe, expect, it } from "vitest";
import { connectionFor, PURPOSES, principalFor, SUPPORT } from "../core/test/connection.ts";
import { grantOf } from "./grant.ts";

const intent = { opaqueParts: {} };

describe("what the credential allows", () => {
  it("takes the credential's default purpose when none is asked for", () => {
    expect(grantOf(principalFor(), intent, connectionFor(), PURPOSES)).toEqual({ effect: "allow", purpose: SUPPORT });
  });

  it("takes the purpose asked for when the credential may use it", () => {
    const principal = principalFor({ purposes: ["support", "research"] });
    expect(grantOf(principal, { ...intent, purpose: "research" }, connectionFor(), PURPOSES)).toMatchObject({
      effect: "allow",
      purpose: { id: "research" },
    });
  });

  it("names what is missing when there is no purpose", () => {
    const { defaultPurpose: _, ...principal } = principalFor();
    const decision = grantOf(principal, intent, connectionFor(), PURPOSES);
    expect(decision).toMatchObject({ effect: "deny", code: "purpose_missing" });
    expect(JSON.stringify(decision)).toContain("Sluice-Purpose");
  });

  it("denies a purpose that is registered but not this credential's", () => {
    expect(grantOf(principalFor(), { ...intent, purpose: "research" }, connectionFor(), PURPOSES)).toMatchObject({
      effect: "deny",
      code: "purpose_not_allowed",
    });
  });

  it("denies an unregistered purpose without repeating the client's text", () => {
    const decision = grantOf(principalFor(), { ...intent, purpose: "jane-doe" }, connectionFor(), PURPOSES);
    expect(decision).toMatchObject({ effect: "deny", code: "purpose_unknown" });
    expect(JSON.stringify(decision)).not.toContain("jane");
  });

  it("denies a connection outside the credential's list", () => {
    expect(grantOf(principalFor({ connections: ["other"] }), intent, connectionFor(), PURPOSES)).toMatchObject({
      effect: "deny",
      code: "connection_not_allowed",
    });
  });

  it("denies parts that cannot be scanned unless the connection lets them", () => {
    const withImage = { opaqueParts: { image: 1 } };
    expect(grantOf(principalFor(), withImage, connectionFor(), PURPOSES)).toMatchObject({ code: "part_not_scannable" });
    const rules = { ...connectionFor().rules, opaqueParts: "withhold" as const };
    expect(grantOf(principalFor(), withImage, connectionFor({ rules }), PURPOSES)).toMatchObject({ effect: "allow" });
  });
});
