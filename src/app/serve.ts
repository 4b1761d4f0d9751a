import { once } from "node:events";
import type { Config } from "./config.ts";
import { createLog } from "./log.ts";
import { startApp } from "./server.ts";

/** Runs the server until `stop` is aborted. */
export async function serve(config: Config, stop: AbortSignal): Promise<void> {
  const log = createLog({ debug: config.debug, format: "json" });
  const app = await startApp(config, { log });
  if (!stop.aborted) await once(stop, "abort");
  log.info({}, "Stopping");
  await app.stop();
  log.info({}, "Stopped");
}
