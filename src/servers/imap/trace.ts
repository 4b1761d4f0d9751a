/** Enough to see what a client wants. */
const MAX_TRACE_CHARACTERS = 200;

/** As much of a line as may be logged: what follows its first line end is a literal, and what follows LOGIN a password. */
export function traceOf(line: string): string {
  return (line.split("\r\n", 1)[0] ?? "")
    .slice(0, MAX_TRACE_CHARACTERS)
    .replace(/\b(LOGIN|AUTHENTICATE) .*/i, "$1 …");
}
