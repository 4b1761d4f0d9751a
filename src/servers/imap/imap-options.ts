import type { Mailboxes, MailboxName } from "../../storage/maildir/maildir.ts";
import type { AttemptLogin, ListenAddress, Log, Proxies, ServerTls } from "../net/net.ts";
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
  /** They must begin with the PROXY protocol, before TLS. */
  readonly proxies: Proxies;
  /** Largest message of an APPEND; announced as APPENDLIMIT (RFC 7889). */
  readonly maxMessageOctets: number;
  /** Keywords that every message gets which the user puts into a mailbox by APPEND, COPY or MOVE. */
  readonly keywordsOfPlaced: ReadonlyMap<MailboxName, readonly string[]>;
  readonly version: string;
  readonly now: () => Date;
  readonly log: Log;
  /** For tests; what is not given is as in `IMAP_LIMITS`. */
  readonly limits?: Partial<ImapLimits>;
}

/** The options with every limit in them. */
export interface ImapContext extends ImapOptions {
  readonly limits: ImapLimits;
}
