import { isIPv6 } from "node:net";
import type { MailTransaction } from "./mail-transaction.ts";

/**
 * The fields that final delivery puts on top of a message (RFC 5321 §4.4): where errors would go,
 * one line for each recipient that reached us, and who handed it over when. Nothing in them can
 * begin another field: paths and greeting come without control characters, and what does not fit
 * the grammar is replaced. `resultsField` is a whole field without its last line end, or empty.
 */
export function formatTraceFields(
  transaction: MailTransaction,
  { serverName, resultsField }: { readonly serverName: string; readonly resultsField: string },
): Uint8Array {
  const lines = [
    `Return-Path: <${transaction.reversePath}>`,
    ...transaction.forwardPaths.map((path) => `Delivered-To: ${path}`),
    ...(resultsField === "" ? [] : [resultsField]), // above what it is about (RFC 8601 §5)
    formatReceived(transaction, serverName),
  ];
  return Buffer.from(lines.map((line) => `${line}\r\n`).join(""));
}

/** Folded before each clause: no line comes near 998 octets (RFC 5322 §2.1.1). */
function formatReceived(transaction: MailTransaction, serverName: string): string {
  const { client, forwardPaths, smtpUtf8, id, receivedAt } = transaction;
  // RFC 6531 §4.3, RFC 3848
  const protocol = `${smtpUtf8 ? "UTF8SMTP" : "ESMTP"}${client.tls ? "S" : ""}`;
  const protection = client.tls ? ` (${client.tls.protocol} ${client.tls.cipherSuite})` : "";
  // With several recipients the clause would have to choose one of them.
  const recipient = forwardPaths.length === 1 ? [`\tfor <${forwardPaths[0]}>`] : [];
  const clauses = [
    `Received: from ${formatDomain(client.greeting)} (${formatAddressLiteral(client.address)})`,
    `\tby ${serverName} with ${protocol}${protection}`,
    `\tid ${id}`,
    ...recipient,
  ];
  return `${clauses.join("\r\n")};\r\n\t${formatDate(receivedAt)}`;
}

/** Clients greet with machine names, underscores and worse; what is no name at all would break the grammar. */
function formatDomain(greeting: string): string {
  return /^(?:[\p{L}\p{N}_][\p{L}\p{M}\p{N}._-]*|\[[0-9A-Za-z.:]+\])$/u.test(greeting) ? greeting : "unknown";
}

/** RFC 5321 §4.1.3 */
function formatAddressLiteral(address: string): string {
  return isIPv6(address) ? `[IPv6:${address}]` : `[${address}]`;
}

/** RFC 5322 §3.3; `toUTCString` differs in the zone only, whose name is obsolete there. */
function formatDate(date: Date): string {
  return date.toUTCString().replace(/GMT$/, "+0000");
}
