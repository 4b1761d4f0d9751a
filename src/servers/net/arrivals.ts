import type { Socket } from "node:net";
import type { Log } from "./log-port.ts";
import type { Peer, Proxies } from "./proxies.ts";

/** The connections of which it is not known yet who they are from. */
export interface Arrivals {
  /** Has a connection welcomed as soon as that is known, or closed when it cannot be known. */
  accept(socket: Socket, welcome: (peer: Peer) => void): void;
  /** Closes those that have not been welcomed. */
  close(): void;
}

export interface ArrivalsOptions {
  readonly proxies: Proxies;
  /** Whether the listed proxies have to speak the PROXY protocol. */
  readonly header: "required" | "optional";
  readonly log: Log;
}

export function createArrivals({ proxies, header, log }: ArrivalsOptions): Arrivals {
  const arriving = new Set<Socket>();

  async function identify(socket: Socket, welcome: (peer: Peer) => void): Promise<void> {
    const peer = await proxies.identify(socket, header);
    if (peer && !socket.destroyed) welcome(peer);
    else socket.destroy();
  }
  return {
    accept(socket, welcome) {
      arriving.add(socket);
      identify(socket, welcome)
        .catch((err) => {
          log.warn({ err }, "Connection closed");
          socket.on("error", () => undefined).destroy();
        })
        .finally(() => arriving.delete(socket));
    },
    close() {
      for (const socket of arriving) socket.destroy();
    },
  };
}
