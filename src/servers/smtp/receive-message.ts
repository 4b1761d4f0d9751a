import { finished } from "node:stream/promises";
import type { SMTPServerDataStream } from "smtp-server";
import type { Deliver, MailTransaction } from "./mail-transaction.ts";
import { formatTraceFields } from "./trace-fields.ts";

/**
 * Hands one message to `deliver`: the trace fields, then what the sender sent, octet for octet.
 * Settles only when the sender has sent its last octet (or is gone), whatever happened before: an
 * answer in the middle of the data would be taken for the answer to the next command.
 * Rejects when the message was not stored.
 */
export async function receiveMessage(
  stream: SMTPServerDataStream,
  transaction: MailTransaction,
  { deliver, serverName }: { readonly deliver: Deliver; readonly serverName: string },
): Promise<void> {
  const reading = { complete: false };
  try {
    await deliver(transaction, messageOctets(stream, formatTraceFields(transaction, serverName), reading));
    if (!reading.complete) throw new Error("deliver() resolved without reading the whole message");
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
  reading: { complete: boolean },
): AsyncGenerator<Uint8Array> {
  yield traceFields;
  // Not destroyed when `deliver` gives up early: smtp-server would answer before the data has ended.
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    assertSize(stream);
    yield chunk as Uint8Array;
  }
  assertSize(stream);
  reading.complete = true;
}

/** smtp-server goes on delivering octets beyond SIZE, and answers 552 itself at the end. */
function assertSize(stream: SMTPServerDataStream): void {
  if (stream.sizeExceeded) throw new Error("The message is larger than SIZE");
}
