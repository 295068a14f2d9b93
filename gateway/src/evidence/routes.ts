/**
 * The evidence over HTTP: the same files that a static web server would serve from `public/`, and a proof for one entry.
 * Read-only. Who may read is the caller's decision, by the permission that the routes declare.
 */
import type { FastifyInstance } from "fastify";
import { SluiceError } from "../core/errors.ts";
import type { EvidenceLog } from "./log.ts";

export interface EvidenceRoutes {
  readonly log: EvidenceLog;
  readonly permission: string;
}

/** C2SP tlog-tiles: tiles are immutable, the checkpoint must not be cached for long. */
const CACHE_IMMUTABLE = "public, max-age=31536000, immutable";
const CACHE_SHORT = "no-cache";

export function evidenceRoutes(app: FastifyInstance, { log, permission }: EvidenceRoutes): void {
  const options = { config: { permission }, schema: { hide: true } };

  app.get("/evidence/proof/:id", options, async (request, reply) => {
    const { id } = request.params as { id: string };
    if (!/^(0|[1-9]\d{0,14})$/.test(id) || Number(id) >= log.size) {
      throw new SluiceError("evidence_unknown", `no entry with this id; ids are decimal numbers below ${log.size}`);
    }
    const proof = await log.proof(Number(id));
    return reply.header("content-type", "text/plain; charset=utf-8").header("cache-control", CACHE_SHORT).send(proof);
  });

  app.get("/evidence/*", options, async (request, reply) => {
    const path = (request.params as { "*": string })["*"];
    const file = await log.file(path);
    if (file === undefined) {
      throw new SluiceError(
        "evidence_unknown",
        "no such file of the log; start at /evidence/checkpoint and /evidence/log.json",
      );
    }
    return reply
      .header("content-type", file.contentType)
      .header("cache-control", file.immutable ? CACHE_IMMUTABLE : CACHE_SHORT)
      .send(file.body);
  });
}
