/** What a measurement is about to show. One that does not hold makes the program end with 1. */
export function claim(what: string, holds: boolean): void {
  console.log(`${holds ? "holds " : "FAILED"}  ${what}`);
  if (!holds) process.exitCode = 1;
}
