import { parse } from "basic-auth";
import type { RequestHandler } from "express";
import type { AttemptLogin, Log } from "../net/net.ts";

/** RFC 7617 §2.1: with the charset, clients send names and passwords in UTF-8. */
const CHALLENGE = 'Basic realm="Calendar", charset="UTF-8"';
const RETRY_AFTER_S = "60";

/** Lets a request pass when its credentials are right. */
export function requireLogin(attemptLogin: AttemptLogin, log: Log): RequestHandler {
  return async (request, response, next) => {
    const credentials = parse(request.headers.authorization ?? "");
    const { ip: address = "" } = request;
    const outcome = credentials ? await attemptLogin(address, credentials.name, credentials.pass) : "refused";
    if (credentials && outcome !== "accepted") log.info({ address, outcome }, "HTTP login");
    response.set("Cache-Control", "no-store");
    switch (outcome) {
      case "accepted":
        return next();
      case "refused":
        response.status(401).set("WWW-Authenticate", CHALLENGE).type("text/plain").send("Please log in\n");
        return;
      case "slow-down":
        response.status(429).set("Retry-After", RETRY_AFTER_S).type("text/plain").send("Too many attempts\n");
    }
  };
}
