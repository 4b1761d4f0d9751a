import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { MessageReading, ReadingContext } from "../core/payloads/payloads.ts";
import { frameMessage } from "./parser-frames.ts";

/** Octets of one message that are handed to the parser; SMTP's own limit is far below. */
const MAX_MESSAGE_OCTETS = 64 * 1_048_576;
/** V8's heap in the child. What a message itself takes is outside of it and bounded by its size. */
const MAX_HEAP_MEBIBYTES = 192;
/** An ordinary message takes a millisecond; 25 MB take a third of a second. */
const DEADLINE_MS = 10_000;
/** What kills the parser once may have been bad luck; twice is the message. */
const MAX_TRIES = 2;

/** Why a message has no reading. */
export type ParserFailure = "too-large" | "internal";

/** Reads messages in a process of its own: one at a time, in order. */
export interface Parser {
  /** @param open gives the octets of the message; called again when the first try kills the process */
  read(
    open: () => AsyncIterable<Uint8Array>,
    context: ReadingContext,
  ): Promise<MessageReading | ParserFailure>;
  stop(): Promise<void>;
}

/** Starts the parser process, and starts it anew whenever a message has killed it. */
export function startParser(onDeath: (reason: string) => void): Parser {
  let child = spawn();
  let turn: Promise<unknown> = Promise.resolve();
  let isStopped = false;

  async function read(
    open: () => AsyncIterable<Uint8Array>,
    context: ReadingContext,
  ): Promise<MessageReading | ParserFailure> {
    for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
      if (!isAlive(child)) child = spawn();
      try {
        return await readOnce(child, open(), context);
      } catch (error) {
        if (error instanceof TooLarge) return "too-large";
        if (isStopped || !(error instanceof ParserDied)) throw error;
        onDeath(error.message);
      }
    }
    return "internal";
  }

  return {
    read(open, context) {
      const reading = turn.then(() => read(open, context));
      turn = reading.catch(() => undefined);
      return reading;
    },
    async stop() {
      isStopped = true;
      await end(child);
    },
  };
}

class ParserDied extends Error {}
class TooLarge extends Error {}

/** No files but its own code, no processes, no network, no standard output that could be mistaken for ours. */
function spawn(): ChildProcess {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const child = fork(fileURLToPath(new URL("./parser-child.ts", import.meta.url)), [], {
    env: {},
    execArgv: [
      "--permission",
      ...["src/", "node_modules/", "package.json"].map((path) => `--allow-fs-read=${root}${path}`),
      `--max-old-space-size=${MAX_HEAP_MEBIBYTES}`,
    ],
    stdio: ["pipe", "ignore", "ignore", "ipc"],
  });
  child.stdin?.on("error", () => undefined); // it died while we wrote: its exit says so
  child.on("error", () => undefined); // it could not be started: who uses it hears of it
  return child;
}

async function readOnce(
  child: ChildProcess,
  octets: AsyncIterable<Uint8Array>,
  context: ReadingContext,
): Promise<MessageReading> {
  const { stdin } = child;
  if (stdin === null) throw new ParserDied("The parser process has no input");
  const { promise, resolve, reject } = Promise.withResolvers<MessageReading>();
  promise.catch(() => undefined); // it may fail while the octets are still on their way
  const onMessage = (reading: unknown) => resolve(reading as MessageReading);
  const onExit = (code: number | null, signal: string | null) =>
    reject(new ParserDied(`The parser process ended with ${signal ?? `exit code ${code}`}`));
  const onError = (error: Error) => reject(new ParserDied(`The parser process failed: ${error.message}`));
  const timer = setTimeout(() => child.kill("SIGKILL"), DEADLINE_MS);
  child.once("message", onMessage).once("exit", onExit).once("error", onError);
  try {
    const request = Buffer.from(JSON.stringify(context));
    for await (const frame of frameMessage(request, bounded(octets))) {
      if (!stdin.write(frame)) await Promise.race([once(stdin, "drain"), promise]);
    }
    return await promise;
  } catch (error) {
    // A message that could not be handed over whole leaves the process waiting for the rest of it.
    await end(child);
    throw error;
  } finally {
    clearTimeout(timer);
    child.off("message", onMessage).off("exit", onExit).off("error", onError);
  }
}

async function* bounded(octets: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of octets) {
    total += chunk.length;
    if (total > MAX_MESSAGE_OCTETS) throw new TooLarge("The message is too large to be read");
    yield chunk;
  }
}

function isAlive({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}

/** Resolves when the process is gone. */
async function end(child: ChildProcess): Promise<void> {
  if (!isAlive(child)) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}
