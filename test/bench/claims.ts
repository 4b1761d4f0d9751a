/** What a measurement is about to show. One that does not hold makes the program end with 1. */
export function claim(what: string, holds: boolean): void {
  console.log(`${holds ? "holds " : "FAILED"}  ${what}`);
  if (!holds) process.exitCode = 1;
}

/** Ends the program with 1 if it is not done by then: a server that hangs would be waited for without end. */
export function endWithin(milliseconds: number): void {
  setTimeout(() => {
    console.log(`FAILED  it was not done after ${milliseconds / 1000} s`);
    process.exit(1);
  }, milliseconds).unref();
}
