/** The keys' door: which there are, and turning them. No material and no secret goes in or out here. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { SluiceError } from "../core/errors.ts";
import type { Principal } from "../core/principal.ts";
import type { Keys, KeyStatus } from "./keys.ts";

export interface KeyRoutes {
  readonly keys: () => Promise<Keys>;
  readonly principalOf: (request: FastifyRequest) => Principal;
}

const statusReply = z.object({
  root: z.object({
    id: z.string().describe("Provider and key"),
    version: z.string(),
    since: z.string().optional().describe("RFC 3339"),
    warnings: z.array(z.string()).readonly(),
    weakness: z.string().optional().describe("What cannot be mended with this provider"),
  }),
  rings: z.array(
    z.object({
      ring: z.string().describe("secrets: of targets; others: of the room that seals with it"),
      keys: z.array(
        z.object({
          version: z.number(),
          created: z.string().describe("RFC 3339"),
          state: z.enum(["seals", "opens"]),
          root: z.string(),
          rootVersion: z.string().optional().describe("Version of the root key that wrapped it"),
          rows: z.number().describe("Values that need it"),
        }),
      ),
      unreadable: z.number().describe("Values that are damaged or under keys of others"),
      uncounted: z.string().optional().describe("Why values could not be counted"),
    }),
  ),
});

const rotateReply = z.object({
  keys: z
    .array(z.object({ ring: z.string(), version: z.number() }))
    .optional()
    .describe("What seals from now on"),
  rewrapped: z.number().optional().describe("Key-encryption keys that are under the new root key"),
});

export function keyRoutes(plain: FastifyInstance, { keys, principalOf }: KeyRoutes): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const tell = async (request: FastifyRequest) => replyOf(await (await keys()).status(principalOf(request)));
  const turn = async (request: FastifyRequest, root: boolean, ring: string | undefined) => {
    const [principal, opened] = [principalOf(request), await keys()];
    if (root) return { rewrapped: await opened.rotateRoot(principal) };
    if (ring !== undefined && !opened.rings.includes(ring))
      throw new SluiceError("field_invalid", `ring: one of ${opened.rings.join(", ")}`);
    const rotation = await opened.rotate(principal, ring === undefined ? undefined : [ring]);
    // What fails is on record and in the status; the next start tries again.
    rotation.rewrapped.catch(() => undefined);
    return { keys: [...rotation.keys] };
  };

  app.get(
    "/api/keys",
    {
      config: { permission: "keys.read" },
      schema: { summary: "Which keys there are, their age and who keeps the root", response: { 200: statusReply } },
    },
    (request) => tell(request),
  );

  app.post(
    "/api/keys/rotate",
    {
      config: { permission: "keys.rotate" },
      schema: {
        summary: "A new key seals from now on; values come over in the background",
        body: z.strictObject({
          root: z.boolean().default(false).describe("A new version of the root key instead; every key comes under it"),
          ring: z.string().max(64).optional().describe("Only the keys of this ring. Default: of all that have keys"),
        }),
        response: { 200: rotateReply },
      },
    },
    (request) => turn(request, request.body.root, request.body.ring),
  );
}

function replyOf(status: KeyStatus): z.input<typeof statusReply> {
  const { since, ...root } = status.root;
  return {
    ...status,
    root: { ...root, ...(since === undefined ? {} : { since: new Date(since).toISOString() }) },
    rings: status.rings.map(({ keys, ...ring }) => ({
      ...ring,
      keys: keys.map(({ createdAt, ...key }) => ({ ...key, created: new Date(createdAt).toISOString() })),
    })),
  };
}
