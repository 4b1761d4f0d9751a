import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where `.ci/unpack-mail-servers` has put the servers. */
const UNPACKED = process.env.MAIL_SERVERS;

/**
 * The servers see the machine as if they were installed on it, with a private /etc and /var; whatever they
 * start ends with them.
 */
const NAMESPACE = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
const OVERLAY = `
set -e
mount -t tmpfs tmpfs "$FOLDER/private"
for name in etc var; do
  mkdir -p "$FOLDER/private/$name" "$FOLDER/private/$name.work" "$UNPACKED/root/$name"
  mount -t overlay overlay -o "lowerdir=$UNPACKED/root/$name:/$name,upperdir=$FOLDER/private/$name,workdir=$FOLDER/private/$name.work" "/$name"
done
mount -t tmpfs tmpfs /run
mount -t overlay overlay -o "lowerdir=$UNPACKED/root/usr:/usr" /usr
`;

export interface MailServerSetup {
  /** Runs the server in the foreground, configured; `$FOLDER` is its own, on a real disk. */
  readonly script: string;
  readonly files: Readonly<Record<string, string>>;
}

export interface RunningMailServer {
  readonly folder: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Why no foreign mail server can be run here, if so; or not the one whose program is named. */
export async function findObstacle(program?: string): Promise<string | undefined> {
  if (UNPACKED === undefined) return "needs MAIL_SERVERS, a folder filled by .ci/unpack-mail-servers";
  if (program !== undefined && !existsSync(join(UNPACKED, "root", program))) return `needs ${program}`;
  const trial = spawn("unshare", [...NAMESPACE, "true"], { stdio: "ignore" });
  const [code] = await once(trial, "exit").catch(() => [1]);
  return code === 0 ? undefined : "needs the right to mount";
}

/** Runs a program of the unpacked packages; rejects with what it printed if it fails. */
export async function runUnpacked(script: string, input = ""): Promise<void> {
  const folder = await makeFolder({});
  const child = enter(folder, script);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (output += text));
  child.stdin?.end(input);
  const [code] = await once(child, "close");
  await rm(folder, { recursive: true });
  if (code !== 0) throw new Error(`A program failed: ${output}`);
}

/** Starts a server on a port of its own and waits until it greets. */
export async function startMailServer(setup: (port: number) => MailServerSetup): Promise<RunningMailServer> {
  const port = await freePort();
  const { script, files } = setup(port);
  const folder = await makeFolder(files);
  const child = enter(folder, script);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (output += text));
  const gone = once(child, "exit").then(() => Promise.reject(new Error(`The server ended: ${output}`)));
  gone.catch(() => undefined);
  await Promise.race([greeting(port), gone]);
  return {
    folder,
    port,
    async stop() {
      const exited = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
      child.kill("SIGKILL");
      await exited;
      if (process.env.MAIL_SERVERS_LOG !== undefined) process.stderr.write(output);
      await rm(folder, { recursive: true });
    },
  };
}

async function makeFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mail-server-"));
  await chmod(folder, 0o755); // their users must come in
  await mkdir(join(folder, "private"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

/**
 * Through `cat`: our end of a pipe is a socket, and what logs to /dev/stdout opens it anew. The exit code
 * is still that of the script, for which `sh` has no option.
 */
function enter(folder: string, script: string): ChildProcess {
  const command = ["bash", "--norc", "-o", "pipefail", "-c", `{ ${OVERLAY}\n${script}\n} 2>&1 | cat`];
  return spawn("unshare", [...NAMESPACE, ...command], {
    env: { PATH: process.env.PATH, FOLDER: folder, UNPACKED },
    stdio: ["pipe", "pipe", "pipe"],
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

const ATTEMPT_EVERY_MS = 100;
const MAX_ATTEMPTS = 200;

async function greeting(port: number): Promise<void> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    const greeted = await Promise.race([
      once(socket, "data").then(() => true),
      once(socket, "close").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (greeted) return;
    await new Promise((resolve) => setTimeout(resolve, ATTEMPT_EVERY_MS));
  }
  throw new Error("The server does not greet");
}
