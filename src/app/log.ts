import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from "pino";

export type Log = Logger;

export interface LogOptions {
  /** Logs the lines of the protocols as well. */
  readonly debug: boolean;
  /** JSON, a line for each event, for programs; or `lines` for people at a terminal. */
  readonly format: "json" | "lines";
  /** Takes finished lines. Without it they go to the standard output, those of one moment together. */
  readonly write?: (line: string) => void;
}

/** Fields that must never be in a log, wherever in the first two levels somebody puts them. */
const NEVER_LOGGED = [
  "password",
  "pass",
  "authorization",
  "secret",
  "token",
  "key",
  "content",
  "body",
  "raw",
];

/**
 * The log of the whole server. An event has a level, a time, fields and a constant message. What a peer sent
 * goes into a field, never into the message, and passwords and mail into neither: the fields named for them
 * are blotted out. An error goes into the field `err`, which is logged with its stack and causes.
 */
export function createLog({ debug, format, write }: LogOptions): Log {
  const output: DestinationStream = write === undefined ? standardOutput() : { write };
  return pino(
    {
      level: debug ? "debug" : "info",
      base: null, // the process id and the host are known to whoever collects the log
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: NEVER_LOGGED.flatMap((name) => [name, `*.${name}`]),
        censor: "[redacted]",
      },
    },
    format === "json" ? output : { write: (line) => output.write(formatEvent(line)) },
  );
}

/**
 * Writes what is logged in one turn of the event loop at its end, or when the process ends: fifty messages may
 * be stored with one fsync, and each line of its own would wake whoever reads them.
 */
function standardOutput(): DestinationStream {
  const output = destination({ fd: 1, sync: true });
  let lines = "";
  function writeLines(): void {
    if (lines !== "") output.write(lines);
    lines = "";
  }
  process.once("exit", writeLines);
  return {
    write(line) {
      if (lines === "") setImmediate(writeLines);
      lines += line;
    },
  };
}

/** For a command that prints what it does: the log says only what goes wrong. */
export function createTroubleLog({ printError }: { printError(text: string): void }): Log {
  const log = createLog({ debug: false, format: "lines", write: printError });
  log.level = "warn";
  return log;
}

/** `12:00:00Z warn  Message name=value other="two words"`, then the stack of an error, indented. */
function formatEvent(line: string): string {
  const { level, time, msg = "", err, ...fields } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const clock = `${String(time).slice(11, 19)}Z`;
  const words = [clock, String(level).padEnd(5), escapeControls(String(msg))];
  for (const [name, value] of Object.entries(fields)) words.push(`${name}=${formatField(value)}`);
  return [words.join(" "), ...stackLines(err), ""].join("\n");
}

/** Plain words as they are, the rest as JSON. */
function formatField(value: unknown): string {
  if (typeof value === "string" && /^[\w@.:/+<>-]+$/.test(value)) return value;
  return escapeControls(JSON.stringify(value));
}

function stackLines(error: unknown): string[] {
  if (typeof error !== "object" || error === null || !("stack" in error)) return [];
  return String(error.stack)
    .split("\n")
    .map((line) => `    ${escapeControls(line)}`);
}

/** So that nothing foreign can begin a line of its own or steer the terminal. */
function escapeControls(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
