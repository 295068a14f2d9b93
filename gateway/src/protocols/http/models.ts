/**
 * The list of models, answered here from what the caller may use; nothing is asked of any upstream. A pattern such as
 * `gpt-5*` stands for names that only the upstream knows, so it is not listed.
 */
import type { ServerResponse } from "node:http";
import { SluiceError } from "../../core/errors.ts";
import type { ListedModel } from "../../gate/index.ts";
import type { ErrorFamily } from "./errors.ts";
import { JSON_TYPE, sendError } from "./errors.ts";

/** Nobody here knows when a model was made; both APIs want a moment. */
const CREATED_UNKNOWN = 0;

/** Answers `/v1/models` and `/v1/models/<id>` in the shape of the family that asked. */
export function answerModels(
  res: ServerResponse,
  models: readonly ListedModel[],
  pathname: string,
  family: ErrorFamily,
): void {
  const kind = family === "anthropic" ? "anthropic" : "openai";
  const wanted = /\/models\/(.+)$/.exec(pathname)?.[1];
  if (wanted === undefined) return send(res, kind === "anthropic" ? anthropicList(models) : openaiList(models));
  const found = models.find((model) => model.id === wanted);
  if (found === undefined)
    return sendError(res, new SluiceError("model_unknown", "no such model for this credential"), family);
  send(res, kind === "anthropic" ? anthropicModel(found) : openaiModel(found));
}

// https://platform.openai.com/docs/api-reference/models
const openaiModel = ({ id, connection }: ListedModel) => ({
  id,
  object: "model",
  created: CREATED_UNKNOWN,
  owned_by: connection,
});
const openaiList = (models: readonly ListedModel[]) => ({ object: "list", data: models.map(openaiModel) });

// https://docs.claude.com/en/api/models-list
const anthropicModel = ({ id, connection }: ListedModel) => ({
  type: "model",
  id,
  display_name: `${id} (${connection})`,
  created_at: new Date(CREATED_UNKNOWN).toISOString(),
});
const anthropicList = (models: readonly ListedModel[]) => ({
  data: models.map(anthropicModel),
  has_more: false,
  first_id: models[0]?.id ?? null,
  last_id: models.at(-1)?.id ?? null,
});

function send(res: ServerResponse, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  res.writeHead(200, [
    "content-type",
    JSON_TYPE,
    "content-length",
    String(body.byteLength),
    "cache-control",
    "no-store",
  ]);
  res.end(body);
}
