/**
 * The HTTP server: the calendar feed at /calendar.ics for whoever knows user and password (RFC 9110,
 * RFC 7617), read-only: nothing but GET and HEAD does anything. It serves what `feed` returns from
 * memory, and knows neither calendars nor files.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { Server as NetServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type ListenAddress, listen, type ServerTls, trackSockets } from "../net/net.ts";
import { type ApplicationOptions, createApplication } from "./application.ts";

export type { Feed } from "./calendar-route.ts";

export interface WebOptions extends ApplicationOptions {
  readonly listen: ListenAddress;
  /** HTTPS instead of HTTP. */
  readonly tls?: ServerTls;
}

export interface RunningWebServer {
  readonly address: Required<ListenAddress>;
  /** Stops listening, finishes the answers that are being sent, then closes every connection. */
  stop(): Promise<void>;
}

/** A request is a few hundred octets, whole, or somebody is keeping the connection busy. */
const REQUEST_MS = 15_000;
/** Time without an octet sent or taken, in answers to clients that stopped reading, too. */
const IDLE_MS = 60_000;
/** Apps come every few minutes; between two requests of one visit this is long. */
const KEEP_ALIVE_MS = 5_000;
const MAX_CONNECTIONS = 500;
const DRAIN_MS = 8_000;

export async function startWebServer(options: WebOptions): Promise<RunningWebServer> {
  const server = createHttpServer(options);
  server.headersTimeout = REQUEST_MS;
  server.requestTimeout = REQUEST_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(IDLE_MS);
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
      await Promise.race([answers.finished(), delay(DRAIN_MS, undefined, { ref: false })]);
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

function createHttpServer(options: WebOptions): Server {
  const application = createApplication(options);
  if (!options.tls) return createServer(application);
  const server = createTlsServer({ ...options.tls.settings }, application);
  options.tls.onReplaced((settings) => server.setSecureContext(settings));
  return server;
}
