import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { MessageReading, ReadingContext } from "../core/payloads/payloads.ts";
import { ABANDON, END, frameOf } from "./parser-frames.ts";

/** What one message may cost. */
export interface ParserLimits {
  readonly messageOctets: number;
  /** From the moment the process has answered the message before, or is given this one. */
  readonly deadlineMs: number;
  /** V8's heap in the process. What a message itself takes is outside of it and bounded by its size. */
  readonly heapMebibytes: number;
  /** A process that had nothing to do for so long is ended. */
  readonly idleMs: number;
}

export const PARSER_LIMITS: ParserLimits = {
  messageOctets: 64 * 1_048_576, // SMTP's own limit is far below
  deadlineMs: 10_000, // an ordinary message takes half a millisecond, 25 MB take a third of a second
  heapMebibytes: 192,
  idleMs: 60_000, // it would hold more memory than ten thousand events do
};

/** Compiled code, so that the process starts in a tenth of a second. Its own: what it wrote, only it reads. */
const COMPILE_CACHE = fileURLToPath(new URL("../../node_modules/.cache/secretary-parser", import.meta.url));

/** Loading its code takes the process up to half a second; a machine under load takes its time. */
const START_MS = 60_000;
/** Of what the process says when it cannot start. */
const MAX_REASON_CHARACTERS = 500;

/** The process ended before it had answered: something in its hands made it hang, swell or crash. */
export class ParserDied extends Error {}

/** There is no process, and no message is to blame for that. */
export class ParserUnavailable extends Error {}

/** The message is larger than anything that is read. */
export class TooLarge extends Error {}

type Pending = PromiseWithResolvers<MessageReading>;

/**
 * A child that reads messages in the order in which they are handed over; more can be on their way while
 * one is read. It dies of a message, or of the deadline, and is started again for the next one.
 */
export class ParserProcess {
  readonly #limits: ParserLimits;
  readonly #onDeath: (reason: string) => void;
  #child: ChildProcess | undefined;
  #ready: Promise<void>;
  #pending: Pending[] = [];
  /** Of the message in hand; of idleness, when there is none. */
  #deadline: NodeJS.Timeout | undefined;
  #isLate = false;
  #turn: Promise<unknown> = Promise.resolve();
  #isStopped = false;

  /**
   * Starts at once, to be warm before the first message comes.
   * @param onDeath hears why a message, or several at once, got no answer
   */
  constructor(limits: ParserLimits, onDeath: (reason: string) => void) {
    this.#limits = limits;
    this.#onDeath = onDeath;
    this.#ready = this.#spawn();
  }

  /** Resolves when the process takes messages; starts it, if it was ended. @throws ParserUnavailable */
  ready(): Promise<void> {
    if (this.#child === undefined && !this.#isStopped) this.#ready = this.#spawn();
    return this.#ready;
  }

  /** @throws ParserDied, ParserUnavailable, TooLarge, or what `octets` failed with */
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
    if (this.#isStopped) throw new ParserUnavailable("The parser process was stopped");
    await this.ready();
    const pending: Pending = Promise.withResolvers();
    this.#pending.push(pending);
    if (this.#pending.length === 1) this.#watch();
    const sending = new AbortController();
    try {
      const request = Buffer.from(JSON.stringify(context));
      await Promise.race([this.#send(request, octets, sending.signal), pending.promise]);
    } catch (error) {
      this.#pending = this.#pending.filter((other) => other !== pending);
      throw error;
    } finally {
      sending.abort();
    }
    pending.promise.catch(() => undefined); // it may fail before anybody waits for it
    return { answer: pending.promise };
  }

  /** Gives `octets` back when it is aborted. */
  async #send(request: Uint8Array, octets: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    const stdin = this.#child?.stdin;
    async function write(frame: Uint8Array): Promise<void> {
      if (stdin?.write(frame) === false) await once(stdin, "drain", { signal });
    }
    // What can be had at once, several short messages even, goes in one piece.
    stdin?.cork();
    process.nextTick(() => stdin?.uncork());
    try {
      await write(frameOf(request));
      let total = 0;
      for await (const chunk of octets) {
        total += chunk.length;
        if (total > this.#limits.messageOctets) throw new TooLarge("The message is too large to be read");
        if (chunk.length > 0) await write(frameOf(chunk));
      }
      await write(END);
    } catch (error) {
      if (!signal.aborted) await write(ABANDON);
      throw error;
    }
  }

  #watch(): void {
    clearTimeout(this.#deadline);
    if (this.#pending.length === 0) {
      this.#deadline = setTimeout(() => this.#retire(), this.#limits.idleMs).unref();
      return;
    }
    this.#deadline = setTimeout(() => {
      this.#isLate = true;
      this.#child?.kill("SIGKILL");
    }, this.#limits.deadlineMs);
  }

  /** Ends the process, which nobody needs now. */
  #retire(): void {
    const child = this.#child;
    this.#child = undefined;
    child?.kill("SIGKILL");
  }

  /** Starts a child. Resolves when it takes messages. */
  #spawn(): Promise<void> {
    const child = fork(fileURLToPath(new URL("./parser-child.ts", import.meta.url)), [], {
      env: { NODE_COMPILE_CACHE: COMPILE_CACHE }, // and no secrets
      execArgv: parserFlags(this.#limits),
      stdio: ["pipe", "ignore", "pipe", "ipc"], // no standard output that could be mistaken for ours
    });
    this.#child = child;
    this.#isLate = false;
    child.stdin?.on("error", () => undefined); // it died while we wrote: its exit says so
    const onEnd = () => {
      if (this.#child !== child) return;
      this.#child = undefined;
      clearTimeout(this.#deadline);
      const inHand = this.#pending;
      this.#pending = [];
      const reason = this.#isLate
        ? `The parser process did not answer within ${this.#limits.deadlineMs} ms`
        : `The parser process ended with ${endingOf(child)}`;
      if (inHand.length > 0 && !this.#isStopped) this.#onDeath(reason);
      for (const { reject } of inHand) reject(new ParserDied(reason));
    };
    child.once("exit", onEnd).once("error", onEnd);
    const ready = started(child).then(() => {
      child.on("message", (readings) => {
        for (const reading of readings as MessageReading[]) this.#pending.shift()?.resolve(reading);
        this.#watch();
      });
      this.#watch();
    });
    ready.catch(() => undefined); // whoever hands it a message is told
    return ready;
  }
}

/** No files but its own code, no processes, no code made of text. See `lockDown` for what these leave. */
export function parserFlags({ heapMebibytes }: Pick<ParserLimits, "heapMebibytes">): string[] {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const readable = [`${root}src/`, `${root}package.json`, `${root}node_modules/`, packagesFolder()];
  return [
    "--permission",
    ...readable.map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-write=${COMPILE_CACHE}/*`, // until it locks itself down, before the first message
    "--disallow-code-generation-from-strings",
    `--max-old-space-size=${heapMebibytes}`,
  ];
}

/** Where packages really are: `node_modules` may be a link. */
function packagesFolder(): string {
  const path = fileURLToPath(import.meta.resolve("ical.js"));
  return path.slice(0, path.lastIndexOf("/ical.js/") + 1);
}

async function started(child: ChildProcess): Promise<void> {
  let said = "";
  const listen = (piece: Buffer) => {
    said = `${said}${piece}`.slice(0, MAX_REASON_CHARACTERS);
  };
  child.stderr?.on("data", listen);
  const giveUp = setTimeout(() => child.kill("SIGKILL"), START_MS);
  const failed = Promise.withResolvers<never>();
  child.once("error", failed.reject);
  child.once("close", () => failed.reject(new Error(`It ended with ${endingOf(child)}: ${said.trim()}`)));
  try {
    await Promise.race([once(child, "message"), failed.promise]);
  } catch (cause) {
    throw new ParserUnavailable("Cannot start the parser process", { cause });
  } finally {
    clearTimeout(giveUp);
    child.stderr?.off("data", listen).resume(); // from here on it may repeat what messages say
  }
}

function endingOf({ signalCode, exitCode }: ChildProcess): string {
  return signalCode ?? `exit code ${exitCode}`;
}
