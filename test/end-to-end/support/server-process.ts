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
  /** A `resolv.conf` in place of the machine's; needs the right to mount. */
  readonly resolvConf?: string;
}

/** What `npm start` runs Node with. */
const NODE_FLAGS = ["--max-semi-space-size=2"];
const COMPILE_CACHE = resolve(import.meta.dirname, "../../../node_modules/.cache/secretary");

/** Sets up what the server shall find, and becomes the server. */
const LAUNCH = `
if [ -n "$MAX_FILES" ]; then ulimit -n "$MAX_FILES"; fi
if [ -n "$RESOLV_CONF" ]; then exec unshare --mount sh -c 'mount --bind "$RESOLV_CONF" /etc/resolv.conf; exec "$@"' sh "$@"; fi
exec "$@"
`;

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
    const { settings, maxFiles, resolvConf } = this.#options;
    const child = spawn("/bin/sh", ["-c", LAUNCH, "sh", process.execPath, ...NODE_FLAGS, main, "serve"], {
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: COMPILE_CACHE,
        ...(maxFiles === undefined ? {} : { MAX_FILES: String(maxFiles) }),
        ...(resolvConf === undefined ? {} : { RESOLV_CONF: resolvConf }),
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
      // A log of megabytes is searched no more: benchmarks share the processors.
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

  /** Sends a signal that it survives. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
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
