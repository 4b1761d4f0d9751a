/**
 * The inbound SMTP server (RFC 5321, with STARTTLS of RFC 3207, SIZE, 8BITMIME, SMTPUTF8, PIPELINING
 * and enhanced status codes): takes mail for one domain, catch-all, and hands each message's octets
 * to `deliver`. The protocol is smtp-server's; what is here is policy, limits, verification and the
 * trace fields. It never relays, bounces or sends anything, and does not authenticate.
 */
import type { SMTPServerSession } from "smtp-server";
import { type ListenAddress, type Log, listen, type Proxies, type ServerTls } from "../net/net.ts";
import type { Deliver } from "./mail-transaction.ts";
import { openReception } from "./reception.ts";
import { createRecipientJudge } from "./recipients.ts";
import { Refusal } from "./refusal.ts";
import { createEngine } from "./smtp-engine.ts";
import { SMTP_LIMITS, type SmtpLimits } from "./smtp-limits.ts";
import type { Greylist, SmtpSession } from "./smtp-session.ts";
import type { VerificationOptions } from "./store-message.ts";

export { createDnsResolve } from "./dns-resolve.ts";
export type { Deliver, MailTransaction, SmtpClient } from "./mail-transaction.ts";
export { createRecipientJudge } from "./recipients.ts";
export type { Resolve } from "./resolve-budget.ts";
export { createSenderVerifier } from "./sender-verification.ts";
export type { SmtpLimits } from "./smtp-limits.ts";
export type { Greylist } from "./smtp-session.ts";
export type { VerificationOptions } from "./store-message.ts";

export interface SmtpOptions {
  readonly listen: ListenAddress;
  /** The one domain; also the name the server gives itself. */
  readonly domain: string;
  readonly tls: ServerTls;
  readonly deliver: Deliver;
  /** Largest message, without our trace fields; advertised as SIZE (RFC 1870). */
  readonly maxMessageOctets: number;
  /** `discard`: accept mail for other domains and drop it. */
  readonly foreignRecipients: "reject" | "discard";
  /** Local parts, also with `@domain`, that nobody may write to; `*` is any text. */
  readonly blockedRecipients: readonly string[];
  /** They must begin with the PROXY protocol. */
  readonly proxies: Proxies;
  /** Refuse mail on connections without TLS. */
  readonly requireTls: boolean;
  /** Without it, nothing is known about senders. */
  readonly verification?: VerificationOptions;
  /** Without it, strangers are welcome at once. */
  readonly greylist?: Greylist;
  readonly now: () => Date;
  readonly random: (octets: number) => Uint8Array;
  readonly log: Log;
  /** For tests; what is not given is as in `SMTP_LIMITS`. */
  readonly limits?: Partial<SmtpLimits>;
}

export interface RunningSmtpServer {
  readonly address: Required<ListenAddress>;
  /** Stops listening, lets messages that are being received be finished, then closes what is left. */
  stop(): Promise<void>;
}

export async function startSmtpServer(options: SmtpOptions): Promise<RunningSmtpServer> {
  const limits = { ...SMTP_LIMITS, ...options.limits };
  const judgeRecipient = createRecipientJudge(options.domain, options.blockedRecipients);
  const transfers = new Set<SmtpSession>();
  const policy = { ...options, serverName: options.domain, judgeRecipient, limits, transfers };
  const sessions = new Map<SMTPServerSession, SmtpSession>();
  const server = createEngine({ ...options, limits }, sessions);
  options.tls.onReplaced((settings) => server.updateSecureContext(settings));
  // A client that resets its connection in a transaction arrives here, too: not our failure.
  server.on("error", (err) => options.log.debug({ err }, "SMTP connection failed"));

  const arrivals = openReception(server, sessions, { policy, proxies: options.proxies });
  const address = await listen(server.server, options.listen);
  return {
    address,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(resolve)); // within limits.drainMs
      for (const session of sessions.values()) session.close(new Refusal(421, "4.3.2", "Server is stopping"));
      arrivals.close();
      await closed;
      for (const session of sessions.values()) session.destroy();
    },
  };
}
