import type { Terminal } from "./commands.ts";

const WIDTH = 30;

export interface Progress {
  readonly show: (done: number, total: number) => void;
  end(): void;
}

/** A bar on the terminal, drawn over itself; nothing where nobody looks. */
export function drawProgress(title: string, { isInteractive, printError }: Terminal): Progress {
  let drawn = "";
  return {
    show(done, total) {
      const filled = Math.floor((WIDTH * done) / Math.max(total, 1));
      const bar = "#".repeat(filled).padEnd(WIDTH, ".");
      const line = `\r${title} [${bar}] ${Math.floor((100 * done) / Math.max(total, 1))}%`;
      if (!isInteractive || line === drawn) return;
      drawn = line;
      printError(line);
    },
    end() {
      if (drawn !== "") printError("\n");
    },
  };
}
