#!/usr/bin/env node
/** The command line. Which verbs there are stands in program.ts; what one does, in the file of its name. */
import { run } from "./program.ts";

process.exitCode = await run(process.argv.slice(2));
