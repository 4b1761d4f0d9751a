import { createRequire } from "node:module";

/** From package.json, the only place that says it. */
export const VERSION: string = createRequire(import.meta.url)("../../package.json").version;
