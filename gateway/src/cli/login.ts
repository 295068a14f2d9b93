/**
 * `sluice login`: a person's token for a running gateway, got with a browser that may be on another machine. It goes to a file that
 * only its owner can read, for `--key-file` of the verbs that talk to a gateway; never to the screen.
 */
import { type Command, Option } from "commander";
import { baseOf } from "./control-api.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { fileOutput } from "./output.ts";
import { addVerb, type Cli, finish } from "./verb.ts";

interface Flags {
  readonly url: string;
  readonly to: string;
  readonly issuer?: string;
  readonly json?: boolean;
}

export function addLogin(program: Command, cli: Cli): void {
  const command = addVerb(program, "login", {
    summary: "Log in at a gateway with a browser, and keep the token in a file",
    examples: [
      "sluice login --url https://gateway.example.com --to ~/.sluice-token",
      "sluice approve --url https://gateway.example.com --key-file ~/.sluice-token",
    ],
    failed: "the login was refused, or took too long",
  })
    .addOption(new Option("--url <url>", "the gateway").env("SLUICE_URL").makeOptionMandatory())
    .requiredOption("--to <file>", "where the token goes; a file that is there is replaced")
    .option("--issuer <url>", "the identity provider, when the gateway has several");
  command.action((flags: Flags) => finish(cli, flags, () => login(cli, flags)));
}

async function login(cli: Cli, flags: Flags): Promise<ExitCode> {
  const { terminal } = cli;
  const gateway = baseOf(flags.url);
  const [{ createProviderFetch }, { deviceLogin, deviceServers }] = await Promise.all([
    import("../identity/provider-fetch.ts"),
    import("../identity/device-login.ts"),
  ]);
  const fetching = createProviderFetch();
  try {
    const servers = await deviceServers(gateway, fetching.fetchJson);
    const fitting = servers.filter(({ issuer }) => flags.issuer === undefined || issuer === flags.issuer);
    const [server, second] = fitting;
    if (server === undefined) {
      const reason = servers.length === 0 ? "offers no login for command lines" : "has no such identity provider";
      throw new CliError(EXIT.usage, "provider_unknown", `${gateway.origin} ${reason} (identity.providers.*.device)`);
    }
    if (second !== undefined) {
      const choice = fitting.map(({ issuer }) => `  --issuer ${issuer}`).join("\n");
      throw new CliError(EXIT.usage, "provider_ambiguous", `with which identity provider?\n${choice}`);
    }
    const { token, expiresInSeconds } = await deviceLogin(server, ({ url, completeUrl, userCode }) => {
      terminal.note(`Open ${terminal.noteColors.bold(completeUrl ?? url)}`);
      terminal.note(`and see that it shows, or type, the code ${terminal.noteColors.bold(userCode)}`);
    });
    const file = await fileOutput(flags.to, { force: true, mode: 0o600 });
    try {
      await file.write(`${token.reveal()}\n`);
      await file.commit();
    } finally {
      await file.discard();
    }
    const minutes = expiresInSeconds === undefined ? undefined : Math.floor(expiresInSeconds / 60);
    if (flags.json === true) terminal.json({ file: flags.to, issuer: server.issuer, expires_in: expiresInSeconds });
    else
      terminal.line(`logged in; the token is in ${flags.to}${minutes === undefined ? "" : `, for ${minutes} minutes`}`);
    return EXIT.ok;
  } finally {
    await fetching.close();
  }
}
