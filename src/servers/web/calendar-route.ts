import type { RequestHandler } from "express";
import { isFresh, type Validators } from "./conditional-request.ts";

/** What is served; the octets are not copied, and must not change. */
export interface Feed extends Validators {
  readonly octets: Uint8Array;
}

const RETRY_AFTER_S = "60";

/** GET and HEAD of the calendar, whole or not at all. */
export function serveCalendar(feed: () => Feed | undefined): RequestHandler {
  return (request, response) => {
    const current = feed();
    if (!current) {
      // Never an empty 200: Thunderbird would empty the calendar, GNOME its cache.
      response.status(503).set("Retry-After", RETRY_AFTER_S).type("text/plain").send("Not ready yet\n");
      return;
    }
    response.set({
      ETag: current.etag,
      "Last-Modified": current.lastModified.toUTCString(),
      "Cache-Control": "private, no-cache",
    });
    if (isFresh(request.headers, current)) {
      response.status(304).end();
      return;
    }
    // Nothing is compressed and no ranges are offered: Outlook fails at a compressed feed, and both
    // would need other validators.
    response.set({
      "Content-Type": "text/calendar; charset=utf-8",
      "Content-Length": String(current.octets.length),
      "Content-Disposition": 'inline; filename="calendar.ics"',
      "X-Content-Type-Options": "nosniff",
      "X-Robots-Tag": "noindex",
    });
    response.end(request.method === "HEAD" ? undefined : current.octets);
  };
}
