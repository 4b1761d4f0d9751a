/**
 * The HTTP server: the calendar feed at /calendar.ics for whoever knows user and password (RFC 9110,
 * RFC 7617), read-only: nothing but GET and HEAD does anything. It serves what `feed` returns from
 * memory, and knows neither calendars nor files.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { Server as NetServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type ListenAddress, listen, type ServerTls, trackSockets } from "../net/net.ts";
import { type ApplicationOptions, createApplication } from "./application.ts";
import { WEB_LIMITS, type WebLimits } from "./web-limits.ts";
import { openWebReception } from "./web-reception.ts";

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
  const arrivals = openWebReception(server, { ...options, limits });
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
