import type { Server } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import {
  type Arrivals,
  createArrivals,
  createConnectionLimits,
  type Log,
  type Peer,
  type Proxies,
  type ServerTls,
} from "../net/net.ts";
import type { WebLimits } from "./web-limits.ts";

/** Share of all connections at which those that ask nothing have to make room. */
const SCARCE = 0.9;

export interface WebReceptionOptions {
  readonly proxies: Proxies;
  readonly tls?: ServerTls;
  readonly limits: WebLimits;
  readonly now: () => Date;
  readonly log: Log;
}

/**
 * Stands between the listener and HTTP: finds out who a new connection is from, and whether there is room
 * for it. A proxy may speak the PROXY protocol, and need not: those of HTTP say `X-Forwarded-For` instead,
 * which the application reads. A proxy that passes on octets it has not looked at, and says neither, would
 * let its clients forge either, so taking both gives nothing away.
 */
export function openWebReception(server: Server, options: WebReceptionOptions): Arrivals {
  const { log, now, tls, limits } = options;
  const { admit } = createConnectionLimits(limits.connections, now);
  const arrivals = createArrivals({ ...options, header: "optional" });
  const [speakHttp] = server.listeners("connection");
  server.removeAllListeners("connection");

  const idle = trackIdle(server);

  function welcome(socket: Socket, { address, isProxy }: Peer): void {
    if (idle.open() >= limits.connections.total * SCARCE) idle.destroyOldest();
    const release = admit({ address, isProxy });
    if (!release) {
      log.info({ address }, "HTTP connection refused: too many are open");
      socket.destroy();
      return;
    }
    socket.once("close", release);
    // HTTP over a socket of ours instead of node:https, which would read the proxy's header as TLS.
    const stream = tls ? new TLSSocket(socket, { isServer: true, secureContext: tls.context }) : socket;
    // Everything behind it, express too, asks the socket who it is from.
    Object.defineProperty(stream, "remoteAddress", { value: address });
    idle.add(stream);
    speakHttp?.call(server, stream);
  }
  server.on("connection", (socket: Socket) => arrivals.accept(socket, (peer) => welcome(socket, peer)));
  return arrivals;
}

/** The connections of a server, in the order in which they began to wait for a request. */
function trackIdle(server: Server) {
  const all = new Set<Socket>();
  const idle = new Set<Socket>();
  server.on("request", ({ socket }, response) => {
    idle.delete(socket);
    response.once("close", () => {
      if (all.has(socket)) idle.add(socket);
    });
  });
  return {
    open: () => all.size,
    add(socket: Socket): void {
      all.add(socket);
      idle.add(socket);
      socket.once("close", () => {
        all.delete(socket);
        idle.delete(socket);
      });
    },
    destroyOldest(): void {
      const [oldest] = idle;
      oldest?.destroy();
    },
  };
}
