import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { MessageReading, ReadingContext } from "../core/payloads/payloads.ts";
import { ABANDON, END, frameOf } from "./parser-frames.ts";

/** Octets of one message that are handed over; SMTP's own limit is far below. */
const MAX_MESSAGE_OCTETS = 64 * 1_048_576;
/** V8's heap in the child. What a message itself takes is outside of it and bounded by its size. */
const MAX_HEAP_MEBIBYTES = 192;
/** An ordinary message takes half a millisecond; 25 MB take a third of a second. */
const DEADLINE_MS = 10_000;

/** The process ended before it had answered: something in its hands made it hang, swell or crash. */
export class ParserDied extends Error {}

/** The message is larger than anything that is read. */
export class TooLarge extends Error {}

type Pending = PromiseWithResolvers<MessageReading>;

/**
 * A child that reads messages in the order in which they are handed over; more can be on their way while
 * one is read. It dies of a message, or of the deadline, and is started again for the next one.
 */
export class ParserProcess {
  #child: ChildProcess | undefined;
  #pending: Pending[] = [];
  #deadline: NodeJS.Timeout | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #isStopped = false;

  constructor() {
    this.#child = this.#spawn(); // warm before the first message comes
  }

  /** @throws ParserDied, TooLarge, or what `octets` failed with */
  async read(octets: AsyncIterable<Uint8Array>, context: ReadingContext): Promise<MessageReading> {
    const handedOver = this.#turn.then(() => this.#handOver(octets, context));
    this.#turn = handedOver.catch(() => undefined);
    const { answer } = await handedOver;
    return await answer;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const child = this.#child;
    if (child === undefined) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  /** Resolves when the child has the whole message; the answer comes later. */
  async #handOver(
    octets: AsyncIterable<Uint8Array>,
    context: ReadingContext,
  ): Promise<{ readonly answer: Promise<MessageReading> }> {
    if (this.#isStopped) throw new ParserDied("The parser process was stopped");
    this.#child ??= this.#spawn();
    const child = this.#child;
    await write(child, frameOf(Buffer.from(JSON.stringify(context))));
    try {
      let total = 0;
      for await (const chunk of octets) {
        total += chunk.length;
        if (total > MAX_MESSAGE_OCTETS) throw new TooLarge("The message is too large to be read");
        if (chunk.length > 0) await write(child, frameOf(chunk));
      }
    } catch (error) {
      await write(child, ABANDON);
      throw error;
    }
    const pending: Pending = Promise.withResolvers();
    pending.promise.catch(() => undefined); // it may fail before anybody waits for it
    this.#pending.push(pending);
    if (this.#pending.length === 1) this.#startDeadline();
    await write(child, END);
    return { answer: pending.promise };
  }

  #startDeadline(): void {
    clearTimeout(this.#deadline);
    if (this.#pending.length > 0)
      this.#deadline = setTimeout(() => this.#child?.kill("SIGKILL"), DEADLINE_MS);
  }

  /** It gets no files but its own code, no processes, no environment and no output that somebody reads. */
  #spawn(): ChildProcess {
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
    child.on("message", (reading) => {
      this.#pending.shift()?.resolve(reading as MessageReading);
      this.#startDeadline();
    });
    const onEnd = (how: string) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      clearTimeout(this.#deadline);
      const inHand = this.#pending;
      this.#pending = [];
      for (const { reject } of inHand) reject(new ParserDied(`The parser process ended with ${how}`));
    };
    child.on("exit", (code, signal) => onEnd(signal ?? `exit code ${code}`));
    child.on("error", (error) => onEnd(`"${error.message}"`)); // it could not be started
    return child;
  }
}

/** Resolves when there is room for more. @throws ParserDied */
async function write({ stdin, pid, exitCode, signalCode }: ChildProcess, octets: Uint8Array): Promise<void> {
  if (stdin === null || pid === undefined || exitCode !== null || signalCode !== null || stdin.destroyed) {
    throw new ParserDied("The parser process ended while it was given a message");
  }
  if (stdin.write(octets)) return;
  const closed = once(stdin, "close").then(() => {
    throw new ParserDied("The parser process ended while it was given a message");
  });
  await Promise.race([once(stdin, "drain"), closed]);
}
