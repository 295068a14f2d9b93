/** A real SMTP server that keeps what it gets, with STARTTLS and a login where a test wants them. */
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export interface Mail {
  readonly to: readonly string[];
  readonly headers: string;
  /** Decoded. */
  readonly text: string;
  readonly secure: boolean;
  readonly user: string | undefined;
}

export interface MailServer {
  readonly port: number;
  readonly mails: Mail[];
  /** What it answers instead of taking the next mail. */
  refuse: { code: number; times: number };
  close(): Promise<void>;
}

export async function startMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const mails: Mail[] = [];
  const test = { refuse: { code: 451, times: 0 } };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.key === undefined ? ["STARTTLS"] : [],
    ...options,
    onAuth: ({ username, password }, _session, done) =>
      password === "hunter2" ? done(null, { user: username ?? "" }) : done(new Error("wrong")),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        if (test.refuse.times > 0) {
          test.refuse.times -= 1;
          return done(Object.assign(new Error("not now"), { responseCode: test.refuse.code }));
        }
        const [headers = "", ...body] = Buffer.concat(chunks).toString("utf8").split("\r\n\r\n");
        mails.push({
          to: session.envelope.rcptTo.map(({ address }) => address),
          headers,
          text: unquoted(body.join("\r\n\r\n")),
          secure: session.secure,
          user: session.user as string | undefined,
        });
        done();
      });
    },
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(test, {
    port: (server.server.address() as AddressInfo).port,
    mails,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  });
}

/** RFC 2045 section 6.7. */
function unquoted(text: string): string {
  const bytes = text
    .replaceAll("=\r\n", "")
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8").replaceAll("\r\n", "\n");
}
