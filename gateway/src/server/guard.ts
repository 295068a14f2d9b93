/**
 * Stands before every route of the control API: identifies, demands the permission that the route declares, and puts the use on
 * record before it is answered. Deny by default: a route that declares no permission cannot be registered.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { SluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { Principal } from "../core/principal.ts";
import { checkRole, isPermission, type Permission, permissionRow } from "./permissions.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** A row of PERMISSIONS. */
    readonly permission?: string;
  }
}

export interface GuardOptions {
  readonly identify: (request: FastifyRequest) => Principal | Promise<Principal>;
  readonly record: RecordEvent;
  /** Runs once the role is right; throws what else forbids the use. */
  readonly authorize?: (principal: Principal, permission: Permission, request: FastifyRequest) => void;
  /** Runs before a use is recorded; throws for a request that its sender's browser was tricked into. */
  readonly beforeUse?: (request: FastifyRequest) => void;
}

export interface GuardedRoute {
  readonly method: string;
  /** With names of parameters: `/api/reviews/:id`. */
  readonly url: string;
  readonly permission: Permission;
}

export interface Guard {
  readonly routes: readonly GuardedRoute[];
  /** Who was identified. Throws where the route asks nobody: a bug. */
  readonly principalOf: (request: FastifyRequest) => Principal;
  /** The same, or undefined. */
  readonly knownPrincipal: (request: FastifyRequest) => Principal | undefined;
}

const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
/**
 * What is read and parsed where a route does not say how much it needs, and is not for texts to be scrubbed: of somebody who has
 * proven nothing, above all. (A limit of a content type's parser does not hold: fastify asks the route's, or its own.)
 */
const BODY_BYTES_MAX = 65_536;

/** Call before any route is registered. */
export function guardRoutes(app: FastifyInstance, { identify, record, authorize, beforeUse }: GuardOptions): Guard {
  const principals = new WeakMap<FastifyRequest, Principal>();
  const routes: GuardedRoute[] = [];

  app.setNotFoundHandler(() => {
    throw noRoute();
  });
  app.addHook("onRoute", (route) => {
    const permission = route.config?.permission;
    for (const method of [route.method].flat()) {
      if (isPermission(permission)) routes.push({ method, url: route.url, permission });
    }
    if (!isPermission(permission)) {
      throw new Error(
        `assertion: route ${String(route.method)} ${route.url} declares no permission (server/permissions.ts)`,
      );
    }
    if (permission !== "exchange") route.bodyLimit ??= BODY_BYTES_MAX;
  });

  app.addHook("onRequest", async (request) => {
    // What has no route is answered with not found, whoever asks, and before its body is read.
    if (request.is404) throw noRoute();
    const permission = permissionOf(request);
    if (permission === "open") return;
    const principal = await identify(request);
    principals.set(request, principal);
    checkRole(principal, permission);
    authorize?.(principal, permission, request);
  });

  // Behind validation, so that what is on record is a request of the documented form, and before the handler does anything.
  app.addHook("preHandler", async (request) => {
    beforeUse?.(request);
    const permission = permissionOf(request);
    const { record: when } = permissionRow(permission);
    if (when === "never" || (when === "changes" && SAFE_METHODS.has(request.method))) return;
    const principal = principals.get(request);
    const target = targetOf(request);
    await record({
      name: permission,
      ...(principal === undefined ? {} : { actor: principal.id }),
      ...(target === undefined ? {} : { target }),
      facts: { method: request.method, route: request.routeOptions.url ?? "" },
    });
  });

  return {
    routes,
    principalOf(request) {
      const principal = principals.get(request);
      if (principal === undefined) throw new Error("assertion: the route asks nobody who he is");
      return principal;
    },
    knownPrincipal: (request) => principals.get(request),
  };
}

function noRoute(): SluiceError {
  return new SluiceError(
    "endpoint_unknown",
    "no such endpoint; what this gateway serves is listed in its README and at /openapi.json",
  );
}

function permissionOf(request: FastifyRequest): Permission {
  const { permission } = request.routeOptions.config;
  if (!isPermission(permission)) throw new Error("assertion: a route without permission was registered");
  return permission;
}

/** Ids that our own routes take: never the client's free text. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;

/** What the route was used on, where its path names something. */
function targetOf({ params }: FastifyRequest): string | undefined {
  for (const value of Object.values((params ?? {}) as Record<string, unknown>)) {
    if (typeof value === "string" && ID.test(value)) return value;
  }
  return undefined;
}
