/**
 * Child process: the floor that everything is measured against. The least a proxy in Node can do: node:http in front, an undici Pool
 * behind, bytes handed over with backpressure both ways, and nothing looked at. Never use it for anything else.
 */
import { createServer, type ServerResponse } from "node:http";
import { type Dispatcher, Pool } from "undici";

const upstreamPort = Number(process.argv[2]);
const pool = new Pool(`http://127.0.0.1:${upstreamPort}`, { connections: 256, pipelining: 1 });

/** Headers that belong to one connection (RFC 9110, 7.6.1) or that the next hop sets itself. */
const NOT_FORWARDED = new Set(["connection", "keep-alive", "host", "transfer-encoding", "upgrade"]);

function relay(response: ServerResponse): Dispatcher.DispatchHandler {
  return {
    onRequestStart(controller) {
      response.on("drain", () => controller.resume());
      response.on("close", () => {
        if (!response.writableFinished) controller.abort(new Error("client left"));
      });
    },
    onResponseStart(_controller, status, headers) {
      for (const [name, value] of Object.entries(headers)) {
        if (value !== undefined && !NOT_FORWARDED.has(name)) response.setHeader(name, value);
      }
      response.writeHead(status);
    },
    onResponseData(controller, chunk) {
      if (!response.write(chunk)) controller.pause();
    },
    onResponseEnd() {
      response.end();
    },
    onResponseError() {
      if (!response.headersSent) response.writeHead(502);
      response.end();
    },
  };
}

const server = createServer((request, response) => {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !NOT_FORWARDED.has(name)) headers[name] = value;
  }
  pool.dispatch(
    { path: request.url ?? "/", method: request.method as Dispatcher.HttpMethod, headers, body: request },
    relay(response),
  );
});

// As long as Sluice keeps one. At a fixed rate most of the connections idle, and Node's five seconds would close one just as it is used.
server.keepAliveTimeout = 65_000;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  process.send?.({ port: address.port });
});
process.on("disconnect", () => process.exit(0));
