import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** Real samples, kept beside the repository; absent on most machines. */
const CORPUS = resolve(import.meta.dirname, "../../../shared/corpus");

export const WITHOUT_CORPUS: string | false = existsSync(CORPUS)
  ? false
  : "the corpus of real samples is not here";

/** Paths of the samples below a folder that end so, relative to it; none where there is no corpus. */
export function samplesIn(folder: string, ending: RegExp): string[] {
  if (WITHOUT_CORPUS) return [];
  return readdirSync(join(CORPUS, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => ending.test(file))
    .sort();
}

export function readSample(...path: readonly string[]): Buffer {
  return readFileSync(join(CORPUS, ...path));
}

/** What MANIFEST.tsv says of a sample. */
export function describedAs(path: string): string {
  const row = readSample("MANIFEST.tsv")
    .toString()
    .split("\n")
    .find((line) => line.startsWith(`${path}\t`));
  return row?.split("\t")[4] ?? "";
}
