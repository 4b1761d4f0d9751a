import { once } from "node:events";
import { flushCompileCache } from "node:module";
import type { Terminal } from "./commands.ts";
import type { Config } from "./config.ts";
import { createLog } from "./log.ts";
import { noticesAbout } from "./notices.ts";
import { startApp } from "./server.ts";

type ServeOptions = Pick<Terminal, "stop" | "onHangUp">;

/** Runs the server until `stop` is aborted. A hang-up makes it look for a renewed certificate. */
export async function serve(config: Config, { stop, onHangUp }: ServeOptions): Promise<void> {
  const log = createLog({ debug: config.debug, format: "json" });
  for (const notice of await noticesAbout(config)) log.warn(notice, "A setting is hardly meant as it is");
  const app = await startApp(config, { log });
  flushCompileCache(); // or a server that is killed each time would never keep it
  onHangUp(() => void app.checkCertificate());
  if (!stop.aborted) await once(stop, "abort");
  log.info({}, "Stopping");
  await app.stop();
  log.info({}, "Stopped");
}
