import { finished } from "node:stream/promises";
import type { SMTPServerDataStream } from "smtp-server";
import { HeaderMeter } from "./header-meter.ts";
import type { MailTransaction } from "./mail-transaction.ts";
import { Refusal } from "./refusal.ts";
import type { SmtpLimits } from "./smtp-limits.ts";
import { type StoreOptions, storeMessage } from "./store-message.ts";

/** How far the message has been read, and what was found wrong with it. */
interface Reading {
  isComplete: boolean;
  refusal: Refusal | undefined;
}

interface ReceiveOptions extends StoreOptions {
  readonly limits: Pick<SmtpLimits, "hops" | "headerOctets">;
}

/**
 * Reads one message and has it stored. Settles only when the sender has sent its last octet (or is
 * gone), whatever happened before: an answer in the middle of the data would be taken for the answer
 * to the next command. Rejects when the message was not stored, with a `Refusal` when that is the
 * message's fault.
 */
export async function receiveMessage(
  stream: SMTPServerDataStream,
  transaction: MailTransaction,
  options: ReceiveOptions,
): Promise<void> {
  const reading: Reading = { isComplete: false, refusal: undefined };
  try {
    await storeMessage(transaction, messageOctets(stream, reading, options.limits), options);
    if (!reading.isComplete) throw new Error("deliver() resolved without reading the whole message");
  } catch (failure) {
    throw reading.refusal ?? failure; // `deliver` may have wrapped it
  } finally {
    await discardRest(stream);
  }
}

/** Reads what is left of a message and throws it away. */
export async function discardRest(stream: SMTPServerDataStream): Promise<void> {
  if (stream.destroyed || stream.readableEnded) return;
  stream.resume();
  await finished(stream, { writable: false }).catch(() => undefined); // the sender has left: nothing more to read
}

async function* messageOctets(
  stream: SMTPServerDataStream,
  reading: Reading,
  limits: ReceiveOptions["limits"],
): AsyncGenerator<Uint8Array> {
  const meter = new HeaderMeter();
  // Not destroyed when its reader gives up early: smtp-server would answer before the data has ended.
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    assertSize(stream);
    meter.push(chunk);
    reading.refusal = judgeHeader(meter, limits);
    if (reading.refusal) throw reading.refusal;
    yield chunk;
  }
  assertSize(stream);
  reading.isComplete = true;
}

function judgeHeader(meter: HeaderMeter, limits: ReceiveOptions["limits"]): Refusal | undefined {
  if (meter.hops > limits.hops) {
    return new Refusal(554, "5.4.6", "Too many hops: the message seems to go in circles");
  }
  if (meter.octets > limits.headerOctets) return new Refusal(552, "5.3.4", "Header too large");
  return undefined;
}

/** smtp-server goes on delivering octets beyond SIZE, and answers 552 itself at the end. */
function assertSize(stream: SMTPServerDataStream): void {
  if (stream.sizeExceeded) throw new Error("The message is larger than SIZE");
}
