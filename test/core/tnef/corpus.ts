import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** Real samples, kept beside the repository; absent on most machines. */
export const CORPUS = resolve(import.meta.dirname, "../../../../shared/corpus/tnef");

export const HAS_CORPUS: boolean = existsSync(CORPUS);
export const WITHOUT_CORPUS: string | false = HAS_CORPUS ? false : "the corpus of real samples is not here";

/** Paths of the samples, relative to the corpus. */
export function corpusSamples(): string[] {
  if (!HAS_CORPUS) return [];
  return readdirSync(CORPUS, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(?:tnef|dat|eml)$/.test(file))
    .sort();
}

/** The TNEF stream of a sample. A sample that is a mail holds it as base64, or binary as its whole body. */
export function readSample(file: string): Uint8Array {
  const octets = readFileSync(join(CORPUS, file));
  if (!file.endsWith(".eml")) return octets;
  const text = octets.toString("latin1");
  const [base64] = /^eJ8\+[A-Za-z0-9+/=\r\n]+/m.exec(text) ?? [];
  if (base64 !== undefined) return Buffer.from(base64, "base64");
  return octets.subarray(text.indexOf("\x78\x9f\x3e\x22"));
}

export function readExpected(file: string): unknown {
  return JSON.parse(readFileSync(join(CORPUS, `${file}.expected.json`), "utf8"));
}
