import { readSecretFile } from "../storage/secret-file/secret-file.ts";
import { EXIT, type Invocation } from "./command-line.ts";
import { type Config, formatFaults, readConfig, type WebcalConfig } from "./config.ts";

/** What a command may do to the process it runs in. */
export interface Terminal {
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  /** Whether somebody watches what is printed as an error. */
  readonly isInteractive: boolean;
  /** Aborted when the command should come to its end. */
  readonly stop: AbortSignal;
  /** Has a function called whenever SIGHUP comes. */
  readonly onHangUp: (listener: () => void) => void;
}

/**
 * Carries out a command and resolves to its exit code. Failures of disk and network are thrown. Each loads
 * the code that it needs and no other: reading the settings takes a tenth of what the server takes.
 */
export async function carryOut(invocation: Invocation, terminal: Terminal): Promise<number> {
  if (invocation.command === "local") {
    const { runLocally } = await import("./local.ts");
    return runLocally(terminal);
  }
  const reading = readConfig(readSecretFile);
  if (!reading.ok) {
    terminal.printError(formatFaults(reading.faults));
    return EXIT.configuration;
  }
  const { config } = reading;
  if (invocation.command === "check") {
    const { check } = await import("./check.ts");
    return check(config, terminal);
  }
  if (invocation.command === "serve") {
    const { serve } = await import("./serve.ts");
    await serve(config, terminal);
    return EXIT.ok;
  }
  if (config.webcal === undefined) {
    terminal.printError(`Command "${invocation.command}" needs the calendar: set WEBCAL_ENABLED=true\n`);
    return EXIT.configuration;
  }
  return carryOutOnCalendar(invocation, { config, webcal: config.webcal, terminal });
}

type OnCalendar = Exclude<Invocation, { command: "local" | "check" | "serve" }>;

interface Calendar {
  readonly config: Config;
  readonly webcal: WebcalConfig;
  readonly terminal: Terminal;
}

async function carryOutOnCalendar(
  invocation: OnCalendar,
  { config, webcal, terminal }: Calendar,
): Promise<number> {
  if (invocation.command === "ingest") {
    const { ingest } = await import("./ingest.ts");
    return ingest(config, webcal, { ...invocation, terminal });
  }
  const { explainEvent, rebuild, verifyCalendar } = await import("./calendar-commands.ts");
  switch (invocation.command) {
    case "explain":
      return explainEvent(config, webcal, { subject: invocation.subject, terminal });
    case "rebuild":
      return rebuild(config, webcal, terminal);
    case "verify":
      return verifyCalendar(config, webcal, terminal);
  }
}
