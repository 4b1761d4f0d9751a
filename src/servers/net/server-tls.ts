import { createSecureContext, type SecureContext } from "node:tls";

/** A private key and its certificate chain in PEM, the server's own certificate first. */
export interface TlsPair {
  readonly key: string;
  readonly cert: string;
}

/** TLS 1.0 and 1.1 must not be used (RFC 8996 §4, §5). */
const MIN_VERSION = "TLSv1.2";

/** What a listener gives to Node for new connections. */
export interface TlsSettings extends TlsPair {
  readonly minVersion: typeof MIN_VERSION;
}

/** The one pair all listeners use, exchanged without closing a connection. */
export interface ServerTls {
  readonly settings: TlsSettings;
  readonly context: SecureContext;
  /** Takes the pair into use for new connections; throws, and keeps the old one, when TLS refuses it. */
  replace(pair: TlsPair): void;
  /** Calls `apply` after every replacement. */
  onReplaced(apply: (settings: TlsSettings) => void): void;
}

/** Throws when OpenSSL refuses the pair: mismatched, or a key too short for today. */
export function createServerTls(pair: TlsPair): ServerTls {
  const listeners: ((settings: TlsSettings) => void)[] = [];
  let current = prepare(pair);
  return {
    get settings() {
      return current.settings;
    },
    get context() {
      return current.context;
    },
    replace(next) {
      current = prepare(next);
      for (const apply of listeners) apply(current.settings);
    },
    onReplaced(apply) {
      listeners.push(apply);
    },
  };
}

function prepare({ key, cert }: TlsPair): { settings: TlsSettings; context: SecureContext } {
  const settings = { key, cert, minVersion: MIN_VERSION } as const;
  try {
    return { settings, context: createSecureContext(settings) };
  } catch (cause) {
    throw new Error(`Cannot use this key and certificate for TLS: ${(cause as Error).message}`, { cause });
  }
}
