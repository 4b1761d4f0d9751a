import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { saslPrep } from "./sasl-prep.ts";

/** What a server has to know of a password (RFC 5802 §3); the password cannot be told from it. */
export interface ScramKeys {
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** Takes as long as the iterations do: some milliseconds for 10,000. RFC 7677 §4 asks for 4096 at least. */
export function deriveScramKeys(
  password: string,
  { salt, iterations }: Pick<ScramKeys, "salt" | "iterations">,
): ScramKeys {
  const salted = pbkdf2Sync(saslPrep(password), salt, iterations, 32, "sha256");
  const storedKey = createHash("sha256").update(hmac(salted, "Client Key")).digest();
  return { salt, iterations, storedKey, serverKey: hmac(salted, "Server Key") };
}

/** HMAC of octets written as characters. */
export function hmac(key: Uint8Array, octets: string): Buffer {
  return createHmac("sha256", key).update(octets, "latin1").digest();
}
