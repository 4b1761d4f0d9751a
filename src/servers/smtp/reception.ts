import type { Socket } from "node:net";
import type { SMTPServer, SMTPServerSession } from "smtp-server";
import type { SMTPConnectionOptions } from "smtp-server/lib/smtp-connection.js";
import {
  type Arrivals,
  createArrivals,
  createConnectionLimits,
  createMaskNotice,
  type Log,
  type Peer,
  type Proxies,
} from "../net/net.ts";
import { type SmtpPolicy, SmtpSession } from "./smtp-session.ts";

/** Share of all connections at which idle ones have to make room. */
const SCARCE = 0.9;

export interface ReceptionOptions {
  readonly policy: SmtpPolicy;
  readonly proxies: Proxies;
}

/**
 * Stands between the listener and smtp-server: finds out who a new connection is from and whether there
 * is room for it, and only then lets smtp-server greet it, with a session of ours beside it.
 */
export function openReception(
  server: SMTPServer,
  sessions: Map<SMTPServerSession, SmtpSession>,
  { policy, proxies }: ReceptionOptions,
): Arrivals {
  const { limits, log } = policy;
  const admission = createConnectionLimits(limits.connections, policy.now);
  const noteAddress = createMaskNotice(log);
  const connect = server.connect.bind(server);
  const arrivals = createArrivals({ proxies, header: "required", log });

  function welcome(socket: Socket, details: SMTPConnectionOptions, peer: Peer): void {
    const { address, port } = peer;
    if (!peer.isProxy) noteAddress(address);
    if (sessions.size >= limits.connections.total * SCARCE) evictIdlest(sessions, limits.evictableMs);
    const release = admission.admit(peer);
    if (!release) {
      refuseConnection(socket, log, address);
      return;
    }
    socket.setNoDelay(true); // a reply that waits for the one before to be acknowledged costs milliseconds
    connect(socket, { ...details, remoteAddress: address, remotePort: port });
    const connection = [...server.connections].at(-1); // the one that `connect` has just added
    if (connection) sessions.set(connection.session, new SmtpSession(connection, { policy, release }));
    else release();
  }

  server.connect = (socket, details) => {
    arrivals.accept(socket, (peer) => welcome(socket, details ?? {}, peer));
  };
  return arrivals;
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
