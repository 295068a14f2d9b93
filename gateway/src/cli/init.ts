import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { CliError, EXIT, type ExitCode, systemCode } from "./exit.ts";
import { inAYear } from "./key.ts";
import { addVerb, type Cli, finish } from "./verb.ts";

interface InitFlags {
  readonly force?: boolean;
  readonly json?: boolean;
}

export function addInit(program: Command, cli: Cli): void {
  addVerb(program, "init [file]", {
    summary: "Write a commented configuration to start from, with one API key",
    examples: [
      "sluice init                          writes sluice.yaml",
      "sluice init /etc/sluice/sluice.yaml",
      "sluice init --force                  overwrites one that is there",
    ],
  })
    .option("--force", "overwrite the file if it is there; keys in it are lost")
    .action((file: string | undefined, flags: InitFlags) =>
      finish(cli, flags, () => init(cli, file ?? "sluice.yaml", flags)),
    );
}

async function init(cli: Cli, file: string, flags: InitFlags): Promise<ExitCode> {
  const { newKey } = await import("../identity/keys.ts");
  const made = await newKey((bytes) => randomBytes(bytes));
  try {
    // "wx" leaves no moment between looking and writing.
    const text = configuration(made.id, made.hash, inAYear(Date.now()));
    await writeFile(file, text, { flag: flags.force === true ? "w" : "wx", mode: 0o640 });
  } catch (thrown) {
    const code = systemCode(thrown);
    if (code === undefined) throw thrown;
    if (code === "EEXIST") {
      throw new CliError(
        EXIT.usage,
        "file_exists",
        `${file} is there already; --force overwrites it, and the keys in it are lost`,
      );
    }
    throw new CliError(EXIT.environment, code, `cannot write ${file} (${code})`);
  }
  if (flags.json === true) {
    cli.terminal.json({ file, id: made.id, key: made.token });
    return EXIT.ok;
  }
  const { bold } = cli.terminal.colors;
  cli.terminal.line(`${file} is written. API key, shown this once and kept nowhere:`);
  cli.terminal.line(`\n  ${bold(made.token)}\n`);
  cli.terminal.line("Next:");
  cli.terminal.line(`  sluice check-config ${file}`);
  cli.terminal.line(`  sluice start --config ${file}`);
  return EXIT.ok;
}

const configuration = (id: string, hash: string, expires: string): string => `\
# Configuration of Sluice. \`sluice check-config\` names every mistake with its line; \`sluice check-config --schema\` prints a
# JSON Schema for editors. Nothing here is a secret and no secret belongs here: credentials are given by reference.
# Lines such as "#controller:", without a space after the #, are settings: take the # away to use them.

# Who is responsible (GDPR Art. 4(7)); the record of processing names it.
#controller:
#  name: Example GmbH
#  contact: privacy@example.com
#  country: DE
#  dpo: dpo@example.com

# Why data is processed. Each request has one purpose: the one named in the header Sluice-Purpose, else the key's default.
# dpv: a term of https://w3id.org/dpv#vocab-purposes. basis: which one holds is for you to decide, and to be able to show; with
# eu-gdpr:A6-1-f name the assessment of legitimate interests. condition: that of Art. 9(2), where special categories are processed.
purposes:
  support:
    dpv: dpv:CustomerCare
    basis: eu-gdpr:A6-1-b
    retention: P30D
    description: Answering customers who wrote to us

# Who receives data. Outside the EEA, name the transfer mechanism; of a processor, the agreement.
#recipients:
#  openai:
#    name: OpenAI Ireland Ltd
#    country: IE
#    role: processor
#    dpa: DPA of 2026-01-15, contract 4711
#  anthropic:
#    name: Anthropic PBC
#    country: US
#    role: processor
#    dpa: DPA of 2026-02-01
#    transfer:
#      mechanism: scc                    # adequacy, dpf, scc, bcr or derogation
#      reference: Clauses of 2026-02-01, module 2
#      assessment: TIA-2026-02
#  ourselves:
#    name: Example GmbH
#    country: DE
#    role: controller

# The built-in stand-in for a provider: it repeats what it receives, and nothing leaves this machine. Remove it once there is
# a real connection.
rehearsal: true

# Where requests go, and what is done with personal data on the way.
#connections:
#  openai:
#    kind: openai                        # openai, anthropic or custom
#    url: https://api.openai.com/v1
#    credential: env:OPENAI_API_KEY      # or file:/run/secrets/openai, or none
#    recipient: openai
#    models: ["gpt-*", "o*", "text-embedding-*"]
#    rules:
#      default: placeholder              # or redact, mask, hash, pseudonym, surrogate, generalize, drop, allow, block …
#      request:                          # by type (EMAIL) or category (contact); a type wins over its category
#        secret: redact
#      response: {}                      # the same for what the model recalls or invents
#      never_restore: [secret, CARD, national-id]
#      opaque_parts: block               # images, audio and files, which are not scanned: block, withhold or allow
#  anthropic:
#    kind: anthropic
#    url: https://api.anthropic.com
#    credential: env:ANTHROPIC_API_KEY
#    recipient: anthropic
#    models: ["claude-*"]
#  azure:
#    kind: openai
#    url: https://example.openai.azure.com/openai/v1
#    credential: env:AZURE_OPENAI_API_KEY
#    auth_header: api-key
#    query: { api-version: preview }
#    recipient: openai
#    models: ["*"]
#  inhouse:
#    kind: custom                        # any JSON-over-HTTP inference API
#    url: http://127.0.0.1:9000
#    credential: none
#    allow_private_address: true
#    recipient: ourselves
#    endpoints:
#      - path: /generate
#        request: { text: [inputs.*.text], system: [instructions], fixed: [model] }
#        response: { text: [outputs.*.text] }
#        stream: none                    # none, sse or json-lines

# Names of your own for models: alias to connection/model, or to a list, of which the next one is asked when one fails before it answers.
models:
  default: rehearsal/rehearsal

# API keys, as hashes. \`sluice key new\` makes another.
keys:
  ${id}:
    hash: ${hash}
    principal: service:first
    purposes: [support]
    expires: ${expires}
    roles: [user, auditor]

# People and programs of your identity provider, beside the keys. groups: whoever the provider lists there has these roles and
# purposes. docs/identity.md
#identity:
#  providers:
#    corp:
#      kind: oidc
#      issuer: https://login.example.com
#      audience: [sluice]
#      groups_claim: groups
#  groups:
#    privacy-officers: { from: ["corp:Privacy"], roles: [approver, privacy-officer], purposes: [support] }

# Who may do what, in Cedar: the files *.cedar there. Once the folder is named, nothing is allowed that no policy permits, approving
# and reading the log included; \`sluice policy check\` and \`sluice policy explain\` say what they do. docs/policy.md
# policies: { dir: ./policies }

# Requests for which a policy wants a human's yes (@approve). docs/reviews.md
#reviews:
#  wait: 30s                             # how long such a request is held before it is answered with approval_required
#  grant: once                           # or 30m: for requests of its kind, for so long

# Beyond loopback only with TLS.
listeners:
  - address: 127.0.0.1:8787
#    tls: { cert: /etc/sluice/tls.crt, key: /etc/sluice/tls.key }

# What is kept of exchanges beside what the log says of them: nothing, but for these rules. sealed: what was sent and answered, and the
# values that were replaced, each under a key of whom it is about. docs/recordings.md
#recording:
#  rules:
#    - { purpose: support, mode: sealed }  # none, scrubbed (what the provider saw) or sealed

# How long entries of the log are kept; recordings go after the retention of their purpose. docs/erasure.md
#retention: { metadata: P365D }

# How long you keep backups of the database. It decides from when on what was erased is gone from them, too. docs/subjects.md
#subjects: { backups: P30D }

# Systems of yours that are called when a person is erased (sinks), time-stamps, witnesses and a SIEM: docs/erasure.md,
# docs/timestamps.md, docs/witness.md, docs/export.md

# The log that every exchange is recorded in. The origin names the log for good: choose a URL of yours before real use.
evidence:
  dir: ./sluice-data
  origin: localhost/sluice
`;
