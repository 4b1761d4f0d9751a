import { Buffer } from "node:buffer";

/** What a client says of the channel (RFC 5802 §6): bound to it by that name, not bound though it could, or never. */
export type ChannelBinding =
  | { readonly kind: "bound"; readonly type: string }
  | { readonly kind: "unused" | "unknown" };

/** The first message of a client (RFC 5802 §7, `client-first-message`). */
export interface ClientFirst {
  readonly binding: ChannelBinding;
  /** For whom it wants to act, if for somebody else than `user`. */
  readonly authorizeAs: string | undefined;
  readonly user: string;
  readonly nonce: string;
  /** Octets: up to the second comma, and what is behind it. */
  readonly gs2Header: string;
  readonly bare: string;
}

const GS2_HEADER = /^(?:p=([A-Za-z0-9.-]+)|[yn]),(?:a=((?:[^\0,=]|=2C|=3D)+))?,/;
/** An extension that must be understood, `m=`, stands before the name: then it is no such message. */
const BARE = /^n=((?:[^\0,=]|=2C|=3D)+),r=([\x21-\x2b\x2d-\x7e]+)(?:,|$)/;

/** Undefined for what is no such message. */
export function parseClientFirst(octets: string): ClientFirst | undefined {
  const [gs2Header, type, authorizeAs] = GS2_HEADER.exec(octets) ?? [];
  if (gs2Header === undefined) return undefined;
  const bare = octets.slice(gs2Header.length);
  const [, user, nonce] = BARE.exec(bare) ?? [];
  if (user === undefined || nonce === undefined) return undefined;
  return {
    binding:
      type === undefined ? { kind: octets.startsWith("y") ? "unused" : "unknown" } : { kind: "bound", type },
    authorizeAs: authorizeAs === undefined ? undefined : decodeName(authorizeAs),
    user: decodeName(user),
    nonce,
    gs2Header,
    bare,
  };
}

/** `saslname`: UTF-8 with commas and equals signs escaped. */
function decodeName(octets: string): string {
  const text = octets.replaceAll("=2C", ",").replaceAll("=3D", "=");
  return new TextDecoder().decode(Buffer.from(text, "latin1"));
}
