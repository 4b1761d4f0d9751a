/**
 * The inbound SMTP server (RFC 5321, with STARTTLS of RFC 3207, SIZE, 8BITMIME, SMTPUTF8, PIPELINING
 * and enhanced status codes): takes mail for one domain, catch-all, and hands each message's octets
 * to `deliver`. The protocol is smtp-server's; what is here is policy, limits and the trace fields.
 * It never relays, bounces or sends anything, does not authenticate, and does not look into messages.
 */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { format } from "node:util";
import { SMTPServer, type SMTPServerSession } from "smtp-server";
import type { SMTPConnectionOptions } from "smtp-server/lib/smtp-connection.js";
import {
  createConnectionLimits,
  createMaskNotice,
  createPeerLookup,
  type ListenAddress,
  type Log,
  listen,
  type ServerTls,
  trackSockets,
} from "../net/net.ts";
import type { Deliver } from "./mail-transaction.ts";
import { createRecipientJudge } from "./recipients.ts";
import { Refusal } from "./refusal.ts";
import { SMTP_LIMITS, type SmtpLimits } from "./smtp-limits.ts";
import { type Greylist, SmtpSession } from "./smtp-session.ts";

export type { Deliver, MailTransaction, SmtpClient } from "./mail-transaction.ts";
export type { SmtpLimits } from "./smtp-limits.ts";
export type { Greylist } from "./smtp-session.ts";

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
  const server = createEngine(options, limits, sessions);
  options.tls.onReplaced((settings) => server.updateSecureContext(settings));
  // A client that resets its connection in a transaction arrives here, too: not our failure.
  server.on("error", (err) => options.log.debug({ err }, "SMTP connection failed"));

  const admission = createConnectionLimits(limits.connections, options.now);
  const noteAddress = createMaskNotice(options.log);
  const lookUpPeer = createPeerLookup(options.proxies ?? []);
  const connect = server.connect.bind(server);
  async function welcome(socket: Socket, details: SMTPConnectionOptions): Promise<void> {
    const { address, port } = await lookUpPeer(socket);
    noteAddress(address);
    const release = admission.admit(address);
    if (!release) return refuseConnection(socket, options.log, address);
    socket.once("close", release);
    connect(socket, { ...details, remoteAddress: address, remotePort: port });
    const connection = [...server.connections].at(-1); // the one that `connect` has just added
    if (connection) sessions.set(connection.session, new SmtpSession(connection, policy));
  }
  server.connect = (socket, details) => {
    welcome(socket, details ?? {}).catch((err) => {
      options.log.warn({ err }, "Connection closed");
      socket.destroy();
    });
  };

  const sockets = trackSockets(server.server);
  const address = await listen(server.server, options.listen);
  return {
    address,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(resolve)); // within limits.drainMs
      for (const session of sessions.values()) session.close(new Refusal(421, "4.3.2", "Server is stopping"));
      await closed;
      sockets.destroyAll();
    },
  };
}

function createEngine(
  { domain, tls, maxMessageOctets, log }: SmtpOptions,
  limits: SmtpLimits,
  sessions: Map<SMTPServerSession, SmtpSession>,
): SMTPServer {
  function sessionOf(key: SMTPServerSession): SmtpSession {
    const session = sessions.get(key);
    if (!session) throw new Error("smtp-server has a connection that connect() was not asked for");
    return session;
  }
  return new SMTPServer({
    ...tls.settings,
    name: domain,
    banner: "ready",
    heloResponse: "%s greets you",
    disabledCommands: ["AUTH", "XCLIENT", "XFORWARD", "WIZ", "SHELL", "KILL"],
    size: maxMessageOctets,
    rejectOversized: true,
    hideENHANCEDSTATUSCODES: false,
    // Names in the DNS are looked up by those who need them, not before every greeting.
    disableReverseLookup: true,
    // Appliances send from "printer.@example.org"; whether a path is usable, `SmtpSession` decides.
    lenientAddressParsing: true,
    maxRecipients: limits.recipients,
    maxCommandLength: limits.commandOctets,
    socketTimeout: limits.idleMs,
    closeTimeout: limits.drainMs,
    logger: logOfEngine(log),
    onSecure(socket, session, done) {
      sessionOf(session).secured(socket as TLSSocket);
      done();
    },
    onMailFrom: (address, session, done) =>
      answer(done, log, async () => sessionOf(session).mailFrom(address)),
    onRcptTo: (address, session, done) => answer(done, log, async () => sessionOf(session).rcptTo(address)),
    onData(stream, session, done) {
      const current = sessionOf(session);
      void answer(done, log, () => current.data(stream)).then(() => current.dataAnswered());
    },
    onClose(session) {
      sessions.get(session)?.closed();
      sessions.delete(session);
    },
  });
}

/** Turns what a handler resolved with or threw into the callback that smtp-server waits for. */
async function answer<T>(
  done: (problem: Error | null, result?: T) => void,
  log: Log,
  handle: () => Promise<T>,
): Promise<void> {
  let problem: Refusal | null = null;
  let result: T | undefined;
  try {
    result = await handle();
  } catch (thrown) {
    if (thrown instanceof Refusal) problem = thrown;
    else {
      log.error({ err: thrown }, "Bug in an SMTP handler");
      problem = new Refusal(421, "4.3.0", "Internal error, please try again later");
    }
  }
  done(problem, result);
}

/** Says why, and waits for nothing. */
function refuseConnection(socket: Socket, log: Log, client: string): void {
  log.info({ client }, "Connection refused: too many");
  socket.on("error", () => undefined);
  socket.write("421 4.7.0 Too many connections from your network, please try again later\r\n");
  socket.destroySoon();
}

const MAX_TRACE_CHARACTERS = 256;

/** smtp-server's own log is a protocol trace; what an operator needs to know, the sessions say. */
function logOfEngine(log: Log): Record<"debug" | "info" | "warn" | "error", (...entry: unknown[]) => void> {
  function trace(fields: unknown, ...message: unknown[]): void {
    const { cid } = fields as { cid?: string };
    log.debug({ cid }, format(...message).slice(0, MAX_TRACE_CHARACTERS));
  }
  return { debug: trace, info: trace, warn: trace, error: trace };
}
