import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** For a test that runs programs of Debian's: `false`, or the reason to skip it, in its runner's words. */
export function skipWithout(...programs: readonly string[]): string | false {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const missing = programs.find((program) => !folders.some((folder) => existsSync(join(folder, program))));
  return missing === undefined ? false : `${missing} is not installed`;
}
