import type { TLSSocket } from "node:tls";
import { format } from "node:util";
import { SMTPServer, type SMTPServerSession } from "smtp-server";
import type { Log, ServerTls } from "../net/net.ts";
import { Refusal } from "./refusal.ts";
import type { SmtpLimits } from "./smtp-limits.ts";
import type { SmtpSession } from "./smtp-session.ts";

export interface EngineOptions {
  readonly domain: string;
  readonly tls: ServerTls;
  readonly maxMessageOctets: number;
  readonly limits: SmtpLimits;
  readonly log: Log;
}

/**
 * Sets smtp-server up and leads its questions to the sessions. Whoever calls `connect` puts the session
 * of each connection into `sessions`; it is removed when the connection has closed.
 */
export function createEngine(
  { domain, tls, maxMessageOctets, limits, log }: EngineOptions,
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
    // It describes every command and reply at length before it is told that nobody wants to know.
    logger: log.isLevelEnabled?.("debug") === false ? false : logOfEngine(log),
    onSecure(socket, session, done) {
      sessionOf(session).secured(socket as TLSSocket);
      done();
    },
    onMailFrom: (address, session, done) =>
      answer(done, log, async () => sessionOf(session).mailFrom(address)),
    onRcptTo: (address, session, done) => answer(done, log, () => sessionOf(session).rcptTo(address)),
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

const MAX_TRACE_CHARACTERS = 256;

/** smtp-server's own log is a protocol trace; what an operator needs to know, the sessions say. */
function logOfEngine(log: Log): Record<"debug" | "info" | "warn" | "error", (...entry: unknown[]) => void> {
  function trace(fields: unknown, ...message: unknown[]): void {
    const { cid } = fields as { cid?: string };
    log.debug({ cid }, format(...message).slice(0, MAX_TRACE_CHARACTERS));
  }
  return { debug: trace, info: trace, warn: trace, error: trace };
}
