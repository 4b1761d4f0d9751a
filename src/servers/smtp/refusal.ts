/**
 * An answer of 4yz or 5yz to what the peer asked: thrown by the handlers of a command, caught where
 * they meet smtp-server.
 */
export class Refusal extends Error {
  /** smtp-server's name for it. */
  readonly responseCode: number;

  /** @param status enhanced status code (RFC 3463) */
  constructor(responseCode: number, status: string, text: string) {
    super(`${status} ${text}`);
    this.responseCode = responseCode;
  }
}

const STATUS = /^[245]\.\d{1,3}\.\d{1,3} /;

/** Whether a reply's text begins with its own enhanced status code. */
export function hasStatus(text: unknown): boolean {
  return typeof text === "string" && STATUS.test(text);
}

/**
 * What a sender is told when its message could not be stored. Always temporary, so that it keeps
 * the message; a full disk has a code of its own (RFC 3463 §3.4).
 */
export function refusalOfFailure(failure: unknown): Refusal {
  return isDiskFull(failure)
    ? new Refusal(452, "4.3.1", "Out of storage, please try again later")
    : new Refusal(451, "4.3.0", "Cannot store the message, please try again later");
}

function isDiskFull(failure: unknown): boolean {
  for (let error = failure; error instanceof Error; error = error.cause) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC" || code === "EDQUOT") return true;
  }
  return false;
}
