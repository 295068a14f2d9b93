import { Argument, type Command } from "commander";
import { EXIT } from "./exit.ts";
import { addVerb, type Cli, finish } from "./verb.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

export function addCompletion(program: Command, cli: Cli): void {
  addVerb(program, "completion", {
    summary: "Print a script that completes verbs and options in your shell",
    examples: [
      "sluice completion bash",
      "source <(sluice completion bash)      in ~/.bashrc; likewise zsh in ~/.zshrc",
      "sluice completion fish > ~/.config/fish/completions/sluice.fish",
    ],
  })
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .action((shell: Shell, flags: { json?: boolean }) =>
      finish(cli, flags, async () => {
        const script = SCRIPTS[shell](wordsOf(program));
        if (flags.json === true) cli.terminal.json({ shell, script });
        else cli.terminal.write(script);
        return EXIT.ok;
      }),
    );
}

/** What may follow each verb: the words that complete it and its options. `""` is the program itself. */
type Words = ReadonlyMap<string, { readonly summary: string; readonly words: readonly string[] }>;

function wordsOf(program: Command): Words {
  const words = new Map<string, { summary: string; words: string[] }>();
  const visit = (command: Command, path: string): void => {
    const choices = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
    const options = command.options.flatMap((option) => (option.long === undefined ? [] : [option.long]));
    const verbs = command.commands.map((each) => each.name());
    words.set(path, { summary: command.description(), words: [...verbs, ...choices, ...options, "--help"] });
    for (const each of command.commands) visit(each, path === "" ? each.name() : `${path} ${each.name()}`);
  };
  visit(program, "");
  return words;
}

/** Lines of a `case` on the verbs typed so far. */
const casesOf = (words: Words): string =>
  [...words]
    .map(([path, each]) => `    ${JSON.stringify(path)}) choices=${JSON.stringify(each.words.join(" "))} ;;`)
    .join("\n");

const verbsOf = (words: Words): string =>
  [...words.keys()]
    .filter((path) => path !== "")
    .map((path) => JSON.stringify(path))
    .join("|");

const SCRIPTS: Readonly<Record<Shell, (words: Words) => string>> = {
  bash: (words) => `# sluice completion for bash
_sluice() {
  local at verb="" longer choices="" current="\${COMP_WORDS[COMP_CWORD]}"
  for ((at = 1; at < COMP_CWORD; at++)); do
    longer="\${verb:+$verb }\${COMP_WORDS[at]}"
    case "$longer" in ${verbsOf(words)}) verb="$longer" ;; esac
  done
  case "$verb" in
${casesOf(words)}
  esac
  COMPREPLY=($(compgen -W "$choices" -- "$current"))
}
complete -o default -F _sluice sluice
`,
  zsh: (words) => `#compdef sluice
_sluice() {
  local at verb="" longer="" choices=""
  for at in "\${(@)words[2,CURRENT-1]}"; do
    longer="\${verb:+$verb }$at"
    case "$longer" in ${verbsOf(words)}) verb="$longer" ;; esac
  done
  case "$verb" in
${casesOf(words)}
  esac
  compadd -- \${=choices}
  _files
}
compdef _sluice sluice
`,
  fish: (words) => fish(words),
};

function fish(words: Words): string {
  const lines = ["# sluice completion for fish", "complete -c sluice -f"];
  for (const [path, { words: own }] of words) {
    const typed = path === "" ? "__fish_use_subcommand" : `__fish_seen_subcommand_from ${path.split(" ").at(-1)}`;
    for (const word of own) {
      const summary = words.get(path === "" ? word : `${path} ${word}`)?.summary;
      const what = word.startsWith("--") ? `-l ${word.slice(2)}` : `-a ${word}`;
      const said = summary === undefined ? "" : ` -d ${quoted(summary)}`;
      lines.push(`complete -c sluice -n ${quoted(typed)} ${what}${said}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;
