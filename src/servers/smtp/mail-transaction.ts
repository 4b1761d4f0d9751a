/** What the SMTP session says about one message (RFC 5321 §2.3.1, §3.3). */
export interface MailTransaction {
  /** Ours, unique; also in the `Received` field, the reply and the log. */
  readonly id: string;
  readonly client: SmtpClient;
  /** Empty for the null sender of bounces (RFC 5321 §4.5.5). */
  readonly reversePath: string;
  /** Of our domain only, at least one, as the sender spelled the local parts. */
  readonly forwardPaths: readonly string[];
  /** The sender declared that addresses or header fields may be UTF-8 (RFC 6531 §3.4). */
  readonly smtpUtf8: boolean;
  readonly receivedAt: Date;
}

export interface SmtpClient {
  readonly address: string;
  /** Argument of EHLO or HELO: what the client says, free of control characters, otherwise unchecked. */
  readonly greeting: string;
  /** How the connection is protected, when it is. */
  readonly tls: { readonly protocol: string; readonly cipherSuite: string } | undefined;
}

/**
 * Stores a message. Resolving is the promise that it survives a power cut: the sender is told 250
 * and forgets it. Must read `octets` to the end; they fail when the message cannot be completed,
 * and then nothing of it may stay. An error with the code ENOSPC or EDQUOT, itself or as a cause,
 * means a full disk.
 */
export type Deliver = (transaction: MailTransaction, octets: AsyncIterable<Uint8Array>) => Promise<void>;
