import type { Socket } from "node:net";
import { type Readable, Transform, type Writable } from "node:stream";
import { type SecureContext, TLSSocket } from "node:tls";
import { constants, createDeflateRaw, createInflateRaw } from "node:zlib";

/** The client closed, or its connection broke, while something was to be sent or received. */
export class ClientGone extends Error {
  constructor(options?: ErrorOptions) {
    super("Cannot go on: the client is gone", options);
  }
}

/** Whether an error, or what caused it, is that the client is gone. */
export function isClientGone(error: unknown): boolean {
  return error instanceof ClientGone || (error instanceof Error && isClientGone(error.cause));
}

/**
 * The octets of one connection, whatever lies between them and the wire: nothing, TLS, compression. Reading
 * and writing wait for each other's other side, so that a slow client costs one chunk and no more.
 */
export class Transport {
  /** Below TLS; its timer hears of what goes on above. */
  readonly #connection: Socket;
  #socket: Socket;
  #input: Readable;
  #output: Writable;
  /** What was read while somebody only looked whether more will come. */
  #ahead: Uint8Array | null = null;
  #isClosed = false;
  #isHandshakeDone = true;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    socket.setNoDelay(true);
    this.#connection = socket;
    this.#socket = socket;
    this.#input = socket;
    this.#output = socket;
    this.#watchInput(socket);
    socket.on("timeout", () => socket.destroy());
  }

  get isSecure(): boolean {
    return this.#socket instanceof TLSSocket;
  }

  /**
   * What only the two ends of this TLS connection know, `tls-exporter` (RFC 9266 §2); undefined without TLS,
   * and with a version older than 1.3, where it need not be of this connection only (RFC 9266 §4.2).
   */
  get exporter(): Uint8Array | undefined {
    const socket = this.#socket;
    if (!(socket instanceof TLSSocket) || socket.getProtocol() !== "TLSv1.3") return undefined;
    return socket.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0));
  }

  get isCompressed(): boolean {
    return this.#input !== this.#socket;
  }

  /** The connection is closed: what is written reaches nobody. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** What has come, or undefined when the client sends nothing more or is gone. */
  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk: Uint8Array | null = this.#ahead ?? this.#input.read();
      this.#ahead = null;
      if (chunk !== null) return chunk;
      if (this.#isClosed || this.#input.readableEnded) return undefined;
      await this.#awake();
    }
  }

  /** Whether the client sends nothing more or is gone, as far as can be told without waiting. */
  hasFinished(): boolean {
    // The end is seen only behind what came before it, such as a LOGOUT.
    this.#ahead ??= this.#input.read();
    return this.#isClosed || this.#input.readableEnded;
  }

  /** Resolves when something happened on the input. */
  #awake(): Promise<void> {
    return new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Resolves when the system has taken the octets; rejects with `ClientGone`. */
  async write(octets: Uint8Array): Promise<void> {
    if (this.#isClosed) throw new ClientGone();
    return new Promise((resolve, reject) => {
      this.#output.write(octets, (cause) => (cause ? reject(new ClientGone({ cause })) : resolve()));
    });
  }

  /** Closes the connection when nothing came and nothing could be sent for that long. */
  setIdleTimeout(milliseconds: number): void {
    // Set on a TLS socket, it would leave the timer below it running with the shorter time before the login.
    this.#connection.setTimeout(milliseconds);
  }

  /** Drops what came already: it is not protected by the handshake to come (RFC 9051 §6.2.1). */
  discardInput(): void {
    this.#ahead = null;
    while (this.#input.read() !== null);
  }

  /** Goes on in TLS. The handshake may fail; then `read` and `write` tell that the client is gone. */
  startTls(secureContext: SecureContext): void {
    const plain = this.#socket;
    for (const event of ["readable", "end"]) plain.removeAllListeners(event);
    const secure = new TLSSocket(plain, { isServer: true, secureContext });
    secure.once("secure", () => {
      this.#isHandshakeDone = true;
      this.#wake();
    });
    this.#isHandshakeDone = false;
    this.#socket = secure;
    this.#input = secure;
    this.#output = secure;
    this.#watchInput(secure);
  }

  /** Resolves when TLS is in use, if it was begun. Rejects when the client is gone. */
  async secured(): Promise<void> {
    while (!this.#isHandshakeDone) {
      if (this.hasFinished()) throw new ClientGone();
      await this.#awake();
    }
  }

  /** Goes on with everything compressed (RFC 4978). */
  startDeflate(): void {
    const socket = this.#socket;
    for (const event of ["readable", "end"]) socket.removeAllListeners(event);
    const inflate = createInflateRaw();
    // Each answer is to arrive at once, not when a block is full.
    const deflate = createDeflateRaw({ flush: constants.Z_SYNC_FLUSH });
    this.#watchInput(inflate);
    deflate.on("error", this.#onClose);
    socket.pipe(inflate);
    deflate.pipe(socket);
    this.#input = inflate;
    this.#output = deflate;
  }

  /** Sends what was written and closes. */
  end(): void {
    this.#output.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #watchInput(stream: Readable): void {
    stream.on("readable", () => this.#wake());
    stream.on("end", () => this.#wake());
    // A reset, a failed handshake or damaged compression: in each case there is nobody to talk to any more.
    stream.on("error", this.#onClose);
    // Compression ends with the input, while answers are still sent.
    if (stream === this.#socket) stream.on("close", this.#onClose);
  }

  readonly #onClose = (): void => {
    this.#isClosed = true;
    this.#socket.destroy();
    // Or who waits for room in the compressor would wait for ever.
    if (this.#output instanceof Transform) this.#output.unpipe().resume();
    this.#wake();
  };
}
