import { scopeOf } from "../net/net.ts";
import { isForgedResults } from "./forged-results.ts";
import { filterHeader } from "./header-filter.ts";
import { LineLimit } from "./line-limit.ts";
import type { Deliver, MailTransaction } from "./mail-transaction.ts";
import { Refusal } from "./refusal.ts";
import { MAX_SIGNED_LINE_OCTETS, type SenderVerifier } from "./sender-verification.ts";
import { formatTraceFields } from "./trace-fields.ts";

/** A message that can be read more than once. */
export interface HeldMessage {
  read(): AsyncIterable<Uint8Array>;
  release(): Promise<void>;
}

export interface VerificationOptions {
  readonly verifier: SenderVerifier;
  /** Reads all octets, and keeps them until they are released. */
  readonly hold: (octets: AsyncIterable<Uint8Array>) => Promise<HeldMessage>;
  /** `observe` writes down what was found, and refuses nothing. */
  readonly dmarcPolicy: "enforce" | "observe";
}

export interface StoreOptions {
  readonly serverName: string;
  readonly deliver: Deliver;
  readonly verification?: VerificationOptions;
}

/**
 * Hands a message to `deliver` under its trace fields. With verification, what was found stands in an
 * `Authentication-Results` field above our `Received`, and a message that its author's domain wants
 * refused is (DMARC `reject`, RFC 9989 §4.7): a `Refusal` is thrown. Such fields in our name that the
 * message brings along are removed; everything else of it is stored octet for octet.
 */
export async function storeMessage(
  transaction: MailTransaction,
  octets: AsyncIterable<Uint8Array>,
  options: StoreOptions,
): Promise<void> {
  if (!options.verification) return deliverUnder("", { transaction, octets }, options);
  options.verification.verifier.expect(transaction);
  const lines = new LineLimit(MAX_SIGNED_LINE_OCTETS);
  const held = await options.verification.hold(measure(octets, lines));
  try {
    const message = { octets: held.read(), hasLongLine: lines.isExceeded };
    const { field, refusal } = await options.verification.verifier.verify(transaction, message);
    if (refusal !== undefined && mayRefuse(transaction, options.verification)) {
      throw new Refusal(550, "5.7.1", refusal);
    }
    await deliverUnder(field, { transaction, octets: held.read() }, options);
  } finally {
    await held.release();
  }
}

/** SPF says nothing about a client whose address is hidden, and a domain may have nothing but SPF. */
function mayRefuse({ client }: MailTransaction, { dmarcPolicy }: VerificationOptions): boolean {
  return dmarcPolicy === "enforce" && scopeOf(client.address) === "public";
}

function deliverUnder(
  resultsField: string,
  { transaction, octets }: { transaction: MailTransaction; octets: AsyncIterable<Uint8Array> },
  { deliver, serverName }: StoreOptions,
): Promise<void> {
  const traceFields = formatTraceFields(transaction, { serverName, resultsField });
  const message = filterHeader(octets, (field) => !isForgedResults(field, serverName));
  return deliver(transaction, concat(traceFields, message));
}

async function* measure(octets: AsyncIterable<Uint8Array>, lines: LineLimit): AsyncGenerator<Uint8Array> {
  for await (const chunk of octets) {
    lines.push(chunk);
    yield chunk;
  }
}

async function* concat(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}
