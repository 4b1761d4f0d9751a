import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import type { LogLine } from "./running-server.ts";
import { settingsFor } from "./test-settings.ts";

const main = resolve(import.meta.dirname, "../../../src/main.ts");

export interface ProcessOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** How many files and sockets it may have open (setrlimit, RLIMIT_NOFILE). */
  readonly maxFiles?: number;
}

/** The real server process, and a new one on the same ports and folder whenever it is started again. */
export class ServerProcess {
  readonly #folder: string;
  readonly #options: ProcessOptions;
  #process: ChildProcess | undefined;
  #output = "";
  smtpPort = 0;
  webPort = 0;

  constructor(folder: string, options: ProcessOptions = {}) {
    this.#folder = folder;
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** What the process that runs, or ran last, has logged. */
  get log(): LogLine[] {
    const lines = this.#output.slice(0, this.#output.lastIndexOf("\n")).split("\n");
    return lines.filter(Boolean).map((line) => JSON.parse(line) as LogLine);
  }

  /** Resolves when it is up. Rejects with what it said when it did not start. */
  async start(): Promise<void> {
    const { settings, maxFiles } = this.#options;
    const limit = maxFiles === undefined ? "" : `ulimit -n ${maxFiles};`;
    const child = spawn("/bin/sh", ["-c", `${limit} exec "$0" "$@"`, process.execPath, main, "serve"], {
      env: {
        PATH: process.env.PATH,
        ...settingsFor(this.#folder, {
          SMTP_LISTEN: `127.0.0.1:${this.smtpPort}`,
          WEBCAL_LISTEN: `127.0.0.1:${this.webPort}`,
          ...settings,
        }),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    this.#output = "";
    let complaints = "";
    const up = Promise.withResolvers<LogLine>();
    let isUp = false;
    child.stdout.on("data", (chunk: Buffer) => {
      this.#output += chunk;
      const line = isUp ? undefined : this.log.find(({ msg }) => msg === "Secretary is up");
      if (line === undefined) return;
      isUp = true;
      up.resolve(line);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      complaints += chunk;
    });
    child.once("close", (code, signal) => {
      up.reject(new Error(`The server ended with ${signal ?? code}: ${complaints}${this.#output}`));
    });
    const { smtp, web } = (await up.promise) as unknown as Record<string, { port: number } | undefined>;
    this.smtpPort = smtp?.port ?? 0;
    this.webPort = web?.port ?? 0;
  }

  /** Resolves with the exit code, or null after a signal, when it has ended. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<number | null> {
    const child = this.#process;
    if (!child) return null;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, "exit");
    }
    return child.exitCode;
  }
}
