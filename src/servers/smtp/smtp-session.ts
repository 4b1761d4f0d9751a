import type { TLSSocket } from "node:tls";
import type { SMTPServerAddress, SMTPServerDataStream } from "smtp-server";
import type { SMTPConnection } from "smtp-server/lib/smtp-connection.js";
import { type Log, networksOf, scopeOf } from "../net/net.ts";
import { checkMailParameters, checkPath, checkRcptParameters } from "./envelope-checks.ts";
import type { Deliver, MailTransaction, SmtpClient } from "./mail-transaction.ts";
import { discardRest, receiveMessage } from "./receive-message.ts";
import { normalizePath, type Recipient } from "./recipients.ts";
import { Refusal, refusalOfFailure } from "./refusal.ts";
import type { SmtpLimits } from "./smtp-limits.ts";
import { watchInput, watchReplies } from "./smtp-wire.ts";
import type { VerificationOptions } from "./store-message.ts";

/**
 * Who has to come back later: the seconds until then, 0 for nobody. `source` is the domain for which
 * SPF passes, otherwise the network that the client's address lies in.
 */
export type Greylist = (attempt: {
  readonly source: string;
  readonly reversePath: string;
  readonly forwardPath: string;
}) => number;

/** What all sessions of a server share. */
export interface SmtpPolicy {
  readonly serverName: string;
  readonly judgeRecipient: (address: string) => Recipient;
  readonly foreignRecipients: "reject" | "discard";
  readonly requireTls: boolean;
  readonly deliver: Deliver;
  readonly verification?: VerificationOptions;
  readonly greylist?: Greylist;
  readonly limits: SmtpLimits;
  /** The sessions that are receiving a message. */
  readonly transfers: Set<SmtpSession>;
  readonly now: () => Date;
  readonly random: (octets: number) => Uint8Array;
  readonly log: Log;
}

/**
 * One connection: our decisions about it, and its deadlines. The state of the protocol itself is
 * smtp-server's. The handlers of commands throw a `Refusal` for an answer other than 250.
 */
export class SmtpSession {
  readonly #connection: SMTPConnection;
  readonly #policy: SmtpPolicy;
  readonly #release: () => void;
  readonly #sessionTimer: NodeJS.Timeout;
  readonly #commandTimer: NodeJS.Timeout;
  #tls: SmtpClient["tls"];
  /** What greylisting knows this transaction's sender by. */
  #source: Promise<string> | undefined;
  #errors = 0;
  #commands = 0;
  #activeAt: number;
  /** The message being received. */
  #incoming: SMTPServerDataStream | undefined;
  /** Why it was refused before its end. */
  #aborted: Refusal | undefined;
  /** Said as soon as no message is being received. */
  #farewell: Refusal | undefined;

  /** `release` is called once, when the connection has closed. */
  constructor(
    connection: SMTPConnection,
    { policy, release }: { readonly policy: SmtpPolicy; readonly release: () => void },
  ) {
    this.#connection = connection;
    this.#policy = policy;
    this.#release = release;
    this.#activeAt = policy.now().getTime();
    const { limits } = policy;
    this.#sessionTimer = setTimeout(() => {
      this.close(new Refusal(421, "4.4.2", "Session too long, please come back"));
    }, limits.sessionMs).unref();
    this.#commandTimer = setTimeout(() => {
      if (!this.#incoming) this.close(new Refusal(421, "4.4.2", "Too slow, closing connection"));
    }, limits.commandMs).unref();
    watchReplies(connection, (code) => this.#countError(code));
    this.#watchInput();
  }

  /** After the TLS handshake (RFC 3207 §4.2: smtp-server has forgotten what was said before). */
  secured(socket: TLSSocket): void {
    this.#tls = { protocol: socket.getProtocol() ?? "TLS", cipherSuite: socket.getCipher().standardName };
    this.#watchInput();
  }

  /** MAIL. The null sender is as good as any (RFC 5321 §4.5.5). */
  mailFrom({ address, args }: SMTPServerAddress): void {
    // RFC 3207 §4
    if (this.#policy.requireTls && !this.#tls) {
      throw new Refusal(530, "5.7.0", "Must issue a STARTTLS command first");
    }
    checkMailParameters(args);
    if (this.#policy.transfers.size >= this.#policy.limits.transfers) {
      throw new Refusal(451, "4.3.2", "Too much mail at once, please try again later");
    }
    checkPath(normalizePath(address), this.#connection.session.envelope, "5.1.7");
    this.#source = undefined;
  }

  /** RCPT. Every local part of our domain exists, until it is blocked. */
  async rcptTo({ address, args }: SMTPServerAddress): Promise<void> {
    checkRcptParameters(args);
    const { kind, path } = this.#policy.judgeRecipient(address);
    checkPath(path, this.#connection.session.envelope, "5.1.3");
    switch (kind) {
      case "own":
        await this.#checkGreylist(path);
        break;
      case "blocked":
        throw new Refusal(550, "5.1.1", "No such mailbox");
      case "foreign":
        if (this.#policy.foreignRecipients === "reject") {
          throw new Refusal(550, "5.7.1", "Relaying denied: this server takes mail for its own domain only");
        }
        this.#policy.log.info(
          { ...this.#trace(), recipient: path },
          "Foreign recipient accepted, to be discarded",
        );
    }
  }

  /** DATA. Resolves with the text of the 250 when the message is stored, or is for foreign domains only. */
  async data(stream: SMTPServerDataStream): Promise<string> {
    const { limits, transfers } = this.#policy;
    stream.on("error", () => undefined); // who reads it gets the error too; without anyone, it would end the process
    const timer = setTimeout(() => {
      // What has come in full is being stored: refused now, it would come a second time.
      if (!stream.writableEnded)
        this.#abort(new Refusal(421, "4.4.2", "Message too slow, closing connection"));
    }, limits.dataMs).unref();
    transfers.add(this);
    this.#incoming = stream;
    this.#aborted = undefined;
    try {
      return await this.#receive(stream);
    } finally {
      clearTimeout(timer);
      transfers.delete(this);
      this.#incoming = undefined;
      this.#noteActivity();
    }
  }

  /** For how long the client has had nothing to say, though it could. */
  idleMs(): number {
    const mayTalk = !this.#incoming && !this.#farewell;
    return mayTalk ? this.#policy.now().getTime() - this.#activeAt : 0;
  }

  /** Ends the session: now, or when the message being received has been answered. */
  close(farewell: Refusal): void {
    this.#farewell ??= farewell;
    if (!this.#incoming) this.#sayFarewell();
  }

  /** Ends an idle session without waiting for the client to close its side. */
  evict(): void {
    this.close(new Refusal(421, "4.3.2", "Too many connections, and this one is idle"));
    this.#connection._socket.destroySoon();
  }

  /** To be called when the answer to DATA has been sent. */
  dataAnswered(): void {
    if (this.#farewell) this.#sayFarewell();
  }

  /** Ends the connection without a word. */
  destroy(): void {
    this.#connection._socket.destroy();
  }

  /** The socket is gone; smtp-server says so, for it takes every listener off a socket that begins TLS. */
  closed(): void {
    this.#release();
    clearTimeout(this.#sessionTimer);
    clearTimeout(this.#commandTimer);
  }

  async #receive(stream: SMTPServerDataStream): Promise<string> {
    const { log, now } = this.#policy;
    const startedAt = now().getTime();
    const transaction = this.#transaction();
    const fields = { ...this.#trace(), id: transaction.id, from: transaction.reversePath };
    if (transaction.forwardPaths.length === 0) {
      await discardRest(stream);
      log.info({ ...fields, octets: stream.byteLength }, "Message for foreign domains discarded");
      return "Discarded";
    }
    try {
      await receiveMessage(stream, transaction, this.#policy);
    } catch (failure) {
      if (this.#aborted) throw this.#aborted;
      if (failure instanceof Refusal) throw failure;
      if (stream.sizeExceeded)
        log.info(fields, "Message too large"); // smtp-server answers 552 by itself
      else if (stream.errored) log.info(fields, "Client left in the middle of a message");
      else log.error({ ...fields, err: failure }, "Message not stored");
      throw refusalOfFailure(failure);
    }
    this.#commands = 0;
    log.info(
      { ...fields, to: transaction.forwardPaths, octets: stream.byteLength, ms: now().getTime() - startedAt },
      "Message stored",
    );
    return `Stored as ${transaction.id}`;
  }

  #transaction(): MailTransaction {
    const { envelope } = this.#connection.session;
    const { random, now, judgeRecipient } = this.#policy;
    return {
      id: Buffer.from(random(8)).toString("hex"),
      client: this.#client(),
      reversePath: this.#reversePath(),
      forwardPaths: envelope.rcptTo
        .map(({ address }) => judgeRecipient(address))
        .filter(({ kind }) => kind === "own")
        .map(({ path }) => path),
      smtpUtf8: envelope.smtpUtf8 === true,
      receivedAt: now(),
    };
  }

  async #checkGreylist(forwardPath: string): Promise<void> {
    const { remoteAddress } = this.#connection.session;
    // A proxy or container that hides its clients would make all of them one stranger, and then one friend.
    if (!this.#policy.greylist || scopeOf(remoteAddress) !== "public") return;
    const reversePath = this.#reversePath();
    this.#source ??= this.#lookUpSource();
    const source = await this.#source;
    const seconds = this.#policy.greylist({ source, reversePath, forwardPath });
    if (seconds === 0) return;
    this.#policy.log.info({ ...this.#trace(), from: reversePath, to: forwardPath, seconds }, "Greylisted");
    throw new Refusal(451, "4.7.1", `Greylisted, please come back in ${seconds} seconds`);
  }

  /** Large senders retry from anywhere: the domain that SPF passes for says more than their network. */
  async #lookUpSource(): Promise<string> {
    const claim = { client: this.#client(), reversePath: this.#reversePath() };
    const domain = await this.#policy.verification?.verifier.spfDomain(claim);
    const [, network] = networksOf(claim.client.address);
    return domain ?? network;
  }

  #client(): SmtpClient {
    const { remoteAddress, hostNameAppearsAs } = this.#connection.session;
    return { address: remoteAddress, greeting: hostNameAppearsAs, tls: this.#tls };
  }

  #reversePath(): string {
    const { mailFrom } = this.#connection.session.envelope;
    return mailFrom ? normalizePath(mailFrom.address) : "";
  }

  #watchInput(): void {
    const { limits } = this.#policy;
    watchInput(this.#connection, {
      onCommand: () => {
        this.#noteActivity();
        this.#countCommand();
        return this.#errors > limits.freeErrors ? limits.errorDelayMs : 0;
      },
      onBadLineEnd: (where) => {
        const text = "Bare CR, bare LF or NUL is refused: it could smuggle commands or messages";
        this.#policy.log.warn({ ...this.#trace(), where }, "Bare CR, bare LF or NUL refused");
        if (where === "data") this.#abort(new Refusal(554, "5.6.0", text));
        else this.close(new Refusal(500, "5.5.2", text));
      },
    });
  }

  #noteActivity(): void {
    this.#commandTimer.refresh();
    this.#activeAt = this.#policy.now().getTime();
  }

  /** Refuses the message that is being received before its end, which ends the session too. */
  #abort(refusal: Refusal): void {
    this.#aborted = refusal;
    this.#farewell ??= refusal;
    this.#incoming?.destroy(refusal); // `deliver` fails, and removes what it has
  }

  #sayFarewell(): void {
    const farewell = this.#farewell;
    if (!farewell) return;
    if (farewell !== this.#aborted) this.#connection.send(farewell.responseCode, farewell.message);
    this.#connection.close();
  }

  #countCommand(): void {
    if (++this.#commands <= this.#policy.limits.commands) return;
    this.close(new Refusal(421, "4.7.0", "Too many commands without a message"));
  }

  #countError(code: number): void {
    if (code < 400 || code === 421 || ++this.#errors < this.#policy.limits.errors) return;
    this.close(new Refusal(421, "4.7.0", "Too many errors"));
  }

  #trace(): { readonly cid: string; readonly client: string } {
    return { cid: this.#connection.id, client: this.#connection.remoteAddress };
  }
}
