import { type Account, parsePasswordHash } from "../servers/net/net.ts";
import { Secret } from "./secret.ts";
import type { SettingFault } from "./setting-text.ts";

/** Reads a secret from a file, or throws an Error that says why it cannot. */
export type ReadSecretFile = (path: string) => string;

export type PasswordSecret = Secret<Account["secret"]>;

/** The ways to give the one password; exactly one must be used. */
export const PASSWORD_NAMES = [
  "MAILPASSWORD",
  "MAILPASSWORD_FILE",
  "MAILPASSWORD_HASH",
  "MAILPASSWORD_HASH_FILE",
] as const;

type PasswordName = (typeof PASSWORD_NAMES)[number];
type PasswordReading = { readonly value: PasswordSecret } | { readonly fault: SettingFault };

/** Takes the password or its hash from the environment or from the file named there. No fault quotes it. */
export function readPassword(
  texts: ReadonlyMap<string, string>,
  readSecretFile: ReadSecretFile,
): PasswordReading {
  const [name, another] = PASSWORD_NAMES.filter((each) => texts.has(each));
  if (name === undefined) {
    const ways = "or the name of a file with it as MAILPASSWORD_FILE, or its hash as MAILPASSWORD_HASH";
    return { fault: { name: "MAILPASSWORD", message: `is not set: write a password, ${ways}` } };
  }
  if (another !== undefined) {
    return { fault: { name: another, message: `is set together with ${name}: keep one of the two` } };
  }
  const text = texts.get(name) ?? "";
  try {
    return readSecret(name, name.endsWith("_FILE") ? readSecretFile(text) : text);
  } catch (error) {
    return { fault: { name, message: `cannot be used: ${(error as Error).message}` } };
  }
}

function readSecret(name: PasswordName, text: string): PasswordReading {
  if (name.startsWith("MAILPASSWORD_HASH")) {
    const hash = parsePasswordHash(text);
    if (hash !== undefined) return { value: new Secret({ kind: "hash", hash }) };
    const forms = "$argon2id$v=19$m=65536,t=3,p=1$salt$hash or $scrypt$ln=16,r=8,p=1$salt$hash";
    return { fault: { name, message: `holds no hash that can be checked: write one of the form ${forms}` } };
  }
  if (text === "") return { fault: { name, message: "names an empty file: write a password into it" } };
  if (/\p{Cc}/u.test(text)) {
    const message = "holds control characters, which no app can send (RFC 7617 §2): choose another password";
    return { fault: { name, message } };
  }
  return { value: new Secret({ kind: "password", password: text }) };
}
