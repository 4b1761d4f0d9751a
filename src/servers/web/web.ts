/**
 * The HTTP server: the calendar feed at /calendar.ics for whoever knows user and password (RFC 9110,
 * RFC 7617), read-only: nothing but GET and HEAD does anything. It serves what `feed` returns from
 * memory, and knows neither calendars nor files.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { TLSSocket } from "node:tls";
import {
  type Arrivals,
  createArrivals,
  createConnectionLimits,
  type ListenAddress,
  listen,
  type Peer,
  type ServerTls,
  trackSockets,
} from "../net/net.ts";
import { type ApplicationOptions, createApplication } from "./application.ts";
import { WEB_LIMITS, type WebLimits } from "./web-limits.ts";

export type { Feed } from "./calendar-route.ts";

export interface WebOptions extends ApplicationOptions {
  readonly listen: ListenAddress;
  /** HTTPS instead of HTTP. */
  readonly tls?: ServerTls;
  readonly now: () => Date;
  /** For tests; what is not given is as in `WEB_LIMITS`. */
  readonly limits?: Partial<WebLimits>;
}

export interface RunningWebServer {
  readonly address: Required<ListenAddress>;
  /** Stops listening, finishes the answers that are being sent, then closes every connection. */
  stop(): Promise<void>;
}

export async function startWebServer(options: WebOptions): Promise<RunningWebServer> {
  const limits = { ...WEB_LIMITS, ...options.limits };
  const timeouts = {
    headersTimeout: limits.requestMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkMs,
    keepAliveTimeout: limits.keepAliveMs,
  };
  const server = createServer(timeouts, createApplication(options));
  server.setTimeout(limits.idleMs);
  const arrivals = openReception(server, { ...options, limits });
  const sockets = trackSockets(server);
  const answers = trackAnswers(server);
  const address = await listen(server, options.listen);
  return {
    address,
    async stop() {
      const closed = once(server, "close");
      // QUIRK: `close` of an HTTP server first destroys connections whose answer has been handed over
      // in full but not yet sent, which cuts the feed off. What it does after that is enough.
      NetServer.prototype.close.call(server);
      arrivals.close();
      await Promise.race([answers.finished(), delay(limits.drainMs, undefined, { ref: false })]);
      sockets.destroyAll();
      await closed;
    },
  };
}

/** Knows when no request is being answered. */
function trackAnswers(server: Server): { finished(): Promise<void> } {
  const open = new Set<Promise<unknown>>();
  server.on("request", (_request, response) => {
    const closed = once(response, "close").finally(() => open.delete(closed));
    open.add(closed);
  });
  return {
    async finished() {
      while (open.size > 0) await Promise.all(open);
    },
  };
}

/**
 * Stands between the listener and HTTP: finds out who a new connection is from, and whether there is room
 * for it. A proxy may speak the PROXY protocol, and need not: those of HTTP say `X-Forwarded-For` instead,
 * which the application reads. A proxy that passes on octets it has not looked at, and says neither, would
 * let its clients forge either, so taking both gives nothing away.
 */
function openReception(server: Server, options: WebOptions & { readonly limits: WebLimits }): Arrivals {
  const { log, now, tls, limits } = options;
  const { admit } = createConnectionLimits(limits.connections, now);
  const arrivals = createArrivals({ ...options, header: "optional" });
  const [speakHttp] = server.listeners("connection");
  server.removeAllListeners("connection");

  function welcome(socket: Socket, { address, isProxy }: Peer): void {
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
    speakHttp?.call(server, stream);
  }
  server.on("connection", (socket: Socket) => arrivals.accept(socket, (peer) => welcome(socket, peer)));
  return arrivals;
}
