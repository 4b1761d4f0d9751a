import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import type { ClientFirst } from "./client-first.ts";
import { hmac, type ScramKeys } from "./scram-keys.ts";

/** `malformed`: what the client sent is no final message, or one of another exchange or channel. */
export type ProofOutcome =
  | { readonly kind: "right"; readonly serverFinal: string }
  | { readonly kind: "wrong" | "malformed" };

/** The proof has 32 octets, in the one way in which Base64 writes them (RFC 4648 §3.5). */
const CLIENT_FINAL =
  /^(c=([A-Za-z0-9+/]+={0,2}),r=([\x21-\x2b\x2d-\x7e]+)(?:,[A-Za-ln-z]=[^,\0]*)*),p=([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)$/;

/** The messages after the client's first one. */
export class ScramExchange {
  readonly #first: ClientFirst;
  readonly #keys: ScramKeys;
  readonly #channel: Uint8Array;
  readonly #nonce: string;
  /** Octets to be sent in answer to the client's first message. */
  readonly serverFirst: string;

  /**
   * `serverNonce` is printable, without commas, and never used again. `channel` is what the client binds
   * itself to, empty where it does not.
   */
  constructor(
    first: ClientFirst,
    {
      keys,
      serverNonce,
      channel,
    }: { readonly keys: ScramKeys; readonly serverNonce: string; readonly channel: Uint8Array },
  ) {
    this.#first = first;
    this.#keys = keys;
    this.#channel = channel;
    this.#nonce = first.nonce + serverNonce;
    this.serverFirst = `r=${this.#nonce},s=${Buffer.from(keys.salt).toString("base64")},i=${keys.iterations}`;
  }

  /** Takes as long for a wrong proof as for the right one (RFC 5802 §3). */
  checkFinal(octets: string): ProofOutcome {
    const [, withoutProof = "", binding, nonce, proof = ""] = CLIENT_FINAL.exec(octets) ?? [];
    const bound = Buffer.concat([Buffer.from(this.#first.gs2Header, "latin1"), this.#channel]);
    if (nonce !== this.#nonce || binding !== bound.toString("base64")) return { kind: "malformed" };
    const authMessage = `${this.#first.bare},${this.serverFirst},${withoutProof}`;
    const { storedKey, serverKey } = this.#keys;
    const signature = hmac(storedKey, authMessage);
    const clientKey = Buffer.from(proof, "base64").map((octet, at) => octet ^ (signature[at] ?? 0));
    const given = createHash("sha256").update(clientKey).digest();
    if (!timingSafeEqual(given, storedKey)) return { kind: "wrong" };
    return { kind: "right", serverFinal: `v=${hmac(serverKey, authMessage).toString("base64")}` };
  }
}
