import { createSocket } from "node:dgram";
import { once } from "node:events";

export interface EmptyDns {
  readonly port: number;
  stop(): void;
}

/** A name server on loopback that answers at once, and that no name exists (RFC 1035 §4.1.1: RCODE 3). */
export async function startEmptyDns(): Promise<EmptyDns> {
  const socket = createSocket("udp4");
  socket.on("message", (question, { port, address }) => {
    const answer = Buffer.from(question);
    answer.writeUInt16BE(0x8183, 2); // a response, recursion available, RCODE 3
    socket.send(answer, port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { port: socket.address().port, stop: () => socket.close() };
}
