import type { MessageReading, ReadingContext } from "../core/payloads/payloads.ts";
import {
  PARSER_LIMITS,
  ParserDied,
  type ParserLimits,
  ParserProcess,
  ParserUnavailable,
  TooLarge,
} from "./parser-process.ts";

export { PARSER_LIMITS, type ParserLimits, ParserUnavailable } from "./parser-process.ts";

/** Why a message has no reading. */
export type ParserFailure = "too-large" | "internal";

/** Reads messages in a process of its own. */
export interface Parser {
  /**
   * Resolves when the process is up; starts it, if it was ended because nothing was to be read. Rejects with
   * `ParserUnavailable` when it cannot be started.
   */
  ready(): Promise<void>;
  /**
   * Reads one message. Several may be asked for at once; they are read one after the other. Rejects with
   * `ParserUnavailable`, and with what `open` fails with: then nothing is known of the message.
   * @param open gives the octets of the message, when its turn comes; called again for a second try
   */
  read(
    open: () => AsyncIterable<Uint8Array>,
    context: ReadingContext,
  ): Promise<MessageReading | ParserFailure>;
  stop(): Promise<void>;
}

export interface ParserOptions {
  /** Hears why a process died. */
  readonly onDeath: (reason: string) => void;
  readonly limits?: ParserLimits;
}

/**
 * Starts the parser process, and starts it anew whenever a message has killed it. The messages that were
 * in its hands then get a second try, each alone in another process: so it is found which one it was, and
 * the others do not suffer for it.
 */
export function startParser({ onDeath, limits = PARSER_LIMITS }: ParserOptions): Parser {
  const common = new ParserProcess(limits, onDeath);
  let quarantine: ParserProcess | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let isStopped = false;

  async function readAlone(
    open: () => AsyncIterable<Uint8Array>,
    context: ReadingContext,
  ): Promise<MessageReading | ParserFailure> {
    if (isStopped) throw new ParserUnavailable("The parser process was stopped");
    quarantine ??= new ParserProcess(limits, onDeath);
    try {
      return await quarantine.read(open(), context);
    } catch (error) {
      if (!(error instanceof ParserDied)) throw error;
      if (isStopped) throw new ParserUnavailable("The parser process was stopped", { cause: error });
      return "internal";
    }
  }

  return {
    ready: () => common.ready(),
    async read(open, context) {
      try {
        return await common.read(open(), context);
      } catch (error) {
        if (error instanceof TooLarge) return "too-large";
        if (!(error instanceof ParserDied)) throw error;
        const reading = turn.then(() => readAlone(open, context));
        turn = reading.catch(() => undefined);
        return await reading;
      }
    },
    async stop() {
      isStopped = true;
      await Promise.all([common.stop(), quarantine?.stop()]);
    },
  };
}
