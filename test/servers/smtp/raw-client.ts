import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, TLSSocket } from "node:tls";

/** Speaks SMTP without any manners: nodemailer would never send what these tests have to. */
export class RawClient {
  #socket: Socket;
  readonly #plain: Socket;
  #received = "";
  #ended = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#plain = socket;
    this.#listen();
  }

  static async connect(port: number, host = "127.0.0.1"): Promise<RawClient> {
    const socket = connect(port, host);
    socket.setNoDelay(true);
    await once(socket, "connect");
    return new RawClient(socket);
  }

  /** Connects, and goes on to where MAIL is allowed. */
  static async connectSecure(port: number): Promise<RawClient> {
    return (await RawClient.connect(port)).#secure();
  }

  /** The same, with an address that a proxy announces. */
  static async connectFrom(address: string, port: number): Promise<RawClient> {
    const client = await RawClient.connect(port);
    client.send(`PROXY ${address.includes(":") ? "TCP6" : "TCP4"} ${address} ${address} 40000 25\r\n`);
    return client.#secure();
  }

  async #secure(): Promise<this> {
    await this.reply(220);
    await this.say("EHLO client.example.org\r\n", 250);
    await this.startTls();
    await this.say("EHLO client.example.org\r\n", 250);
    return this;
  }

  send(text: string): void {
    this.#socket.write(Buffer.from(text, "latin1"));
  }

  /** The next complete reply, without its last line end. */
  async reply(code?: number): Promise<string> {
    const pattern = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/;
    while (!pattern.test(this.#received)) {
      if (this.#ended) assert.fail(`The server closed after "${this.#received}"`);
      await new Promise<void>((resolve) => this.#socket.once("progress", resolve));
    }
    const [whole = ""] = pattern.exec(this.#received) ?? [];
    this.#received = this.#received.slice(whole.length);
    if (code !== undefined) assert.equal(whole.slice(0, 3), String(code), whole);
    return whole.trimEnd();
  }

  async say(text: string, code: number): Promise<string> {
    this.send(text);
    return this.reply(code);
  }

  /** Asks for TLS; `injected` goes out in the same packet as the command. */
  async startTls(injected = ""): Promise<void> {
    await this.say(`STARTTLS\r\n${injected}`, 220);
    await this.handshake();
  }

  /** Begins a handshake, after the reply to STARTTLS. */
  offerTls(options: ConnectionOptions = {}): TLSSocket {
    this.#plain.removeAllListeners("data");
    return connectTls({ socket: this.#plain, rejectUnauthorized: false, ...options });
  }

  async handshake(): Promise<void> {
    const secure = this.offerTls();
    await once(secure, "secureConnect");
    this.#socket = secure;
    this.#listen();
  }

  /** A whole transaction up to 354. */
  async begin(recipient = "anna@example.test"): Promise<void> {
    await this.say("MAIL FROM:<bob@example.org>\r\n", 250);
    await this.say(`RCPT TO:<${recipient}>\r\n`, 250);
    await this.say("DATA\r\n", 354);
  }

  /** Resolves when the server has closed; returns what it said before, and has not been read. */
  async closed(): Promise<string> {
    while (!this.#ended) await new Promise<void>((resolve) => this.#socket.once("progress", resolve));
    return this.#received;
  }

  /** The server's, once TLS is up. */
  certificate(): string {
    assert.ok(this.#socket instanceof TLSSocket);
    return this.#socket.getPeerCertificate().fingerprint256;
  }

  /** The connection as it stands, for who goes on without this client. */
  takeSocket(): Socket {
    this.#socket.removeAllListeners("data");
    return this.#socket;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Resets the connection instead of closing it. */
  reset(): void {
    this.#plain.resetAndDestroy();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received += chunk.toString("latin1");
      socket.emit("progress");
    });
    socket.on("error", () => undefined);
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.#ended = true;
        socket.emit("progress");
      });
    }
  }
}
