import type { Session } from "./session.ts";

/** How a client may say who it is by AUTHENTICATE (RFC 9051 §6.2.2). */
export type Mechanism = "SCRAM-SHA-256-PLUS" | "SCRAM-SHA-256" | "PLAIN" | "LOGIN";

/** The mechanisms that work on this connection, the best first: many programs take the first they know. */
export function mechanismsOf({ channel, options }: Session): readonly Mechanism[] {
  if (!channel.isSecure) return [];
  const plain: Mechanism[] = ["PLAIN", "LOGIN"];
  if (options.scram === undefined) return plain;
  const plus: Mechanism[] = channel.exporter === undefined ? [] : ["SCRAM-SHA-256-PLUS"];
  return [...plus, "SCRAM-SHA-256", ...plain];
}
