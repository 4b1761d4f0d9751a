/**
 * Runs where the parser runs, with the same rights, and tries what code that took the parser over would
 * try. Says what came of each attempt.
 */
import { lockDown } from "../../src/secretary/parser-lockdown.ts";

const [, , port = ""] = process.argv;

const ATTEMPTS: Readonly<Record<string, () => unknown>> = {
  "read a file": async () => (await import("node:fs")).readFileSync("/etc/hostname"),
  "read the folder of the mail": () => import(`file:///data/${"x"}.ts`),
  "write a file": async () => (await import("node:fs")).writeFileSync("/tmp/prisoner", ""),
  "keep the right to write": () => {
    if (!(process as unknown as Native).permission.has("fs.write")) throw new Error("given up");
  },
  "start a process": async () => (await import("node:child_process")).execSync("true"),
  "start a thread": async () => new (await import("node:worker_threads")).Worker("0", { eval: true }),
  "load the network": () => import("node:net"),
  "load the network by its other name": () => import(String("net")),
  "load it past the loader": () => process.getBuiltinModule("node:net"),
  "load it past the module system": () => (process as unknown as Native).binding("tcp_wrap"),
  "ask the DNS": async () => (await import("node:dns/promises")).lookup("localhost"),
  "send a datagram": async () => (await import("node:dgram")).createSocket("udp4"),
  "fetch a page": () => fetch(`http://127.0.0.1:${port}/`),
  "open a web socket": () => opened(new WebSocket(`ws://127.0.0.1:${port}/`)),
  "connect a socket like standard input": () => {
    const Socket = process.stdin.constructor as new () => { connect(port: number): unknown };
    return new Socket().connect(Number(port));
  },
  "kill the server": () => process.kill(process.ppid, 0),
  "kill it natively": () => (process as unknown as Native)._kill(process.ppid, 0),
  "open the server's debugger": () => (process as unknown as Native)._debugProcess(process.ppid),
  "make code of text": () => new Function("return 1")(),
  "undo the lock": async () => (await import("node:module")).registerHooks({}),
};

interface Native {
  readonly permission: { has(scope: string): boolean };
  binding(name: string): unknown;
  _kill(pid: number, signal: number): unknown;
  _debugProcess(pid: number): unknown;
}

async function opened(socket: WebSocket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.addEventListener("open", () => resolve());
  socket.addEventListener("error", () => reject(new Error("refused")));
  await promise;
}

lockDown();
const escaped: string[] = [];
for (const [name, attempt] of Object.entries(ATTEMPTS)) {
  try {
    await attempt();
    escaped.push(name);
  } catch {
    // as it should be
  }
}
process.send?.({ attempts: Object.keys(ATTEMPTS).length, escaped });
process.stdin.destroy();
