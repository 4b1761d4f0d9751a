/**
 * The IMAP server (RFC 3501, RFC 9051, and the extensions listed in `capabilities.ts`): mail apps read and sort
 * the mailboxes of one user. The grammar is core/imap's, what a message consists of core/mime's, the
 * mailboxes storage/maildir's; here are connections, sessions and what each command does. It never
 * sends mail, and it does not know what a calendar is.
 */
import { createServer, type Socket } from "node:net";
import {
  type Arrivals,
  type ConnectionLimits,
  createArrivals,
  createConnectionLimits,
  type ListenAddress,
  listen,
  type Peer,
} from "../net/net.ts";
import { Calm } from "./calm.ts";
import { type Arrival, Connection } from "./connection.ts";
import { IMAP_LIMITS } from "./imap-limits.ts";
import type { ImapContext, ImapOptions } from "./imap-options.ts";

export { describer } from "./describer.ts";
export type { ImapLimits } from "./imap-limits.ts";
export type { ImapOptions } from "./imap-options.ts";

export interface RunningImapServer {
  readonly address: Required<ListenAddress>;
  /** Where TLS is spoken from the first octet, if that was asked for. */
  readonly addressTls: Required<ListenAddress> | undefined;
  /** Stops listening, lets commands under way be finished, then closes what is left. */
  stop(): Promise<void>;
}

export async function startImapServer(options: ImapOptions): Promise<RunningImapServer> {
  const limits = { ...IMAP_LIMITS, ...options.limits };
  const context: ImapContext = { ...options, limits, calm: new Calm() };
  const connections = new Connections(context);
  // A script may send all it has to say, and then that this was all: it waits for its answers.
  const half = { allowHalfOpen: true };
  const plain = createServer(half, (socket) => connections.accept(socket, "starttls"));
  const secure = createServer(half, (socket) => connections.accept(socket, "implicit-tls"));
  const address = await listen(plain, context.listen);
  const addressTls = context.listenTls && (await listen(secure, context.listenTls));
  return {
    address,
    addressTls,
    async stop() {
      plain.close();
      if (addressTls !== undefined) secure.close();
      await connections.stop();
    },
  };
}

/** Share of all connections at which those without a login have to make room. */
const SCARCE = 0.9;

/** The connections. */
class Connections {
  readonly #context: ImapContext;
  readonly #arrivals: Arrivals;
  readonly #limits: ConnectionLimits;
  readonly #open = new Set<Connection>();
  /** Those that are open, and those that have a command to finish. */
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(context: ImapContext) {
    this.#context = context;
    this.#arrivals = createArrivals({ ...context, header: "required" });
    this.#limits = createConnectionLimits(context.limits.connections, context.now);
  }

  accept(socket: Socket, mode: Arrival["mode"]): void {
    this.#arrivals.accept(socket, (peer) => this.#welcome(peer, { socket, address: peer.address, mode }));
  }

  #welcome(peer: Peer, arrival: Arrival): void {
    if (this.#open.size >= this.#context.limits.connections.total * SCARCE) this.#evictStranger();
    const release = this.#limits.admit(peer);
    if (release === undefined) {
      this.#refuse(arrival);
      return;
    }
    const { socket, address } = arrival;
    const connection = new Connection(this.#context, arrival);
    this.#open.add(connection);
    const deadline = this.#expectLogin(connection);
    const closed = new Promise<void>((resolve) => {
      socket.once("close", () => {
        clearTimeout(deadline);
        release();
        this.#open.delete(connection);
        resolve();
      });
    });
    const served = connection.run().catch((err: unknown) => {
      this.#context.log.error({ address, err }, "IMAP connection failed");
      socket.destroy();
    });
    // A command may go on for a while when its client has gone.
    const over: Promise<unknown> = Promise.all([closed, served]).finally(() => this.#underWay.delete(over));
    this.#underWay.add(over);
  }

  /** However busy it looks: an octet now and then would keep a place for ever. */
  #expectLogin(connection: Connection): NodeJS.Timeout {
    const { loginMs, drainMs } = this.#context.limits;
    return setTimeout(() => {
      if (connection.isLoggedIn) return;
      connection.stop("BYE Too long without a login");
      setTimeout(() => connection.destroy(), drainMs).unref(); // it may not read, either
    }, loginMs).unref();
  }

  /** Ends the oldest connection on which nobody has logged in: its places are to be had by anybody. */
  #evictStranger(): void {
    for (const connection of this.#open) {
      if (connection.isLoggedIn) continue;
      connection.destroy();
      return;
    }
  }

  #refuse({ socket, address, mode }: Arrival): void {
    this.#context.log.info({ address }, "IMAP connection refused: too many are open");
    socket.on("error", () => {});
    // Whoever waits for a handshake would not understand a word in clear.
    socket.end(mode === "starttls" ? "* BYE [LIMIT] Too many connections\r\n" : "");
  }

  async stop(): Promise<void> {
    this.#arrivals.close();
    for (const connection of this.#open) connection.stop();
    const over = Promise.all(this.#underWay);
    await waitAtMost(this.#context.limits.drainMs, over);
    for (const connection of this.#open) connection.destroy();
    await waitAtMost(LAST_MS, over);
  }
}

/** Time for commands to find that their clients are cut off. What still goes on then meets closed mailboxes. */
const LAST_MS = 1000;

async function waitAtMost(milliseconds: number, end: Promise<unknown>): Promise<void> {
  const patience = Promise.withResolvers<void>();
  const timer = setTimeout(patience.resolve, milliseconds);
  await Promise.race([end, patience.promise]);
  clearTimeout(timer);
}
