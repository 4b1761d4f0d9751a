import { Readable } from "node:stream";
import type { authenticate } from "mailauth";
import type { Log } from "../net/net.ts";
import { filterHeader } from "./header-filter.ts";
import type { MailTransaction } from "./mail-transaction.ts";
import { type Resolve, withBudget } from "./resolve-budget.ts";

/** Who handed a message over, and in whose name. */
export type SenderClaim = Pick<MailTransaction, "client" | "reversePath">;

export interface Verification {
  /** The `Authentication-Results` field (RFC 8601 §2.2), folded, without its last line end. */
  readonly field: string;
  /** Why the author's domain wants the message refused, when it does. */
  readonly refusal: string | undefined;
}

export interface SenderVerifier {
  /**
   * Asks the DNS already now what will be needed first about this sender, while its message is still coming.
   * Only of use with a `resolve` that remembers.
   */
  expect(claim: SenderClaim): void;
  /** The domain for which SPF passes (RFC 7208), if one does. Never rejects. */
  spfDomain(claim: SenderClaim): Promise<string | undefined>;
  /** SPF, DKIM, DMARC and ARC of a whole message. Never rejects for DNS, only when its octets fail. */
  verify(claim: SenderClaim, message: MeasuredMessage): Promise<Verification>;
}

export interface MeasuredMessage {
  readonly octets: AsyncIterable<Uint8Array>;
  /** Whether a line of it is longer than `MAX_SIGNED_LINE_OCTETS`. */
  readonly hasLongLine: boolean;
}

export interface VerifierOptions {
  readonly serverName: string;
  readonly resolve: Resolve;
  readonly log: Log;
}

/** Of more signatures, the rest is not looked at (RFC 6376 §6.1). */
const MAX_SIGNATURES = 10;
/**
 * Of those over the beginning of a body only: each has the body hashed once more, all others together
 * four times at most, for two canonicalizations and two algorithms. RFC 6376 §8.2 warns of them anyway.
 */
const MAX_SIGNATURES_WITH_LENGTH = 1;
/**
 * mailauth goes through a line again with every chunk: one of 10 MB kept it busy for 16 seconds. Nobody
 * signs such lines, which may have 998 octets and would be broken on their way.
 */
export const MAX_SIGNED_LINE_OCTETS = 64 * 1024;
/** DNS questions for one message: SPF has ten of its own (RFC 7208 §4.6.4), DMARC walks up trees. */
const MAX_QUESTIONS = 60;
const MAX_VERIFY_MS = 20_000;
const MAX_SPF_MS = 5_000;

/** A third of everything that the server loads: not before the first message needs it. */
function loadMailauth(): Promise<typeof import("mailauth")> {
  mailauth ??= import("mailauth");
  return mailauth;
}
let mailauth: ReturnType<typeof loadMailauth> | undefined;

/** Builds the verifier. What cannot be found out in time is a temporary error in the field, and no refusal. */
export function createSenderVerifier({ serverName, resolve, log }: VerifierOptions): SenderVerifier {
  return {
    expect({ client, reversePath }) {
      const domain = reversePath.slice(reversePath.lastIndexOf("@") + 1) || client.greeting; // RFC 7208 §2.4
      if (!/^[\w-]+(?:\.[\w-]+)+$/.test(domain)) return;
      // The author's domain is known later; for most mail it is the same.
      for (const name of [domain, `_dmarc.${domain}`]) resolve(name, "TXT").catch(() => undefined);
    },
    async spfDomain(claim) {
      const budget = withBudget(resolve, { questions: MAX_QUESTIONS, ms: MAX_SPF_MS });
      try {
        const { spf } = await loadMailauth();
        const { status, domain } = await budget.within(
          spf({ ...toMailauth(claim, serverName), resolver: budget.resolve }),
        );
        return status.result === "pass" ? domain.toLowerCase() : undefined;
      } catch (err) {
        log.debug({ err }, "SPF not evaluated");
        return undefined;
      }
    },
    async verify(claim, { octets, hasLongLine }) {
      const budget = withBudget(resolve, { questions: MAX_QUESTIONS, ms: MAX_VERIFY_MS });
      const evidence = await streamOf(evidenceIn(octets, { mayBeSigned: !hasLongLine }));
      try {
        const { authenticate } = await loadMailauth();
        const result = await budget.within(
          authenticate(evidence, {
            ...toMailauth(claim, serverName),
            resolver: budget.resolve,
            disableBimi: true,
            strict: true,
          }),
        );
        return { field: resultsField(result.headers), refusal: refusalOf(result) };
      } catch (err) {
        if (evidence.errored) throw evidence.errored; // not the verification failed
        log.warn({ err }, "Sender not verified");
        return { field: `Authentication-Results: ${serverName};\r\n dmarc=temperror`, refusal: undefined };
      } finally {
        evidence.destroy();
      }
    },
  };
}

function toMailauth({ client, reversePath }: SenderClaim, serverName: string) {
  return { ip: client.address, helo: client.greeting, sender: reversePath, mta: serverName };
}

/**
 * What of a message says who sent it: its header and, where that has signatures, its body. Signatures over
 * the body are those of DKIM, and one of each link in a chain of ARC.
 */
function evidenceIn(
  octets: AsyncIterable<Uint8Array>,
  { mayBeSigned }: { readonly mayBeSigned: boolean },
): AsyncGenerator<Uint8Array> {
  let isSigned = false;
  let signatures = 0;
  let withLength = 0;
  function keep(field: string): boolean {
    const name = SIGNATURE_FIELD.exec(field)?.[1]?.toLowerCase();
    if (name === undefined) return true;
    if (!mayBeSigned) return false;
    isSigned = true;
    if (name !== "dkim-signature") return true;
    const hasLength = /[:;]\s*l\s*=/i.test(field); // RFC 6376 §3.5
    if (hasLength && ++withLength > MAX_SIGNATURES_WITH_LENGTH) return false;
    return ++signatures <= MAX_SIGNATURES;
  }
  return filterHeader(octets, keep, () => isSigned);
}

/** What comes in one piece, as most of it does, needs no generator behind the stream. */
async function streamOf(octets: AsyncGenerator<Uint8Array>): Promise<Readable> {
  const first = await octets.next();
  const second = await octets.next();
  async function* all(): AsyncGenerator<Uint8Array> {
    yield first.value;
    yield second.value;
    yield* octets;
  }
  const pieces = second.done ? [first.value ?? new Uint8Array()] : all();
  return Readable.from(pieces, { objectMode: false });
}

const SIGNATURE_FIELD = /^(dkim-signature|arc-seal|arc-message-signature|arc-authentication-results)[ \t]*:/i;

/** In strict mode mailauth writes it first, and Received-SPF, which says nothing new, after it. */
function resultsField(headers: string): string {
  const [field = ""] = /^Authentication-Results:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*/.exec(headers) ?? [];
  return field;
}

/**
 * Readers see one author where DMARC sees another, or cannot ask any domain at all (RFC 9989 §11.5): whose
 * policy is to refuse what others send could be got around by naming a second author.
 */
const DECEPTIVE_FROM: Readonly<Record<string, string>> = {
  "multiple-from-fields": "More than one From field",
  "multiple-author-domains": "Authors of more than one domain in From",
  "invalid-author-domain": "An author without a valid domain in From",
};

/** A record's `pct` means nothing any more, and `t=y` makes `reject` another policy (RFC 9989 §4.7). */
function refusalOf(result: Awaited<ReturnType<typeof authenticate>>): string | undefined {
  const { dmarcSkipReason = "" } = result;
  if (dmarcSkipReason in DECEPTIVE_FROM) return DECEPTIVE_FROM[dmarcSkipReason];
  const dmarc = result.dmarc || undefined;
  if (dmarc?.status.result !== "fail" || dmarc.policy !== "reject") return undefined;
  // DMARC counts as failed what could only not be looked up; the next attempt might pass.
  const proofs = [result.spf, ...result.dkim.results];
  if (proofs.some((proof) => proof && proof.status.result === "temperror")) return undefined;
  return `The policy of ${dmarc.domain} refuses this message (DMARC)`;
}
