import { once } from "node:events";
import type { Terminal } from "./commands.ts";
import type { Config } from "./config.ts";
import { createLog } from "./log.ts";
import { startApp } from "./server.ts";

type ServeOptions = Pick<Terminal, "stop" | "onHangUp">;

/** Runs the server until `stop` is aborted. A hang-up makes it look for a renewed certificate. */
export async function serve(config: Config, { stop, onHangUp }: ServeOptions): Promise<void> {
  const log = createLog({ debug: config.debug, format: "json" });
  const app = await startApp(config, { log });
  onHangUp(() => void app.checkCertificate());
  if (!stop.aborted) await once(stop, "abort");
  log.info({}, "Stopping");
  await app.stop();
  log.info({}, "Stopped");
}
