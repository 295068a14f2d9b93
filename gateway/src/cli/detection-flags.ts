/** What `scrub` and `detect` are asked alike: which documents, in which form, what to look for, where to say what was found. */
import type { DetectOptions } from "@sluice/detector";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Detections } from "../config/config.ts";
import { didYouMean } from "../config/nearest.ts";
import type { DetectorSettings } from "../core/detection.ts";
import { type Format, FORMATS, type Source, sourceOf } from "./document.ts";
import { CliError, EXIT } from "./exit.ts";
import { refuseExisting } from "./output.ts";

export interface DetectionFlags {
  readonly format: Format;
  readonly types?: readonly string[];
  readonly names?: DetectorSettings["names"];
  /** A configuration whose `detector` section holds here too. */
  readonly config?: string;
  readonly minScore?: number;
  readonly region?: string;
  /** True: on stderr. A name: as JSON into that file. */
  readonly report?: string | true;
  readonly output?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function addDetectionOptions(command: Command, output: string): Command {
  return command
    .addOption(new Option("--format <form>", "what the document is").choices(FORMATS).default("auto"))
    .option("--types <list>", "look for these types only, for example EMAIL,IBAN", listOf)
    .addOption(
      new Option(
        "--names <whose>",
        "find names: of persons, of places and organisations too, or none (default: persons)",
      ).choices(["persons", "all", "off"]),
    )
    .option(
      "--config <file>",
      "what the detector section of this configuration says: recognizers, allowed values, thresholds",
    )
    .option("--min-score <number>", "leave findings that are less sure than this, 0 to 1", scoreOf)
    .option("--region <country>", "country of telephone numbers written without one, for example DE", regionOf)
    .option("--output <file>", output)
    .option("--report [file]", "count by type and by column or path, with the speed: on stderr, or as JSON in a file")
    .option("--force", "replace files that are there")
    .option("--no-color", "no colours (NO_COLOR in the environment does the same)");
}

export interface Detecting {
  readonly options: DetectOptions;
  /** All that there may be, those of the configuration's own recognizers too. */
  readonly types: Readonly<Record<string, { readonly category: string }>>;
}

/** Throws a CliError (2) for a type that does not exist, and for a configuration that is wrong. */
export async function detecting(flags: DetectionFlags): Promise<Detecting> {
  const { DETECTIONS, loadDetectOptions } = await import("../server/detections.ts");
  const configured = flags.config === undefined ? NOT_CONFIGURED : await detectorOf(flags.config, DETECTIONS);
  const settings = { ...configured, names: flags.names ?? namesFor(flags.types) ?? configured.names };
  const types = { ...DETECTIONS.types, ...DETECTIONS.compile(settings.recognizers) };
  for (const type of flags.types ?? []) checkType(type, Object.keys(types));
  const options = {
    ...loadDetectOptions(settings),
    ...(flags.types === undefined ? {} : { types: flags.types }),
    ...(flags.minScore === undefined ? {} : { scoreMin: flags.minScore }),
    ...(flags.region === undefined ? {} : { defaultRegion: flags.region }),
  };
  return { options, types };
}

/** Who asks for a type wants it, and who asks for none of these need not wait for the model. */
function namesFor(types: readonly string[] | undefined): DetectorSettings["names"] | undefined {
  if (types === undefined) return undefined;
  if (types.includes("LOCATION") || types.includes("ORGANIZATION")) return "all";
  return types.includes("PERSON") ? "persons" : "off";
}

const NOT_CONFIGURED: DetectorSettings = { names: "persons", thresholds: {}, allow: [], recognizers: [] };

/** What the machine lacks, a credential for example, does not matter here. */
async function detectorOf(file: string, detections: Detections): Promise<DetectorSettings> {
  const { checkConfig, formatProblem } = await import("../config/load.ts");
  const env = new Proxy({}, { get: () => "-" });
  const { config, problems } = await checkConfig({ file, detections, env });
  if (config !== undefined) return config.detector;
  throw new CliError(EXIT.usage, "config_invalid", `${file}: ${problems.map(formatProblem).join("; ")}`);
}

export function checkType(type: string, known: readonly string[]): void {
  if (known.includes(type)) return;
  throw new CliError(EXIT.usage, "type_unknown", `there is no type "${type}"${didYouMean(type, known)}`);
}

/** Throws a CliError (2) when a file would be taken for another. Nothing is read yet. */
export async function checkFiles(
  files: readonly string[],
  flags: DetectionFlags,
  more: readonly string[],
): Promise<Source[]> {
  const { report } = flags;
  if (typeof report === "string" && files.length === 0) {
    // `--report data.csv` without another name: the document was taken for the report.
    throw new CliError(
      EXIT.usage,
      "input_missing",
      `--report ${report} is where the report goes; name the document too, or - for stdin`,
    );
  }
  const sources = (files.length === 0 ? ["-"] : files).map(sourceOf);
  if (sources.filter(({ path }) => path === undefined).length > 1)
    throw new CliError(EXIT.usage, "input_twice", "stdin can be read once only");
  const written = [...(typeof report === "string" ? [report] : []), ...more];
  if (new Set(written).size < written.length)
    throw new CliError(EXIT.usage, "output_twice", "two results cannot go into one file");
  if (flags.force !== true) for (const path of written) await refuseExisting(path);
  return sources;
}

function listOf(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(",").map((type) => type.trim().toUpperCase())].filter((type) => type !== "");
}

function scoreOf(text: string): number {
  const score = Number(text);
  if (text.trim() !== "" && score >= 0 && score <= 1) return score;
  throw new InvalidArgumentError("It is a number from 0 to 1.");
}

function regionOf(text: string): string {
  if (/^[A-Za-z]{2}$/.test(text)) return text.toUpperCase();
  throw new InvalidArgumentError("It is a country code of two letters.");
}
