import { parseArgs } from "node:util";
import { findNearestName } from "./nearest-name.ts";
import { quote } from "./quote.ts";

/** What the process ends with; 78 is EX_CONFIG of sysexits(3). */
export const EXIT = { ok: 0, failed: 1, usage: 2, configuration: 78 } as const;

/** A command with its arguments, as `run` carries it out. */
export type Invocation =
  | { readonly command: "serve" }
  | { readonly command: "local" }
  | { readonly command: "check" }
  | { readonly command: "rebuild" }
  | { readonly command: "verify" }
  | { readonly command: "ingest"; readonly files: readonly string[]; readonly dryRun: boolean }
  | { readonly command: "explain"; readonly subject: string };

export type CommandName = Invocation["command"];

export type CommandLine =
  | { readonly kind: "invocation"; readonly invocation: Invocation }
  /** With a command: help about that one. */
  | { readonly kind: "help"; readonly command: CommandName | undefined }
  | { readonly kind: "version" }
  | { readonly kind: "mistake"; readonly message: string };

interface CommandHelp {
  readonly synopsis: string;
  readonly summary: string;
  /** What the summary leaves out, in lines of at most 78 characters. */
  readonly details: string;
}

const COMMANDS: Readonly<Record<CommandName, CommandHelp>> = {
  serve: {
    synopsis: "serve",
    summary: "Run the server with the settings of the environment",
    details: `Stops on SIGTERM or SIGINT: what is being received is finished first, for at most
10 seconds. A second signal ends it at once.
`,
  },
  local: {
    synopsis: "local",
    summary: "Try it on this machine: no settings, samples, high ports",
    details: `Listens on loopback only and keeps its mail and its password in ./data.
`,
  },
  check: {
    synopsis: "check",
    summary: "Check the settings and print what would be in effect",
    details: `Says everything that would keep the server from starting: with ${EXIT.configuration} as exit code what is
wrong in the settings, with ${EXIT.failed} what this machine lacks for them, such as a folder that can
be written or a port that is free. Changes nothing, and prints no secrets.
`,
  },
  ingest: {
    synopsis: "ingest FILE… [--dry-run]",
    summary: "Put messages, or a whole Maildir, before the secretary",
    details: `Prints a line for each calendar component: outcome, reason, UID and what it is.

  --dry-run      Say what would happen and change nothing
`,
  },
  explain: {
    synopsis: "explain TITLE|DAY|UID|MESSAGE-ID",
    summary: "Say what made an event what it is, and what was ignored",
    details: `Words of the title will do; a day is written 2026-03-10. Of several events it prints a list.
`,
  },
  rebuild: {
    synopsis: "rebuild",
    summary: "Make the calendar anew from the mailbox Secretary",
    details: "",
  },
  verify: {
    synopsis: "verify",
    summary: "Compare what is published with what the mailbox Secretary says",
    details: "",
  },
};

const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];
const OPTIONS = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
  "dry-run": { type: "boolean" },
} as const;

const COMMON_OPTIONS = `  -h, --help     Print this help
  -V, --version  Print the version
`;

/** Understands the arguments after the program's name. A mistake says what to write instead. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options: OPTIONS,
    allowPositionals: true,
    strict: false, // or the first mistake is thrown, in words that suggest the wrong thing
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    if (!Object.hasOwn(OPTIONS, token.name)) return mistake(`Unknown option ${quote(token.rawName)}`);
    if (token.value !== undefined) return mistake(`Option ${token.rawName} takes no value`);
  }
  const [word, ...operands] = positionals;
  const command = COMMAND_NAMES.find((name) => name === word);
  if (word !== undefined && command === undefined) {
    return mistake(
      `Unknown command ${quote(word)}: did you mean "${findNearestName(word, COMMAND_NAMES).name}"?`,
    );
  }
  if (values.help) return { kind: "help", command };
  if (values.version) return { kind: "version" };
  if (command === undefined) return mistake("Name a command");
  if (values["dry-run"] && command !== "ingest")
    return mistake(`Command "${command}" has no option --dry-run`);
  return parseOperands(command, operands, values["dry-run"] === true);
}

function parseOperands(command: CommandName, operands: readonly string[], dryRun: boolean): CommandLine {
  const [operand] = operands;
  switch (command) {
    case "ingest":
      if (operand === undefined) return mistake('Name a file after "ingest"');
      return { kind: "invocation", invocation: { command, files: operands, dryRun } };
    case "explain":
      if (operand === undefined) return mistake('Name a title, a day, a UID or a Message-ID after "explain"');
      return { kind: "invocation", invocation: { command, subject: operands.join(" ") } };
    default:
      if (operand !== undefined) return mistake(`Command "${command}" takes no arguments`);
      return { kind: "invocation", invocation: { command } };
  }
}

function mistake(message: string): CommandLine {
  return { kind: "mistake", message };
}

/** Help about one command, or about all of them. */
export function formatHelp(command?: CommandName): string {
  if (command !== undefined) {
    const { synopsis, summary, details } = COMMANDS[command];
    return `Usage: secretary ${synopsis}\n\n${summary}.\n${details}\n${COMMON_OPTIONS}`;
  }
  const commands = Object.values(COMMANDS);
  const width = Math.max(...commands.map(({ synopsis }) => synopsis.length));
  const list = commands.map(({ synopsis, summary }) => `  ${synopsis.padEnd(width)}  ${summary}\n`);
  return `Usage: secretary COMMAND

Mail for one domain, and the invitations in it as one calendar feed.

${list.join("")}
${COMMON_OPTIONS}
Exit codes: ${EXIT.ok} done, ${EXIT.failed} failed, ${EXIT.usage} wrong usage, ${EXIT.configuration} wrong settings.
`;
}
