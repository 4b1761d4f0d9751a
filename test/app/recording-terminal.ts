import type { Terminal } from "../../src/app/commands.ts";

export interface RecordingTerminal {
  readonly terminal: Terminal;
  readonly printed: () => string;
  /** What was printed as errors. */
  readonly complaints: () => string;
}

/** A terminal at which nobody sits and nothing stops. */
export function recordingTerminal(): RecordingTerminal {
  let printed = "";
  let complaints = "";
  const terminal: Terminal = {
    print(text) {
      printed += text;
    },
    printError(text) {
      complaints += text;
    },
    isInteractive: false,
    stop: new AbortController().signal,
    onHangUp: () => undefined,
  };
  return { terminal, printed: () => printed, complaints: () => complaints };
}
