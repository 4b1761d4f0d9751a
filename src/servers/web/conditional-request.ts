import type { IncomingHttpHeaders } from "node:http";

export interface Validators {
  /** Strong, with its quotes. */
  readonly etag: string;
  readonly lastModified: Date;
}

/**
 * Reports whether a GET or HEAD is to be answered 304 (RFC 9110 §13.2.2): If-None-Match decides, and
 * If-Modified-Since only where there is none. Express' `request.fresh` is of no use here, it sends
 * everything to a client that says `Cache-Control: no-cache`; that asks caches to validate, and
 * `fetch` says it with every conditional request.
 */
export function isFresh(fields: IncomingHttpHeaders, current: Validators): boolean {
  const noneMatch = fields["if-none-match"];
  if (noneMatch !== undefined) return matchesAny(noneMatch, current.etag);
  const modifiedSince = parseHttpDate(fields["if-modified-since"] ?? "");
  // HTTP dates have whole seconds; a date that cannot be parsed is not a condition (RFC 9110 §13.1.3).
  return Math.floor(current.lastModified.getTime() / 1000) * 1000 <= modifiedSince;
}

/** RFC 9110 §13.1.2, by weak comparison (§8.8.3.2): caches add `W/` on their own. */
function matchesAny(noneMatch: string, etag: string): boolean {
  if (noneMatch.trim() === "*") return true;
  return noneMatch.match(/"[^"]*"/g)?.includes(etag) ?? false;
}

/** Milliseconds, or NaN. All three forms are in UTC (RFC 9110 §5.6.7), one without saying so. */
function parseHttpDate(text: string): number {
  return Date.parse(text.endsWith(" GMT") ? text : `${text} GMT`);
}
