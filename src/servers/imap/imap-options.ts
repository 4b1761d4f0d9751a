import type { Mailboxes, MailboxName } from "../../storage/maildir/maildir.ts";
import type {
  AttemptLogin,
  ListenAddress,
  Log,
  LoginGate,
  Proxies,
  ScramKeysOf,
  ServerTls,
} from "../net/net.ts";
import type { Calm } from "./calm.ts";
import type { ImapLimits } from "./imap-limits.ts";

export interface ImapOptions {
  /** Without TLS until STARTTLS, and no login before it. */
  readonly listen: ListenAddress;
  /** TLS from the first octet (RFC 8314 §3.2). */
  readonly listenTls?: ListenAddress;
  /** The name the server gives itself. */
  readonly domain: string;
  readonly tls: ServerTls;
  readonly mailboxes: Mailboxes;
  readonly attemptLogin: AttemptLogin;
  /** For logins that do not tell the password (RFC 7677); undefined where it is known only by a hash. */
  readonly scram: ScramLogin | undefined;
  /** They must begin with the PROXY protocol, before TLS. */
  readonly proxies: Proxies;
  /** Largest message of an APPEND; announced as APPENDLIMIT (RFC 7889). */
  readonly maxMessageOctets: number;
  /** Keywords that every message gets which the user puts into a mailbox by APPEND, COPY or MOVE. */
  readonly keywordsOfPlaced: ReadonlyMap<MailboxName, readonly string[]>;
  /** Mailboxes that no client may delete or rename, because others than clients work with them. */
  readonly neededMailboxes: ReadonlySet<MailboxName>;
  readonly version: string;
  readonly now: () => Date;
  readonly log: Log;
  /** For tests; what is not given is as in `IMAP_LIMITS`. */
  readonly limits?: Partial<ImapLimits>;
}

/** What it takes to let a client prove that it knows the password. */
export interface ScramLogin {
  readonly keysOf: ScramKeysOf;
  /** Shared with `attemptLogin`. */
  readonly attempt: LoginGate;
  readonly random: (octets: number) => Uint8Array;
}

/** The options with every limit in them, and what all connections share. */
export interface ImapContext extends ImapOptions {
  readonly limits: ImapLimits;
  readonly calm: Calm;
}
