import { createHmac, timingSafeEqual } from "node:crypto";
import { domainToASCII } from "node:url";
import { type PasswordHash, verifyPassword } from "./password-hash.ts";

/** The one account. */
export interface Account {
  readonly user: string;
  readonly domain: string;
  readonly secret:
    | { readonly kind: "password"; readonly password: string }
    | { readonly kind: "hash"; readonly hash: PasswordHash };
}

export type CheckLogin = (user: string, password: string) => Promise<boolean>;

/**
 * A mail app opens several connections and a calendar app comes every few minutes, each with the
 * same good password: it is hashed once in this time, not at every request.
 */
const REMEMBER_MS = 10 * 60 * 1000;
/** Hashing shares its four threads with all reading and writing of files (libuv's pool). */
const MAX_CONCURRENT_HASHES = 2;

/**
 * Builds the check of a user name and password. `user` and `user@domain` are the same, in any
 * letter case (RFC 8265 §3.2: phones begin with a capital); passwords are compared as written,
 * after composing their characters (RFC 8265 §4.2). Wrong user and wrong password take the same time.
 */
export function createLoginCheck(
  account: Account,
  { now, random }: { readonly now: () => Date; readonly random: (octets: number) => Uint8Array },
): CheckLogin {
  const key = random(32); // digests are comparable in this process only, and of equal length
  const names = namesOf(account).map((name) => digest(key, name));
  const check = createSecretCheck(account.secret, key, now);
  return async (user, password) => {
    const given = digest(key, foldUser(user));
    const known = names.map((name) => timingSafeEqual(name, given)).includes(true);
    const right = await check(password.normalize("NFC"));
    return known && right;
  };
}

function createSecretCheck(
  secret: Account["secret"],
  key: Uint8Array,
  now: () => Date,
): (password: string) => Promise<boolean> {
  if (secret.kind === "password") {
    const expected = digest(key, secret.password.normalize("NFC"));
    return async (password) => timingSafeEqual(expected, digest(key, password));
  }
  const verify = limitConcurrency((password: string) => verifyPassword(secret.hash, password));
  let remembered: { readonly digest: Buffer; readonly until: number } | undefined;
  return async (password) => {
    const given = digest(key, password);
    if (remembered && now().getTime() < remembered.until && timingSafeEqual(remembered.digest, given))
      return true;
    const right = await verify(password);
    if (right) remembered = { digest: given, until: now().getTime() + REMEMBER_MS };
    return right;
  };
}

/** How the account's user may be called, folded. */
export function namesOf({ user, domain }: Account): string[] {
  return [user, `${user}@${domain}`].map(foldUser);
}

/** The same for all spellings of a user name. */
export function foldUser(user: string): string {
  const folded = user.normalize("NFC").toLowerCase();
  const at = folded.lastIndexOf("@");
  if (at < 0) return folded;
  const domain = folded.slice(at + 1);
  return `${folded.slice(0, at)}@${domainToASCII(domain) || domain}`;
}

function digest(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function limitConcurrency<A, R>(run: (argument: A) => Promise<R>): (argument: A) => Promise<R> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (argument) => {
    if (running >= MAX_CONCURRENT_HASHES) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await run(argument);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
