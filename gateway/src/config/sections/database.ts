/** The shape of the section `database`: where control state is kept. */
import * as z from "zod";

export const databaseSchema = z.strictObject({
  url: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]*:[^\p{Cc}]+$/u,
      "a reference such as env:NAME or file:/path, never the URL itself: it holds a password",
    )
    .refine(
      (text) => !/^postgres(?:ql)?:/.test(text),
      "a reference such as env:NAME or file:/path, never the URL itself",
    )
    .optional()
    .describe(
      "Where the URL of a PostgreSQL server is read from: env:NAME or file:/path. Absent: control.sqlite in `evidence.dir`",
    ),
});

export type DatabaseDocument = z.output<typeof databaseSchema>;
