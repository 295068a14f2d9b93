/** An HTTP server that keeps what is posted to it and answers as a test says. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Hook {
  readonly url: string;
  readonly posts: { readonly body: string; readonly headers: Record<string, string> }[];
  /** Answered to the next calls; taken (202) after that. */
  answers: { readonly status: number; readonly headers?: Readonly<Record<string, string>> }[];
  close(): Promise<void>;
}

export async function startHook(): Promise<Hook> {
  const hook: Pick<Hook, "posts" | "answers"> = { posts: [], answers: [] };
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const { status, headers = {} } = hook.answers.shift() ?? { status: 202 };
      if (status < 300)
        hook.posts.push({
          body: Buffer.concat(chunks).toString("utf8"),
          headers: req.headers as Record<string, string>,
        });
      res.writeHead(status, headers).end("taken");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(hook, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
