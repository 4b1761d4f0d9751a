import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

const main = resolve(import.meta.dirname, "../../src/main.ts");

export interface ServerProcessOptions {
  /** How many files and sockets it may have open (setrlimit, RLIMIT_NOFILE). */
  readonly maxFiles?: number;
  readonly settings?: Readonly<Record<string, string>>;
  /** A `resolv.conf` in place of the machine's; needs the right to mount. */
  readonly resolvConf?: string;
}

/** Sets up what the server shall find, and becomes the server. */
const LAUNCH = `
if [ -n "$RESOLV_CONF" ]; then exec unshare --mount sh -c 'mount --bind "$RESOLV_CONF" /etc/resolv.conf; exec "$@"' sh "$@"; fi
exec "$@"
`;

/** A server process, and a new one on the same port and folder whenever it is killed. */
export class ServerProcess {
  readonly #folder: string;
  readonly #maxFiles: number | undefined;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #resolvConf: string | undefined;
  #process: ChildProcess | undefined;
  port = 0;
  /** Its log since the start. */
  output = "";

  constructor(folder: string, { maxFiles, settings = {}, resolvConf }: ServerProcessOptions = {}) {
    this.#folder = folder;
    this.#maxFiles = maxFiles;
    this.#settings = settings;
    this.#resolvConf = resolvConf;
  }

  async start(): Promise<void> {
    const limit = this.#maxFiles === undefined ? "" : `ulimit -n ${this.#maxFiles};`;
    const child = spawn("/bin/sh", ["-c", `${limit}${LAUNCH}`, "sh", process.execPath, main, "serve"], {
      env: {
        PATH: process.env.PATH,
        DOMAINNAME: "example.test",
        MAILUSER: "anna",
        MAILPASSWORD: "correct horse battery staple",
        MAILFOLDER: this.#folder,
        SMTP_LISTEN: `127.0.0.1:${this.port}`,
        IMAP_LISTEN: "127.0.0.1:0",
        WEBCAL_ENABLED: "false",
        ...(this.#resolvConf === undefined ? {} : { RESOLV_CONF: this.#resolvConf }),
        DMARC_POLICY: "off", // nothing here may wait for a name server
        ...this.#settings,
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#process = child;
    const listening = Promise.withResolvers<number>();
    this.output = "";
    let isListening = false;
    child.stdout.on("data", (chunk: Buffer) => {
      this.output += chunk;
      if (isListening) return; // a log of megabytes is searched no more: benchmarks share the processors
      const [, port] = /"smtp":\{[^}]*"port":(\d+)/.exec(this.output) ?? [];
      isListening = port !== undefined;
      if (isListening) listening.resolve(Number(port));
    });
    child.once("exit", () => listening.reject(new Error(`The server did not start: ${this.output}`)));
    this.port = await listening.promise;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Sends a signal that it survives. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  }
}
