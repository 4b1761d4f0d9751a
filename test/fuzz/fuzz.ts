/**
 * Fuzzes one reader for as long as you like: `npm run fuzz -- tnef 60`. FUZZ_SEED repeats a run. A find ends it
 * with the input and the seed; it becomes a fixture.
 */
import type { FuzzRun } from "./damage.ts";
import { runImapFuzz } from "./imap-grammar.ts";
import { runMimeFuzz } from "./mime.ts";
import { runOutlookFuzz } from "./outlook.ts";
import { runTnefFuzz } from "./tnef.ts";

const TARGETS: Readonly<Record<string, (run: FuzzRun) => Promise<number>>> = {
  imap: runImapFuzz,
  mime: runMimeFuzz,
  tnef: runTnefFuzz,
  outlook: runOutlookFuzz,
};

const [name = "", seconds = "10"] = process.argv.slice(2);
const target = TARGETS[name];
if (target === undefined || !(Number(seconds) > 0)) {
  throw new Error(`Usage: npm run fuzz -- ${Object.keys(TARGETS).join("|")} SECONDS`);
}
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
console.log(`${name}: seed ${seed}`);
const inputs = await target({ seed, milliseconds: Number(seconds) * 1000 });
console.log(`${name}: ${inputs} inputs, nothing found`);
