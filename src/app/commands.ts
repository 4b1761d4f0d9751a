import { readSecretFile } from "../storage/secret-file/secret-file.ts";
import { type CommandName, EXIT, type Invocation } from "./command-line.ts";
import { formatFaults, readConfig } from "./config.ts";
import { formatEffectiveSettings } from "./effective-settings.ts";

/** What a command may do to the process it runs in. */
export interface Terminal {
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  /** Aborted when the command should come to its end. */
  readonly stop: AbortSignal;
}

/** The commands that this version has. */
export const AVAILABLE: readonly CommandName[] = ["check"];

/** Carries out a command and resolves to its exit code. Failures of disk and network are thrown. */
export async function carryOut(invocation: Invocation, terminal: Terminal): Promise<number> {
  switch (invocation.command) {
    case "check":
      return check(terminal);
    default:
      terminal.printError(`Command "${invocation.command}" is not in this version\n`);
      return EXIT.failed;
  }
}

function check({ print, printError }: Terminal): number {
  const reading = readConfig(readSecretFile);
  if (!reading.ok) {
    printError(formatFaults(reading.faults));
    return EXIT.configuration;
  }
  print(formatEffectiveSettings(reading.config));
  return EXIT.ok;
}
