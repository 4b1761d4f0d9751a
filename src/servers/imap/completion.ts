/** How a command ended: the tagged answer (RFC 9051 §7.1). */
export interface Completion {
  readonly status: "OK" | "NO" | "BAD";
  /** A response code without its brackets (RFC 9051 §7.1, RFC 5530). */
  readonly code: string | undefined;
  readonly text: string;
}

export function ok(text: string, code?: string): Completion {
  return { status: "OK", code, text };
}

/** The command is understood and cannot be done. */
export function no(code: string | undefined, text: string): Completion {
  return { status: "NO", code, text };
}

/** The command makes no sense here. */
export function bad(text: string): Completion {
  return { status: "BAD", code: "CLIENTBUG", text };
}

export function formatCompletion(tag: string, { status, code, text }: Completion): string {
  return `${tag} ${status} ${code === undefined ? "" : `[${code}] `}${text}\r\n`;
}
