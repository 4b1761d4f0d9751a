import type { Server, Socket } from "node:net";

/** The sockets a server has accepted and not yet lost. */
export interface OpenSockets {
  readonly size: number;
  /** Closes those that are still open, without a word. */
  destroyAll(): void;
}

export function trackSockets(server: Server): OpenSockets {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return {
    get size() {
      return sockets.size;
    },
    destroyAll() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
