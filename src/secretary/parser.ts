import type { MessageReading, ReadingContext } from "../core/payloads/payloads.ts";
import { ParserDied, ParserProcess, TooLarge } from "./parser-process.ts";

/** Why a message has no reading. */
export type ParserFailure = "too-large" | "internal";

/** Reads messages in a process of its own. */
export interface Parser {
  /**
   * Reads one message. Several may be asked for at once; they are read one after the other.
   * @param open gives the octets of the message, when its turn comes; called again for a second try.
   *   What it fails with, this fails with.
   */
  read(
    open: () => AsyncIterable<Uint8Array>,
    context: ReadingContext,
  ): Promise<MessageReading | ParserFailure>;
  stop(): Promise<void>;
}

/**
 * Starts the parser process, and starts it anew whenever a message has killed it. The messages that were
 * in its hands then get a second try, each alone in another process: so it is found which one it was, and
 * the others do not suffer for it.
 *
 * @param onDeath hears why a process died
 */
export function startParser(onDeath: (reason: string) => void): Parser {
  const common = new ParserProcess();
  let quarantine: ParserProcess | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  async function readAlone(
    open: () => AsyncIterable<Uint8Array>,
    context: ReadingContext,
  ): Promise<MessageReading | ParserFailure> {
    quarantine ??= new ParserProcess();
    try {
      return await quarantine.read(open(), context);
    } catch (error) {
      if (!(error instanceof ParserDied)) throw error;
      onDeath(error.message);
      return "internal";
    }
  }

  return {
    async read(open, context) {
      try {
        return await common.read(open(), context);
      } catch (error) {
        if (error instanceof TooLarge) return "too-large";
        if (!(error instanceof ParserDied)) throw error;
        onDeath(error.message);
        const reading = turn.then(() => readAlone(open, context));
        turn = reading.catch(() => undefined);
        return await reading;
      }
    },
    async stop() {
      await Promise.all([common.stop(), quarantine?.stop()]);
    },
  };
}
