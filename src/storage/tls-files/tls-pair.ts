import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { whyUnreadable } from "../atomic-file/atomic-file.ts";

/** A private key and its certificate chain, in PEM, named as Node's TLS options name them. */
export interface TlsPair {
  readonly key: string;
  /** The server's own certificate first (RFC 8446 §4.4.2). */
  readonly cert: string;
}

export interface TlsPaths {
  readonly keyFile: string;
  readonly certFile: string;
}

/** Reads the pair, or throws an Error whose message tells the operator what to do about it. */
export async function readTlsPair({ keyFile, certFile }: TlsPaths): Promise<TlsPair> {
  const pair = { key: await readPem("key", keyFile), cert: await readPem("certificate", certFile) };
  const certificate = parseCertificate(pair.cert, certFile);
  if (!certificate.checkPrivateKey(parseKey(pair.key, keyFile))) {
    throw new Error(
      `The key file "${keyFile}" does not belong to the certificate in "${certFile}": give the two files ` +
        "that were made together, and put the server's own certificate before those of its authority",
    );
  }
  return pair;
}

/** Why clients refuse the certificate at this moment, in a sentence; nothing when it is in force. */
export function whyNotInForce({ cert }: TlsPair, now: Date): string | undefined {
  const { validFromDate: from, validToDate: to } = new X509Certificate(cert);
  if (now > to)
    return `The certificate expired on ${dayOf(to)}: mail and calendar apps refuse it until it is renewed`;
  if (now < from) return `The certificate is valid from ${dayOf(from)} on only: until then apps refuse it`;
  return undefined;
}

/** In UTC. */
function dayOf(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}

async function readPem(what: "key" | "certificate", path: string): Promise<string> {
  try {
    return await readFile(path, "latin1");
  } catch (cause) {
    throw new Error(`Cannot read the ${what} file "${path}": ${whyUnreadable(cause)}`, { cause });
  }
}

function parseCertificate(text: string, path: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (cause) {
    throw new Error(
      `Cannot use the certificate file "${path}": it must hold a certificate in PEM, beginning with ` +
        '"-----BEGIN CERTIFICATE-----"',
      { cause },
    );
  }
}

function parseKey(text: string, path: string): KeyObject {
  try {
    // An empty passphrase keeps OpenSSL from asking for one on the terminal.
    return createPrivateKey({ key: text, format: "pem", passphrase: "" });
  } catch (cause) {
    const advice = text.includes("ENCRYPTED")
      ? "it is protected by a passphrase, store it without one"
      : 'it must hold a private key in PEM, beginning with "-----BEGIN PRIVATE KEY-----"';
    throw new Error(`Cannot use the key file "${path}": ${advice}`, { cause });
  }
}
