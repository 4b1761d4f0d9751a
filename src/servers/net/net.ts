/**
 * What the three servers share below their protocols: listening, TLS and its renewal, limits on
 * connections and logins, credentials, closing in good order. It speaks no protocol and reads no
 * settings or files: addresses, certificates, clock and randomness are handed in.
 */
export { type Arrivals, createArrivals } from "./arrivals.ts";
export {
  type ConnectionLimits,
  createConnectionLimits,
  type LimitsPerConnection,
} from "./connection-limits.ts";
export { type Account, type CheckLogin, createLoginCheck } from "./credentials.ts";
export { findFreePort, isSameAddress, type ListenAddress, listen, tryToListen } from "./listen.ts";
export type { Log } from "./log-port.ts";
export { type AttemptLogin, createLoginGate, type LoginGate, type LoginOutcome } from "./login-gate.ts";
export { createMaskNotice } from "./mask-notice.ts";
export { isNetwork, networksOf, normalizeAddress, scopeOf } from "./networks.ts";
export { type OpenSockets, trackSockets } from "./open-sockets.ts";
export { type PasswordHash, parsePasswordHash } from "./password-hash.ts";
export { createProxies, type Peer, type Proxies } from "./proxies.ts";
export { createScramKeyring, type ScramKeysOf } from "./scram-keyring.ts";
export { createServerTls, type ServerTls, type TlsPair } from "./server-tls.ts";
