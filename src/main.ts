#!/usr/bin/env node
/** Arguments and signals in, exit code out. */
import { enableCompileCache } from "node:module";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

// Halves the start and saves the memory that stripping types takes. Kept beside the code: who may write there
// may write the code too, while Node's own choice, below /tmp, may be anybody's. Where that cannot be
// written, nothing is kept, and nothing is said.
enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/secretary", import.meta.url)));
const { run } = await import("./app/app.ts");

/** Supervisors kill what has not stopped by then: ten seconds is Docker's patience. */
const STOP_WITHIN_MS = 10_000;

const stop = new AbortController();

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    const killed = 128 + constants.signals[signal]; // as a shell would report it
    if (stop.signal.aborted) process.exit(killed);
    stop.abort();
    setTimeout(() => process.exit(killed), STOP_WITHIN_MS).unref();
  });
}

/** Nobody reads what is printed any more: as with `| head`, which has seen enough. */
let isUnread = false;

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    isUnread = true;
    stop.abort(); // what is half done on the disk is finished first
  });
}

const code = await run(process.argv.slice(2), {
  print: (text) => process.stdout.write(text),
  printError: (text) => process.stderr.write(text),
  isInteractive: process.stderr.isTTY === true,
  stop: stop.signal,
  onHangUp: (listener) => process.on("SIGHUP", listener),
});
process.exit(isUnread ? 128 + constants.signals.SIGPIPE : code);
