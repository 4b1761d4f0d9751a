import type { SMTPServerAddress, SMTPServerEnvelope } from "smtp-server";
import { Refusal } from "./refusal.ts";

type Parameters = SMTPServerAddress["args"];

/** Of the extensions that EHLO offers: RFC 1870, RFC 6152, RFC 6531. smtp-server checks their values. */
const MAIL_PARAMETERS = ["SIZE", "BODY", "SMTPUTF8"];

/** A path without brackets may have 254 octets (RFC 5321 §4.5.3.1.3); rewritten return paths have more. */
const MAX_PATH_OCTETS = 512;

/** Throws a `Refusal` for what EHLO did not offer: a promise we do not know of must not seem to be kept. */
export function checkMailParameters(given: Parameters): void {
  checkParameters(given, MAIL_PARAMETERS);
}

export function checkRcptParameters(given: Parameters): void {
  checkParameters(given, []);
}

/** RFC 5321 §4.1.1.11 */
function checkParameters(given: Parameters, known: readonly string[]): void {
  const unknown = Object.keys(given || {}).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Refusal(555, "5.5.4", "Parameter not implemented");
}

/** Throws a `Refusal` for an address that would not fit into a trace field. */
export function checkPath(path: string, { smtpUtf8 }: SMTPServerEnvelope, status: "5.1.3" | "5.1.7"): void {
  if (Buffer.byteLength(path) > MAX_PATH_OCTETS) throw new Refusal(501, status, "Address too long");
  // RFC 6531 §3.4, §3.5
  if (!smtpUtf8 && /[^\x20-\x7e]/.test(path)) throw new Refusal(553, "5.6.7", "Address needs SMTPUTF8");
}
