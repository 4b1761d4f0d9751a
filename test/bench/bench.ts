/** Runs measurements by name: `npm run bench -- tnef` runs `tnef.bench.ts`. */
import { readdirSync } from "node:fs";

const ENDING = ".bench.ts";
const known = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(ENDING))
  .map((file) => file.slice(0, -ENDING.length));
const names = process.argv.slice(2);
if (names.length === 0 || !names.every((name) => known.includes(name))) {
  throw new Error(`Usage: npm run bench -- ${known.join("|")}`);
}
for (const name of names) await import(`./${name}${ENDING}`);
