/** The message of a failure and of what caused it; a bug, which is more than a plain Error, with its stack. */
export function formatFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name !== "Error") return error.stack ?? error.message;
  return error.cause === undefined ? error.message : `${error.message}\n  ${formatFailure(error.cause)}`;
}
