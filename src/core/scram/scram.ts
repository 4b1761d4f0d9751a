/**
 * SCRAM-SHA-256 as a server speaks it (RFC 5802, RFC 7677): what a client proves, what is proved to it, and
 * the keys for both. The messages are octets as they stand inside Base64; a bad one gives undefined, and
 * nothing throws. Nonces and salts are handed in. It knows no protocol that carries the messages, and no users.
 */
export { type ChannelBinding, type ClientFirst, parseClientFirst } from "./client-first.ts";
export { type ProofOutcome, ScramExchange } from "./scram-exchange.ts";
export { deriveScramKeys, type ScramKeys } from "./scram-keys.ts";
