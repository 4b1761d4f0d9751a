import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import type { AttemptLogin, Log, Proxies } from "../net/net.ts";
import { requireLogin } from "./basic-login.ts";
import { type Feed, serveCalendar } from "./calendar-route.ts";

export interface ApplicationOptions {
  /** The feed as it is now; nothing while it cannot be produced, which is answered 503. */
  readonly feed: () => Feed | undefined;
  readonly attemptLogin: AttemptLogin;
  /** They may name their clients with the PROXY protocol or in `X-Forwarded-For`. */
  readonly proxies: Proxies;
  readonly log: Log;
}

/** Every path there is, and the answers for all others. */
export function createApplication({ feed, attemptLogin, proxies, log }: ApplicationOptions): Express {
  const application = express();
  application.disable("x-powered-by");
  application.disable("etag"); // express would hash 8 MB at every request; the feed has its own
  application.set("trust proxy", (address: string) => proxies.has(address)); // for `request.ip`
  application.enable("strict routing");
  application.enable("case sensitive routing");

  application.route("/calendar.ics").all(readOnly).get(requireLogin(attemptLogin, log), serveCalendar(feed));
  application.route("/healthz").all(readOnly).get(sayPlainly("ok\n"));
  // Google's importer asks for it, and was reported to fail without one.
  application.route("/robots.txt").all(readOnly).get(sayPlainly("User-agent: *\nDisallow:\n"));
  application.use((_request, response) => {
    response.status(404).type("text/plain").send("Not found\n");
  });
  const answerFailure: ErrorRequestHandler = (failure, request, response, _next) => {
    if (failure?.status >= 400 && failure.status < 500) return void response.sendStatus(failure.status);
    log.error({ err: failure, path: request.path }, "Cannot answer an HTTP request");
    if (response.headersSent) response.destroy();
    else response.status(500).type("text/plain").send("Internal error\n");
  };
  application.use(answerFailure);
  return application;
}

/** RFC 9110 §15.5.6. macOS and DAVx5 probe with OPTIONS and PROPFIND before they have a password. */
const readOnly: RequestHandler = (request, response, next) => {
  if (request.method === "GET" || request.method === "HEAD") return next();
  response.status(405).set("Allow", "GET, HEAD").type("text/plain").send("Method not allowed\n");
};

function sayPlainly(text: string): RequestHandler {
  return (_request, response) => {
    response.type("text/plain").send(text);
  };
}
