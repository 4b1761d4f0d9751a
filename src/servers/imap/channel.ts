import type { SecureContext } from "node:tls";
import { CommandReader, type Incoming } from "../../core/imap/imap.ts";
import { ResponseWriter } from "./response-writer.ts";
import { ClientGone, type Transport } from "./transport.ts";

/** Commands in, answers out. */
export class Channel {
  readonly out: ResponseWriter;
  readonly #transport: Transport;
  readonly #reader: CommandReader;
  /** How often somebody asked whether the client is gone since it sends nothing more. */
  #doubts = 0;

  constructor(transport: Transport, maxCommandOctets: number) {
    this.#transport = transport;
    this.#reader = new CommandReader({ maxCommandOctets });
    this.out = new ResponseWriter(transport);
  }

  get isSecure(): boolean {
    return this.#transport.isSecure;
  }

  /**
   * For what takes long, now and then: fails with `ClientGone` when nobody waits for the answer any more. A
   * client that sends nothing more may have left or wait to read: to whom has left, nothing can be sent.
   */
  throwIfGone(): void {
    if (this.#transport.isClosed) throw new ClientGone();
    if (!this.#transport.hasFinished()) return;
    this.#doubts += 1;
    // The first word is what has the other side refuse the next: so some follow, ever more rarely.
    if ((this.#doubts & (this.#doubts - 1)) !== 0) return;
    this.out.untagged("OK Still at work");
    this.out.flush().catch(() => {}); // `isClosed` then
  }

  /** What a login may be bound to (RFC 9266), where that can be. */
  get exporter(): Uint8Array | undefined {
    return this.#transport.exporter;
  }

  get isCompressed(): boolean {
    return this.#transport.isCompressed;
  }

  set maxCommandOctets(maxCommandOctets: number) {
    this.#reader.limits = { maxCommandOctets };
  }

  /**
   * What the client sends next; undefined when it sends nothing more. Tells it to go on where it waits for that.
   * What was answered before is sent first.
   */
  async next(): Promise<Exclude<Incoming, { kind: "literal-announced" }> | undefined> {
    await this.out.flush();
    for (;;) {
      const incoming = this.#reader.next();
      if (incoming?.kind === "literal-announced") await this.goOn();
      else if (incoming !== undefined) return incoming;
      else {
        const octets = await this.#transport.read();
        if (octets === undefined) return undefined;
        this.#reader.push(octets);
      }
    }
  }

  /** The next line, for a command that asked for one; undefined when something else came, or nothing. */
  async nextLine(): Promise<string | undefined> {
    const incoming = await this.next();
    if (incoming?.kind === "message-announced") this.refuseMessage(); // or nothing would be read any more, only kept
    return incoming?.kind === "command" ? incoming.text : undefined;
  }

  /** A continuation request (RFC 9051 §7.6). */
  async goOn(text = "Go on"): Promise<void> {
    this.out.write(`+ ${text}\r\n`);
    await this.out.flush();
  }

  /** The octets of the message that was announced. Fails when the client goes away in the middle. */
  async *receiveMessage({
    isSynchronizing,
  }: {
    readonly isSynchronizing: boolean;
  }): AsyncGenerator<Uint8Array> {
    this.#reader.acceptMessage();
    if (isSynchronizing) await this.goOn();
    for (;;) {
      const incoming = await this.next();
      if (incoming?.kind === "message-end") return;
      if (incoming?.kind !== "message-octets") throw new ClientGone();
      yield incoming.octets;
    }
  }

  /** Drops the message that was announced, or what is left of it, and the rest of the command. */
  refuseMessage(): void {
    this.#reader.refuseMessage();
  }

  /** Goes on in TLS, after `answer`; what came in plain text behind the command is dropped. */
  async startTls(secureContext: SecureContext, answer: string): Promise<void> {
    this.#reader.clear();
    this.#transport.discardInput();
    this.out.write(answer);
    await this.out.flush();
    this.#transport.startTls(secureContext);
  }

  async startDeflate(answer: string): Promise<void> {
    this.out.write(answer);
    await this.out.flush();
    this.#transport.startDeflate();
  }

  setIdleTimeout(milliseconds: number): void {
    this.#transport.setIdleTimeout(milliseconds);
  }
}
