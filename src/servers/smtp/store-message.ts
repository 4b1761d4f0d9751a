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
  const { verification, serverName, deliver } = options;
  if (verification) return storeVerified(transaction, octets, { ...options, verification });
  return deliver(transaction, underTrace("", { transaction, octets, serverName }));
}

async function storeVerified(
  transaction: MailTransaction,
  octets: AsyncIterable<Uint8Array>,
  { verification, serverName, deliver }: Required<StoreOptions>,
): Promise<void> {
  verification.verifier.expect(transaction);
  const lines = new LineLimit(MAX_SIGNED_LINE_OCTETS);
  const held = await verification.hold(measure(octets, lines));
  const message = { octets: held.read(), hasLongLine: lines.isExceeded };
  const verifying = verification.verifier.verify(transaction, message);
  verifying.catch(() => undefined); // also when nobody waits for it yet
  let refused: Refusal | undefined;
  async function* verifiedMessage(): AsyncGenerator<Uint8Array> {
    const { field, refusal } = await verifying;
    if (refusal !== undefined && mayRefuse(transaction, verification)) {
      refused = new Refusal(550, "5.7.1", refusal);
      throw refused;
    }
    yield* underTrace(field, { transaction, octets: held.read(), serverName });
  }
  try {
    await deliver(transaction, verifiedMessage()); // has a file opened while the sender is verified
  } catch (failure) {
    throw refused ?? failure; // `deliver` may have wrapped it
  } finally {
    await verifying.catch(() => undefined); // it reads what is held
    await held.release();
  }
}

/** SPF says nothing about a client whose address is hidden, and a domain may have nothing but SPF. */
function mayRefuse({ client }: MailTransaction, { dmarcPolicy }: VerificationOptions): boolean {
  return dmarcPolicy === "enforce" && scopeOf(client.address) === "public";
}

interface Untraced {
  readonly transaction: MailTransaction;
  readonly octets: AsyncIterable<Uint8Array>;
  readonly serverName: string;
}

async function* underTrace(
  resultsField: string,
  { transaction, octets, serverName }: Untraced,
): AsyncGenerator<Uint8Array> {
  yield formatTraceFields(transaction, { serverName, resultsField });
  yield* filterHeader(octets, (field) => !isForgedResults(field, serverName));
}

async function* measure(octets: AsyncIterable<Uint8Array>, lines: LineLimit): AsyncGenerator<Uint8Array> {
  for await (const chunk of octets) {
    lines.push(chunk);
    yield chunk;
  }
}
