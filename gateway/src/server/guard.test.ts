import fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { ControlEvent } from "../core/event.ts";
import { ROLES, type Role } from "../core/principal.ts";
import { principalFor } from "../core/test/connection.ts";
import { guardRoutes } from "./guard.ts";
import { PERMISSIONS, permissionRow } from "./permissions.ts";

let app: FastifyInstance;
afterEach(() => app.close());

interface Here {
  readonly events: ControlEvent[];
  /** In the order in which they happened. */
  readonly steps: string[];
}

function guarded(roles: readonly Role[], recordFails = false): Here {
  const events: ControlEvent[] = [];
  const steps: string[] = [];
  app = fastify();
  app.setErrorHandler((thrown, _request, reply) => reply.code(500).send(toSluiceError(thrown).code));
  const guard = guardRoutes(app, {
    identify: (request) => {
      if (request.headers.authorization === undefined) throw new SluiceError("key_missing", "no key");
      return principalFor({ id: "corp:mara", roles });
    },
    record: async (event) => {
      if (recordFails) throw new SluiceError("evidence_unavailable", "full");
      steps.push("recorded");
      events.push(event);
      return { index: events.length };
    },
  });
  app.get("/read/:id", { config: { permission: "evidence.read" } }, (request, reply) => {
    steps.push("handled");
    return reply.send(guard.principalOf(request).id);
  });
  app.get("/open", { config: { permission: "open" } }, (request, reply) =>
    reply.send(String(guard.knownPrincipal(request))),
  );
  app.post("/reveal", { config: { permission: "recordings.reveal" } }, (_request, reply) => reply.send("shown"));
  app.post("/exchange", { config: { permission: "exchange" } }, (_request, reply) => reply.send("done"));
  return { events, steps };
}

const AS_MARA = { authorization: "Bearer x" };

describe("a route of the control API", () => {
  it.each([[{}], [{ config: {} }], [{ config: { permission: "evidence.raed" } }]])(
    "without a permission that exists cannot be registered: %j",
    (options) => {
      guarded(["auditor"]);
      expect(() => app.get("/new", options, async () => "")).toThrow("declares no permission");
    },
  );

  it("is for the roles of its permission alone", async () => {
    for (const role of ROLES) {
      guarded([role]);
      const { statusCode, body } = await app.inject({ url: "/read/7", headers: AS_MARA });
      const allowed = (PERMISSIONS["evidence.read"].roles as readonly Role[]).includes(role);
      expect([role, statusCode, body]).toEqual([role, ...(allowed ? [200, "corp:mara"] : [500, "permission_missing"])]);
      await app.close();
    }
    guarded([]);
    expect((await app.inject({ url: "/read/7", headers: AS_MARA })).body).toBe("permission_missing");
  });

  it("that shows what people said in clear is for nobody who turns the keys besides", async () => {
    const cases: readonly (readonly [readonly Role[], string])[] = [
      [["privacy-officer", "user"], "shown"],
      [["privacy-officer", "operator"], "permission_missing"],
      [["operator"], "permission_missing"],
    ];
    for (const [roles, answer] of cases) {
      guarded(roles);
      const { body } = await app.inject({ method: "POST", url: "/reveal", headers: AS_MARA });
      expect([roles, body]).toEqual([roles, answer]);
      await app.close();
    }
  });

  it("asks who it is, unless it is open to everybody", async () => {
    guarded(["auditor"]);
    expect((await app.inject("/read/7")).body).toBe("key_missing");
    expect((await app.inject("/open")).body).toBe("undefined");
    expect((await app.inject("/nowhere")).body).toBe("endpoint_unknown");
  });

  it("is on record before it does anything, with who, what and on what", async () => {
    const { events, steps } = guarded(["auditor"]);
    await app.inject({ url: "/read/7", headers: AS_MARA });
    expect(events).toEqual([
      { name: "evidence.read", actor: "corp:mara", target: "7", facts: { method: "GET", route: "/read/:id" } },
    ]);
    expect(steps).toEqual(["recorded", "handled"]);
  });

  it("does nothing when its use cannot be recorded", async () => {
    const { steps } = guarded(["auditor"], true);
    expect((await app.inject({ url: "/read/7", headers: AS_MARA })).body).toBe("evidence_unavailable");
    expect(steps).toEqual([]);
  });

  it("names no text of the client's own as its target", async () => {
    const { events } = guarded(["auditor"]);
    await app.inject({ url: `/read/${encodeURIComponent("mara doe")}`, headers: AS_MARA });
    expect(JSON.stringify(events)).not.toContain("mara doe");
  });
});

it("every permission but the open one belongs to a role, and what it records is said", () => {
  for (const permission of Object.keys(PERMISSIONS) as (keyof typeof PERMISSIONS)[]) {
    const { roles, record } = permissionRow(permission);
    expect([permission, roles.length > 0]).toEqual([permission, permission !== "open"]);
    expect(["each", "changes", "never"]).toContain(record);
  }
});
