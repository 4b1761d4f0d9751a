import { dirname } from "node:path";
import { watch } from "chokidar";
import { readTlsPair, type TlsPair, type TlsPaths } from "./tls-pair.ts";

/**
 * The watcher is only there for speed: it sees the folders of the two files, not what a symbolic
 * link in them points to, nor a network file system. This finds the rest.
 */
const RESCAN_MS = 10 * 60 * 1000;

export interface TlsWatch {
  /** Looks now. Resolves when what was found has been reported. */
  check(): Promise<void>;
  stop(): Promise<void>;
}

export interface TlsWatchOptions extends TlsPaths {
  readonly current: TlsPair;
  /** A pair that belongs together and differs from the one before. */
  readonly onRenewed: (pair: TlsPair) => void;
  /** The files changed and cannot be used; also between the two writes of a renewal. The old pair stays. */
  readonly onProblem: (problem: Error) => void;
}

/** Watches for renewal, whether the files are replaced, rewritten or reached through new links. */
export function watchTlsPair({ current, onRenewed, onProblem, ...paths }: TlsWatchOptions): TlsWatch {
  let known = current;
  let lastProblem = "";
  let checking = Promise.resolve();

  async function checkOnce(): Promise<void> {
    try {
      const pair = await readTlsPair(paths);
      lastProblem = "";
      if (pair.key === known.key && pair.cert === known.cert) return;
      known = pair;
      onRenewed(pair);
    } catch (cause) {
      const problem = cause as Error;
      if (problem.message !== lastProblem) onProblem(problem); // not once more at every rescan
      lastProblem = problem.message;
    }
  }

  /** One after the other, or a slow read of the old files could be reported after the new ones. */
  function check(): Promise<void> {
    checking = checking.then(checkOnce);
    return checking;
  }

  const folders = new Set([dirname(paths.keyFile), dirname(paths.certFile)]);
  const watcher = watch([...folders], { depth: 0, ignoreInitial: true })
    .on("all", () => void check())
    .on("ready", () => void check()) // what changed since `current` was read
    .on("error", (cause) => onProblem(new Error("Cannot watch the key and certificate files", { cause })));
  const rescan = setInterval(() => void check(), RESCAN_MS).unref();

  return {
    check,
    async stop() {
      clearInterval(rescan);
      await watcher.close();
      await checking;
    },
  };
}
