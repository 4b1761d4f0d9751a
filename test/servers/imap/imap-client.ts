import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, Socket } from "node:net";
import { Duplex, type Transform } from "node:stream";
import { connect as connectTls } from "node:tls";

/** Speaks IMAP without any manners: no library would send what these tests have to. */
export class ImapClient {
  #stream: Duplex;
  #received = "";
  #isClosed = false;
  #tags = 0;

  /** Speaks over any stream. */
  constructor(stream: Duplex) {
    this.#stream = stream;
    this.#listen();
  }

  static async connect(port: number, options: { isSecure: boolean; host?: string }): Promise<ImapClient> {
    const { isSecure, host = "127.0.0.1" } = options;
    const socket = isSecure ? connectTls({ port, host, rejectUnauthorized: false }) : connect(port, host);
    await once(socket, isSecure ? "secureConnect" : "connect");
    socket.setNoDelay(true);
    return new ImapClient(socket);
  }

  send(octets: string): void {
    this.#stream.write(Buffer.from(octets, "latin1"));
  }

  /** The next line with the literals in it, without its line end. */
  async line(): Promise<string> {
    for (let wanted = 0; ; ) {
      const line = this.#received.length < wanted ? undefined : firstLine(this.#received);
      if (line?.isComplete) {
        this.#received = this.#received.slice(line.end + 2);
        return line.text;
      }
      wanted = line?.end ?? wanted; // or long literals would be looked through again and again
      if (this.#isClosed) assert.fail(`The server closed after ${JSON.stringify(this.#received)}`);
      await this.#progress();
    }
  }

  /** Sends a command, and gives everything up to its tagged answer, that without the tag. */
  async run(command: string): Promise<string[]> {
    const tag = `t${++this.#tags}`;
    this.send(`${tag} ${command}\r\n`);
    const lines: string[] = [];
    for (;;) {
      const line = await this.line();
      if (!line.startsWith(`${tag} `)) lines.push(line);
      else return [...lines, line.slice(tag.length + 1)];
    }
  }

  /** Sends a command that has to succeed, and gives the untagged answers without their star. */
  async ok(command: string): Promise<string[]> {
    const lines = await this.run(command);
    assert.match(lines.at(-1) ?? "", /^OK/, command);
    return lines.slice(0, -1).map((line) => line.replace(/^\* /, ""));
  }

  /** Appends a message, which has to succeed; gives its UID. */
  async append(mailbox: string, message: string, before = ""): Promise<number> {
    const lines = await this.run(`APPEND ${mailbox} ${before}{${message.length}+}\r\n${message}`);
    return Number(/^OK \[APPENDUID \d+ (\d+)\]/.exec(lines.at(-1) ?? "")?.[1] ?? assert.fail(lines.at(-1)));
  }

  async startTls(): Promise<void> {
    assert.ok(this.#stream instanceof Socket);
    this.#stream.removeAllListeners("data");
    const secure = connectTls({ socket: this.#stream, rejectUnauthorized: false });
    await once(secure, "secureConnect");
    this.#stream = secure;
    this.#listen();
  }

  /** The same connection from now on through a compressor and a decompressor. */
  through(deflate: Transform, inflate: Transform): ImapClient {
    this.#stream.removeAllListeners("data");
    deflate.pipe(this.#stream);
    this.#stream.pipe(inflate);
    return new ImapClient(Duplex.from({ writable: deflate, readable: inflate }));
  }

  /** Stops reading, so that the server cannot send. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Resolves when the server has closed; gives what it said before and has not been read. */
  async closed(): Promise<string> {
    while (!this.#isClosed) await this.#progress();
    return this.#received;
  }

  /** Says that nothing more is sent. */
  finish(): void {
    this.#stream.end();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #listen(): void {
    const stream = this.#stream;
    stream.on("data", (chunk: Buffer) => {
      this.#received += chunk.toString("latin1");
      stream.emit("progress");
    });
    stream.on("error", () => undefined);
    for (const event of ["end", "close"]) {
      stream.on(event, () => {
        this.#isClosed = true;
        stream.emit("progress");
      });
    }
  }

  async #progress(): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    await once(this.#stream, "progress", { signal }).catch(() => {
      assert.fail(`The server says nothing after ${JSON.stringify(this.#received)}`);
    });
  }
}

/** A server that has not answered by then is not going to. */
const PATIENCE_MS = 20_000;

/** The line that the text begins with, behind all its literals; not complete when more is needed, at least up to `end`. */
function firstLine(text: string): { isComplete: boolean; text: string; end: number } {
  for (let at = 0; ; ) {
    const end = text.indexOf("\r\n", at);
    if (end < 0) return { isComplete: false, text, end: text.length + 1 };
    const literal = /\{(\d+)\}$/.exec(text.slice(Math.max(at, end - 20), end));
    if (literal === null) return { isComplete: true, text: text.slice(0, end), end };
    at = end + 2 + Number(literal[1]);
    if (at > text.length) return { isComplete: false, text, end: at };
  }
}
