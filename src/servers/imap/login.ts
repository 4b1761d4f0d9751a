import type { Command } from "../../core/imap/imap.ts";
import { decodeCharset, fromOctetString } from "../../core/mime/mime.ts";
import type { LoginOutcome } from "../net/net.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { type Completion, no, ok } from "./completion.ts";
import type { Session } from "./session.ts";

/** A password is not to be sent in clear (RFC 9051 §11.1). */
export const NOT_PRIVATE = no("PRIVACYREQUIRED", "Use STARTTLS first");

/** LOGIN (RFC 9051 §6.2.3). */
export async function logIn(
  session: Session,
  command: Extract<Command, { name: "LOGIN" }>,
): Promise<Completion> {
  if (!session.channel.isSecure) return NOT_PRIVATE;
  return attemptPassword(session, textOf(command.user), textOf(command.password));
}

/** Lets the client in if the password is right. */
export async function attemptPassword(session: Session, user: string, password: string): Promise<Completion> {
  const { options, address } = session;
  return finishLogin(session, await options.attemptLogin(address, user, password));
}

/** What becomes of the session by what was found of its client. */
export function finishLogin(session: Session, outcome: LoginOutcome): Completion {
  const { options, address } = session;
  options.log.info({ address, outcome }, "IMAP login");
  return outcome === "accepted" ? welcome(session) : REFUSALS[outcome];
}

const REFUSALS: Readonly<Record<Exclude<LoginOutcome, "accepted">, Completion>> = {
  refused: no("AUTHENTICATIONFAILED", "User name and password do not match"),
  "slow-down": no("LIMIT", "Too many attempts, try again later"),
};

function welcome(session: Session): Completion {
  const { limits } = session.options;
  session.logIn();
  session.channel.maxCommandOctets = limits.loggedInCommandOctets;
  session.channel.setIdleTimeout(limits.idleMs);
  return ok("Logged in", `CAPABILITY ${capabilitiesOf(session)}`);
}

/** User names and passwords are UTF-8 (RFC 9051 §6.2.3, RFC 4616 §2). */
export function textOf(octets: string): string {
  return decodeCharset(fromOctetString(octets), "utf-8");
}
