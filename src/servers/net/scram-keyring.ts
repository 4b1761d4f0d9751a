import { createHmac } from "node:crypto";
import { deriveScramKeys, type ScramKeys } from "../../core/scram/scram.ts";
import { type Account, foldUser, namesOf } from "./credentials.ts";

/** The keys that a client which gives this user name has to prove to know; some for every name. */
export type ScramKeysOf = (user: string) => ScramKeys;

/** RFC 7677 §4 asks for 4096 at least. More slows whoever records a login and guesses; clients do it once in a session. */
const ITERATIONS = 10_000;
const SALT_OCTETS = 16;

/**
 * The keys of the account; undefined where its password is not known in clear, since they cannot be made
 * from another hash. A name that is none of the account's has a salt, too, always the same until the next
 * start, and keys that nobody can prove to know: it looks and takes as long as one with another password.
 */
export function createScramKeyring(
  account: Account,
  random: (octets: number) => Uint8Array,
): ScramKeysOf | undefined {
  const { secret } = account;
  if (secret.kind !== "password") return undefined;
  const saltKey = random(32);
  const saltOf = (name: string): Uint8Array =>
    createHmac("sha256", saltKey).update(name).digest().subarray(0, SALT_OCTETS);
  const known = new Map(
    namesOf(account).map((name) => [
      name,
      deriveScramKeys(secret.password, { salt: saltOf(name), iterations: ITERATIONS }),
    ]),
  );
  const nobodys = { iterations: ITERATIONS, storedKey: random(32), serverKey: random(32) };
  return (user) => {
    const name = foldUser(user);
    return known.get(name) ?? { ...nobodys, salt: saltOf(name) };
  };
}
