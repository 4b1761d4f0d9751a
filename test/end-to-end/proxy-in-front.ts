import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** Passes connections on to a server, and tells it with the PROXY protocol that they come from `address`. */
export async function startProxy(target: number, address: string): Promise<{ port: number; stop(): void }> {
  const open = new Set<Socket>();
  const server: Server = createServer((client) => {
    const onward = connect(target, "127.0.0.1");
    onward.write(`PROXY TCP4 ${address} 127.0.0.1 40000 25\r\n`);
    open.add(client).add(onward);
    client.pipe(onward).pipe(client);
    client.on("error", () => onward.destroy());
    onward.on("error", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  function stop(): void {
    server.close();
    for (const socket of open) socket.destroy();
  }
  return { port, stop };
}
