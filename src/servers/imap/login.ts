import { Buffer } from "node:buffer";
import type { Command } from "../../core/imap/imap.ts";
import { decodeCharset, fromOctetString } from "../../core/mime/mime.ts";
import type { LoginOutcome } from "../net/net.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { bad, type Completion, no, ok } from "./completion.ts";
import type { Session } from "./session.ts";

/** A password is not to be sent in clear (RFC 9051 §11.1). */
const NOT_PRIVATE = no("PRIVACYREQUIRED", "Use STARTTLS first");

/** LOGIN (RFC 9051 §6.2.3). */
export async function logIn(
  session: Session,
  command: Extract<Command, { name: "LOGIN" }>,
): Promise<Completion> {
  if (!session.channel.isSecure) return NOT_PRIVATE;
  return attempt(session, textOf(command.user), textOf(command.password));
}

/** AUTHENTICATE PLAIN (RFC 9051 §6.2.2, RFC 4616), with or without an initial response (RFC 4959). */
export async function authenticate(
  session: Session,
  command: Extract<Command, { name: "AUTHENTICATE" }>,
): Promise<Completion> {
  const { channel } = session;
  if (!channel.isSecure) return NOT_PRIVATE;
  if (command.mechanism !== "PLAIN") return no("CANNOT", "This mechanism is not offered");
  if (command.initial === undefined) await channel.goOn("");
  const response = command.initial ?? (await channel.nextLine());
  if (response === undefined || response === "*") return bad("Authentication is cancelled");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(response)) return bad("The response is not Base64");
  const [authorizeAs, user, password, ...rest] = Buffer.from(response, "base64")
    .toString("latin1")
    .split("\0");
  if (user === undefined || password === undefined || rest.length > 0)
    return bad("The response is not of PLAIN");
  // Nobody may act for somebody else: there is nobody else.
  const isSame = authorizeAs === "" || authorizeAs === user;
  return attempt(session, isSame ? textOf(user) : "", textOf(password));
}

async function attempt(session: Session, user: string, password: string): Promise<Completion> {
  const { options, address } = session;
  const outcome = await options.attemptLogin(address, user, password);
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
function textOf(octets: string): string {
  return decodeCharset(fromOctetString(octets), "utf-8");
}
