import type { Socket } from "node:net";
import type { SMTPServer, SMTPServerSession } from "smtp-server";
import type { SMTPConnectionOptions } from "smtp-server/lib/smtp-connection.js";
import { createConnectionLimits, createMaskNotice, createPeerLookup, type Log } from "../net/net.ts";
import { type SmtpPolicy, SmtpSession } from "./smtp-session.ts";

/** Share of all connections at which idle ones have to make room. */
const SCARCE = 0.9;

export interface Reception {
  /** Sends away who has not been let in yet. */
  close(): void;
}

export interface ReceptionOptions {
  readonly policy: SmtpPolicy;
  readonly proxies: readonly string[];
}

/**
 * Stands between the listener and smtp-server: finds out who a new connection is from and whether there
 * is room for it, and only then lets smtp-server greet it, with a session of ours beside it.
 */
export function openReception(
  server: SMTPServer,
  sessions: Map<SMTPServerSession, SmtpSession>,
  { policy, proxies }: ReceptionOptions,
): Reception {
  const { limits, log } = policy;
  const admission = createConnectionLimits(limits.connections, policy.now);
  const noteAddress = createMaskNotice(log);
  const lookUpPeer = createPeerLookup(proxies);
  const connect = server.connect.bind(server);
  const arriving = new Set<Socket>();

  async function welcome(socket: Socket, details: SMTPConnectionOptions): Promise<void> {
    const { address, port } = await lookUpPeer(socket);
    noteAddress(address);
    if (sessions.size >= limits.connections.total * SCARCE) evictIdlest(sessions, limits.evictableMs);
    const release = admission.admit(address);
    if (!release) return refuseConnection(socket, log, address);
    socket.setNoDelay(true); // a reply that waits for the one before to be acknowledged costs milliseconds
    connect(socket, { ...details, remoteAddress: address, remotePort: port });
    const connection = [...server.connections].at(-1); // the one that `connect` has just added
    if (connection) sessions.set(connection.session, new SmtpSession(connection, { policy, release }));
    else release();
  }

  server.connect = (socket, details) => {
    arriving.add(socket);
    welcome(socket, details ?? {})
      .catch((err) => {
        log.warn({ err }, "Connection closed");
        socket.destroy();
      })
      .finally(() => arriving.delete(socket));
  };
  return {
    close() {
      for (const socket of arriving) socket.destroy();
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
