/** What is wrong with octets a client sent. Returned, never thrown. */
export interface Problem {
  /** Octets from the start of the command. */
  readonly offset: number;
  readonly message: string;
}

/** A command is understood whole or not at all. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };
