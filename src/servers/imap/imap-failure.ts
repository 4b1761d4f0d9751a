/** Whether something could not be done, by our disk or for a client that went away; all else that is thrown is a bug. */
export function isFailure(error: unknown): boolean {
  return error instanceof Error && error.name === "Error";
}
