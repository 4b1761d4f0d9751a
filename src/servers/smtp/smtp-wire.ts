/**
 * Where smtp-server 3.21.6 has no option for what an open port needs, this file, and no other,
 * reaches into one of its connections. All of it is in smtp-server's own type declarations.
 */
import type { Socket } from "node:net";
import type { SMTPConnection } from "smtp-server/lib/smtp-connection.js";
import { LineEndCheck } from "./line-ends.ts";
import { hasStatus } from "./refusal.ts";

/** The reply to STARTTLS: it has to be gone when the handshake begins. */
const READY = 220;

/**
 * Calls `onReply` after every reply, and lets replies carry an enhanced status code of their own:
 * smtp-server derives one from the reply code, and 550 is 5.1.1 ("no such mailbox") for it. Replies to
 * commands that came together are sent together (RFC 2920 §3.2).
 */
export function watchReplies(connection: SMTPConnection, onReply: (code: number) => void): void {
  const send = connection.send.bind(connection);
  connection.send = (code, data, context) => {
    const socket = connection._socket;
    gatherReplies(socket);
    send(code, data, hasStatus(data) ? false : context);
    if (code === READY) socket.uncork();
    onReply(code);
  };
}

/** Holds back what is written until nothing more can be done without waiting. */
function gatherReplies(socket: Socket): void {
  if (socket.writableCorked > 0) return;
  socket.cork();
  process.nextTick(() => socket.uncork());
}

export interface InputWatcher {
  /** A complete command line has come; returns after how many milliseconds it is to be carried out. */
  readonly onCommand: () => number;
  /** A CR, LF or NUL that must not be (see `LineEndCheck`). Nothing that follows it is read any more. */
  readonly onBadLineEnd: (where: "command" | "data") => void;
}

/** Watches what the client sends. STARTTLS gives a connection a new parser, to be watched anew. */
export function watchInput(connection: SMTPConnection, { onCommand, onBadLineEnd }: InputWatcher): void {
  if (!connection._parser) return; // the client has left
  const parser = connection._parser;
  const oncommand = parser.oncommand;
  parser.oncommand = (line, done) => {
    const delayMs = onCommand();
    if (delayMs === 0) oncommand(line, done);
    else setTimeout(() => oncommand(line, done), delayMs).unref(); // meanwhile nothing more is read
  };

  const write = parser.write.bind(parser) as (chunk: Uint8Array, done?: () => void) => boolean;
  const check = new LineEndCheck();
  let isRefused = false;
  function writeChecked(chunk: Uint8Array): boolean {
    if (isRefused) return true;
    const offence = check.push(chunk);
    if (offence < 0) return write(chunk);
    isRefused = true;
    // What came before it was in order and is carried out first; only then is known where it stands.
    return write(chunk.subarray(0, offence), () => onBadLineEnd(parser._dataMode ? "data" : "command"));
  }
  parser.write = writeChecked as typeof parser.write; // `socket.pipe(parser)` calls it with a chunk only
}
