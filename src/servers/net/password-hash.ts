import { type Argon2Parameters, argon2, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

/** A password hash in the PHC string format: `$scrypt$ln=15,r=8,p=1$salt$hash` or `$argon2id$v=19$m=…`. */
export type PasswordHash = ScryptHash | Argon2Hash;

interface ScryptHash {
  readonly algorithm: "scrypt";
  readonly options: ScryptOptions;
  readonly salt: Uint8Array;
  readonly digest: Uint8Array;
}

interface Argon2Hash {
  readonly algorithm: "argon2id";
  readonly options: Pick<Argon2Parameters, "memory" | "passes" | "parallelism">;
  readonly salt: Uint8Array;
  readonly digest: Uint8Array;
}

/** One check may use this much memory; several run at once. OWASP's strongest proposals stay below 128 MiB. */
const MAX_MEMORY_OCTETS = 512 * 1024 * 1024;
const MAX_PASSES = 64;
const MIN_SALT_OCTETS = 8;
const MIN_DIGEST_OCTETS = 16;
/** Standard base64 without padding. */
const BASE64 = "([A-Za-z0-9+/]+)";
const SCRYPT = new RegExp(`^\\$scrypt\\$ln=(\\d{1,2}),r=(\\d{1,2}),p=(\\d{1,2})\\$${BASE64}\\$${BASE64}$`);
const ARGON2ID = new RegExp(
  `^\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,2}),p=(\\d{1,2})\\$${BASE64}\\$${BASE64}$`,
);

const deriveScrypt = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scrypt);
const deriveArgon2 = promisify<"argon2id", Argon2Parameters, Buffer>(argon2);

/** Nothing when the text is not such a hash, or asks for more memory or less security than is reasonable. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const parsed = parseScrypt(text) ?? parseArgon2(text);
  if (!parsed) return undefined;
  const enough = parsed.salt.length >= MIN_SALT_OCTETS && parsed.digest.length >= MIN_DIGEST_OCTETS;
  return enough ? parsed : undefined;
}

/** RFC 7914 §2: the cost is given as its binary logarithm. */
function parseScrypt(text: string): ScryptHash | undefined {
  const [whole, ln, r, p, salt = "", digest = ""] = SCRYPT.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const [cost, blockSize, parallelization] = [2 ** Number(ln), Number(r), Number(p)];
  const memory = 128 * blockSize * (cost + parallelization + 2);
  if (cost < 2 || blockSize < 1 || parallelization < 1 || memory > MAX_MEMORY_OCTETS) return undefined;
  return {
    algorithm: "scrypt",
    options: { cost, blockSize, parallelization, maxmem: memory + 1024 },
    salt: Buffer.from(salt, "base64"),
    digest: Buffer.from(digest, "base64"),
  };
}

/** RFC 9106 §3.1: the memory is given in KiB, at least eight times the parallelism. */
function parseArgon2(text: string): Argon2Hash | undefined {
  const [whole, m, t, p, salt = "", digest = ""] = ARGON2ID.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const [memory, passes, parallelism] = [Number(m), Number(t), Number(p)];
  if (parallelism < 1 || passes < 1 || passes > MAX_PASSES) return undefined;
  if (memory < 8 * parallelism || memory * 1024 > MAX_MEMORY_OCTETS) return undefined;
  return {
    algorithm: "argon2id",
    options: { memory, passes, parallelism },
    salt: Buffer.from(salt, "base64"),
    digest: Buffer.from(digest, "base64"),
  };
}

/** Takes as long for a wrong password as for the right one; tens of milliseconds, in a thread. */
export async function verifyPassword(hash: PasswordHash, password: string): Promise<boolean> {
  const derived =
    hash.algorithm === "scrypt"
      ? await deriveScrypt(password, hash.salt, hash.digest.length, hash.options)
      : await deriveArgon2("argon2id", {
          ...hash.options,
          message: password,
          nonce: hash.salt,
          tagLength: hash.digest.length,
        });
  return timingSafeEqual(derived, hash.digest);
}
