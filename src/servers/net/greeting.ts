import { connect } from "node:net";
import type { ListenAddress } from "./listen.ts";

/** A server of this machine that has not said a word by then will not. */
const WITHIN_MS = 2_000;
/** RFC 5321 §4.5.3.1.5. */
const MAX_OCTETS = 512;

/** The line with which whoever listens there greets; nothing from one that waits for its clients to speak. */
export function readGreeting({ host = "localhost", port }: ListenAddress): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect({ host, port, signal: AbortSignal.timeout(WITHIN_MS) });
  let said = "";
  socket.setEncoding("latin1");
  socket.on("data", (piece: string) => {
    said += piece;
    if (said.includes("\n") || said.length > MAX_OCTETS) socket.end("QUIT\r\n");
  });
  socket.on("error", () => undefined); // it closes next
  socket.on("close", () => resolve(/^(.*?)\r?\n/.exec(said)?.[1]));
  return promise;
}
