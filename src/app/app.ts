/**
 * The wiring: the only room that reads settings, builds things and hands them to each other. It decides
 * nothing about mail or calendars; the rooms that it opens do.
 */
import { EXIT, formatHelp, parseCommandLine } from "./command-line.ts";
import type { Terminal } from "./commands.ts";
import { formatFailure } from "./failure.ts";
import { VERSION } from "./version.ts";

/** Does what the arguments after the program's name ask for. Resolves to the exit code, and never rejects. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const commandLine = parseCommandLine(argv);
  switch (commandLine.kind) {
    case "help":
      terminal.print(formatHelp(commandLine.command));
      return EXIT.ok;
    case "version":
      terminal.print(`${VERSION}\n`);
      return EXIT.ok;
    case "mistake":
      terminal.printError(`${commandLine.message}\nTry "secretary --help"\n`);
      return EXIT.usage;
    case "invocation":
      try {
        const { carryOut } = await import("./commands.ts");
        return await carryOut(commandLine.invocation, terminal);
      } catch (error) {
        terminal.printError(`${formatFailure(error)}\n`);
        return EXIT.failed;
      }
  }
}
