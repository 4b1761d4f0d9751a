import type { Server, Socket } from "node:net";

/** The sockets a server has accepted and not yet lost. */
export interface OpenSockets {
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
    destroyAll() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
