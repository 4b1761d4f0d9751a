import { finished } from "node:stream/promises";
import type { SMTPServerDataStream } from "smtp-server";
import { HopCounter } from "./hop-counter.ts";
import type { Deliver, MailTransaction } from "./mail-transaction.ts";
import { Refusal } from "./refusal.ts";
import type { SmtpLimits } from "./smtp-limits.ts";
import { formatTraceFields } from "./trace-fields.ts";

/** How far the message has been read, and what was found wrong with it. */
interface Reading {
  isComplete: boolean;
  refusal?: Refusal;
}

interface ReceiveOptions {
  readonly deliver: Deliver;
  readonly serverName: string;
  readonly limits: Pick<SmtpLimits, "hops">;
}

/**
 * Hands one message to `deliver`: the trace fields, then what the sender sent, octet for octet.
 * Settles only when the sender has sent its last octet (or is gone), whatever happened before: an
 * answer in the middle of the data would be taken for the answer to the next command.
 * Rejects when the message was not stored.
 */
export async function receiveMessage(
  stream: SMTPServerDataStream,
  transaction: MailTransaction,
  { deliver, serverName, limits }: ReceiveOptions,
): Promise<void> {
  const reading: Reading = { isComplete: false };
  const traceFields = formatTraceFields(transaction, serverName);
  try {
    await deliver(transaction, messageOctets(stream, traceFields, { reading, maxHops: limits.hops }));
    if (!reading.isComplete) throw new Error("deliver() resolved without reading the whole message");
  } catch (failure) {
    throw reading.refusal ?? failure;
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
  traceFields: Uint8Array,
  { reading, maxHops }: { readonly reading: Reading; readonly maxHops: number },
): AsyncGenerator<Uint8Array> {
  const counter = new HopCounter();
  yield traceFields;
  // Not destroyed when `deliver` gives up early: smtp-server would answer before the data has ended.
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    assertSize(stream);
    counter.push(chunk);
    if (counter.hops > maxHops) {
      reading.refusal = new Refusal(554, "5.4.6", "Too many hops: the message seems to go in circles");
      throw reading.refusal;
    }
    yield chunk;
  }
  assertSize(stream);
  reading.isComplete = true;
}

/** smtp-server goes on delivering octets beyond SIZE, and answers 552 itself at the end. */
function assertSize(stream: SMTPServerDataStream): void {
  if (stream.sizeExceeded) throw new Error("The message is larger than SIZE");
}
