import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

const main = resolve(import.meta.dirname, "../../src/main.ts");

/** A server process, and a new one on the same port and folder whenever it is killed. */
export class ServerProcess {
  readonly #folder: string;
  readonly #maxFiles: number | undefined;
  #process: ChildProcess | undefined;
  port = 0;

  /** `maxFiles` is how many files and sockets it may have open (setrlimit, RLIMIT_NOFILE). */
  constructor(folder: string, { maxFiles }: { readonly maxFiles?: number } = {}) {
    this.#folder = folder;
    this.#maxFiles = maxFiles;
  }

  async start(): Promise<void> {
    const limit = this.#maxFiles === undefined ? "" : `ulimit -n ${this.#maxFiles};`;
    const child = spawn("/bin/sh", ["-c", `${limit} exec "$0" "$@"`, process.execPath, main, "serve"], {
      env: {
        PATH: process.env.PATH,
        DOMAINNAME: "example.test",
        MAILUSER: "anna",
        MAILPASSWORD: "correct horse battery staple",
        MAILFOLDER: this.#folder,
        SMTP_LISTEN: `127.0.0.1:${this.port}`,
        IMAP_LISTEN: "127.0.0.1:0",
        WEBCAL_ENABLED: "false",
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#process = child;
    const listening = Promise.withResolvers<number>();
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk;
      const [, port] = /"smtp":\{[^}]*"port":(\d+)/.exec(output) ?? [];
      if (port !== undefined) listening.resolve(Number(port));
    });
    child.once("exit", () => listening.reject(new Error(`The server did not start: ${output}`)));
    this.port = await listening.promise;
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  }
}
