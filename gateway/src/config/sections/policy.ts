/** The shape of the section `policies`: where the Cedar policies are. What they say is the policy room's to read. */
import * as z from "zod";

export const POLICIES_DIR = "./policies";

export const policiesSchema = z.strictObject({
  dir: z
    .string()
    .regex(/^[^\p{Cc}]+$/u, "a path on one line")
    .default(POLICIES_DIR)
    .describe("Directory of the policies (*.cedar) and of their tests (*.test.yaml); relative to this file"),
});
