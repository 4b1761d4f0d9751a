/**
 * The server's private key and certificate on disk (PEM, RFC 7468): read and checked, made when there
 * are none, watched for renewal. It opens no TLS connection and knows no authority: obtaining
 * certificates is the work of certbot, lego and their kind.
 */
import { access } from "node:fs/promises";
import { dirname } from "node:path";
import { domainToASCII } from "node:url";
import {
  checkPrivateFolder,
  isMissing,
  openPrivateFolder,
  writeFileAtomically,
} from "../atomic-file/atomic-file.ts";
import { makeSelfSignedPair } from "./self-signed.ts";
import { readTlsPair, type TlsPair, type TlsPaths, whyNotInForce } from "./tls-pair.ts";

export { type TlsWatch, watchTlsPair } from "./tls-renewal.ts";
export { readTlsPair, type TlsPair, type TlsPaths, whyNotInForce };

/** Ten years: nobody renews what made itself, and a mail app that once trusted it would ask again. */
const LIFETIME_YEARS = 10;
/** Clocks of phones and appliances run late; the certificate should not seem to begin tomorrow. */
const BACKDATED_MS = 24 * 60 * 60 * 1000;
/** RFC 5280 Appendix A.1, ub-common-name. */
const MAX_COMMON_NAME = 64;
/** What folders are asked to hold. */
const KEPT = "key and certificate";

/**
 * Reads the pair; when neither file is there, makes one for `domain` first. Throws an Error whose
 * message tells the operator what to do when only one is there, or the two cannot be used.
 */
export async function readOrMakeTlsPair(
  paths: TlsPaths,
  { domain, now }: { readonly domain: string; readonly now: () => Date },
): Promise<TlsPair> {
  if (!(await hasPair(paths))) await writePair(paths, makePairFor(domain, now()));
  return readTlsPair(paths);
}

/**
 * What `readOrMakeTlsPair` would read, or nothing where it would make a pair. Fails as it would, as far as
 * can be known without making anything.
 */
export async function checkTlsPair(paths: TlsPaths): Promise<TlsPair | undefined> {
  if (await hasPair(paths)) return readTlsPair(paths);
  for (const folder of foldersOf(paths)) await checkPrivateFolder(folder, KEPT);
  return undefined;
}

async function hasPair({ keyFile, certFile }: TlsPaths): Promise<boolean> {
  const [hasKey, hasCert] = await Promise.all([exists(keyFile), exists(certFile)]);
  if (hasKey === hasCert) return hasKey;
  const [there, missing] = hasKey ? [keyFile, certFile] : [certFile, keyFile];
  throw new Error(
    `There is "${there}" but no "${missing}": key and certificate belong together; provide both, ` +
      "or remove the one for a new pair to be made",
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (cause) {
    // Anything but "no such file" is left to the reading, which explains it.
    return !isMissing(cause);
  }
}

/** Every name under which people enter their server into a mail app, and this machine itself. */
function makePairFor(domain: string, now: Date): TlsPair {
  const ascii = domainToASCII(domain);
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + LIFETIME_YEARS);
  return makeSelfSignedPair({
    commonName: ascii.length <= MAX_COMMON_NAME ? ascii : "localhost", // clients go by the names below
    dnsNames: [ascii, ...["mail", "imap", "smtp", "mx"].map((label) => `${label}.${ascii}`), "localhost"],
    addresses: [Uint8Array.of(127, 0, 0, 1), Uint8Array.of(...new Array(15).fill(0), 1)],
    notBefore: new Date(now.getTime() - BACKDATED_MS),
    notAfter,
  });
}

async function writePair(paths: TlsPaths, pair: TlsPair): Promise<void> {
  for (const folder of foldersOf(paths)) await openPrivateFolder(folder, KEPT);
  await writeFileAtomically(paths.keyFile, Buffer.from(pair.key, "latin1"));
  await writeFileAtomically(paths.certFile, Buffer.from(pair.cert, "latin1"));
}

function foldersOf({ keyFile, certFile }: TlsPaths): Set<string> {
  return new Set([dirname(keyFile), dirname(certFile)]);
}
