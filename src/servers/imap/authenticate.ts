import type { Command } from "../../core/imap/imap.ts";
import { bad, type Completion, no } from "./completion.ts";
import { attemptPassword, NOT_PRIVATE, textOf } from "./login.ts";
import { mechanismsOf } from "./mechanisms.ts";
import { SaslResponses } from "./sasl-responses.ts";
import { logInByScram } from "./scram-login.ts";
import type { Session } from "./session.ts";

/** AUTHENTICATE, with or without an initial response (RFC 9051 §6.2.2, RFC 4959). */
export async function authenticate(
  session: Session,
  command: Extract<Command, { name: "AUTHENTICATE" }>,
): Promise<Completion> {
  if (!session.channel.isSecure) return NOT_PRIVATE;
  const mechanism = mechanismsOf(session).find((name) => name === command.mechanism);
  const responses = new SaslResponses(session.channel, command.initial);
  switch (mechanism) {
    case undefined:
      return no("CANNOT", "This mechanism is not offered");
    case "PLAIN":
      return logInPlainly(session, responses);
    case "LOGIN":
      return logInByQuestions(session, responses);
    default:
      return logInByScram(session, mechanism, responses);
  }
}

/** PLAIN (RFC 4616). */
async function logInPlainly(session: Session, responses: SaslResponses): Promise<Completion> {
  const response = await responses.to("");
  if (!("octets" in response)) return response;
  const [authorizeAs, user, password, ...rest] = response.octets.split("\0");
  if (user === undefined || password === undefined || rest.length > 0)
    return bad("The response is not of PLAIN");
  // Nobody may act for somebody else: there is nobody else.
  const isSame = authorizeAs === "" || authorizeAs === user;
  return attemptPassword(session, isSame ? textOf(user) : "", textOf(password));
}

/** LOGIN, which no RFC has and Outlook and old phones use (draft-murchison-sasl-login). */
async function logInByQuestions(session: Session, responses: SaslResponses): Promise<Completion> {
  const user = await responses.to("Username:");
  if (!("octets" in user)) return user;
  const password = await responses.to("Password:");
  if (!("octets" in password)) return password;
  return attemptPassword(session, textOf(user.octets), textOf(password.octets));
}
