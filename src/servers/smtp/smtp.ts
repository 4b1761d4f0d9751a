/**
 * The inbound SMTP server (RFC 5321, with STARTTLS of RFC 3207, SIZE, 8BITMIME, SMTPUTF8, PIPELINING
 * and enhanced status codes): takes mail for one domain, catch-all, and hands each message's octets
 * to `deliver`. The protocol is smtp-server's; what is here is policy, limits and the trace fields.
 * It never relays, bounces or sends anything, does not authenticate, and does not look into messages.
 */
import type { Socket } from "node:net";
import type { SMTPServerSession } from "smtp-server";
import type { SMTPConnectionOptions } from "smtp-server/lib/smtp-connection.js";
import {
  createConnectionLimits,
  createMaskNotice,
  createPeerLookup,
  type ListenAddress,
  type Log,
  listen,
  type ServerTls,
} from "../net/net.ts";
import type { Deliver } from "./mail-transaction.ts";
import { createRecipientJudge } from "./recipients.ts";
import { Refusal } from "./refusal.ts";
import { createEngine } from "./smtp-engine.ts";
import { SMTP_LIMITS, type SmtpLimits } from "./smtp-limits.ts";
import { type Greylist, SmtpSession } from "./smtp-session.ts";
import type { VerificationOptions } from "./store-message.ts";

export { createDnsResolve } from "./dns-resolve.ts";
export type { Deliver, MailTransaction, SmtpClient } from "./mail-transaction.ts";
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
  /** Addresses or networks of proxies that must begin with the PROXY protocol, and whose word is taken. */
  readonly proxies?: readonly string[];
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

/** Share of all connections at which idle ones have to make room. */
const SCARCE = 0.9;

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

  const admission = createConnectionLimits(limits.connections, options.now);
  const noteAddress = createMaskNotice(options.log);
  const arriving = new Set<Socket>();
  const lookUpPeer = createPeerLookup(options.proxies ?? []);
  const connect = server.connect.bind(server);
  async function welcome(socket: Socket, details: SMTPConnectionOptions): Promise<void> {
    const { address, port } = await lookUpPeer(socket);
    noteAddress(address);
    if (sessions.size >= limits.connections.total * SCARCE) evictIdlest(sessions, limits.evictableMs);
    const release = admission.admit(address);
    if (!release) return refuseConnection(socket, options.log, address);
    connect(socket, { ...details, remoteAddress: address, remotePort: port });
    const connection = [...server.connections].at(-1); // the one that `connect` has just added
    if (connection) sessions.set(connection.session, new SmtpSession(connection, { policy, release }));
    else release();
  }
  server.connect = (socket, details) => {
    arriving.add(socket);
    welcome(socket, details ?? {})
      .catch((err) => {
        options.log.warn({ err }, "Connection closed");
        socket.destroy();
      })
      .finally(() => arriving.delete(socket));
  };

  const address = await listen(server.server, options.listen);
  return {
    address,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(resolve)); // within limits.drainMs
      for (const session of sessions.values()) session.close(new Refusal(421, "4.3.2", "Server is stopping"));
      for (const socket of arriving) socket.destroy();
      await closed;
      for (const session of sessions.values()) session.destroy();
    },
  };
}

/** Says why, and waits for nothing. */
function refuseConnection(socket: Socket, log: Log, client: string): void {
  log.info({ client }, "Connection refused: too many");
  socket.on("error", () => undefined);
  socket.write("421 4.7.0 Too many connections from your network, please try again later\r\n");
  socket.destroySoon();
}

/** Who holds many connections and says nothing on them must not keep the others out. */
function evictIdlest(sessions: ReadonlyMap<unknown, SmtpSession>, evictableMs: number): void {
  let idlest: SmtpSession | undefined;
  let longestMs = evictableMs;
  for (const session of sessions.values()) {
    if (session.idleMs() < longestMs) continue;
    idlest = session;
    longestMs = session.idleMs() + 1; // of equals, the oldest
  }
  idlest?.evict();
}
