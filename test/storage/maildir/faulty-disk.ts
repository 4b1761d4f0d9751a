import { type Disk, type NewFile, realDisk } from "../../../src/storage/maildir/disk.ts";

/** What happens at the chosen step: that one fails, or it and all after it are never done. */
export type Fault = "fails" | "stops";

/** What a disk says that fails. */
export class DiskError extends Error {
  readonly code = "EIO";
}

/** A real disk, one step of which goes wrong. `steps` counts those that were asked for. */
export function faultyDisk(fault: Fault, atStep: number): Disk & { readonly steps: number } {
  let steps = 0;
  async function step<T>(act: () => Promise<T>): Promise<T> {
    steps += 1;
    if (fault === "stops" ? steps >= atStep : steps === atStep) throw new DiskError("The disk failed");
    return act();
  }
  async function stepwise(open: () => Promise<NewFile>): Promise<NewFile> {
    const file = await step(open);
    return {
      write: (octets) => step(() => file.write(octets)),
      utimes: (accessed, modified) => step(() => file.utimes(accessed, modified)),
      sync: () => step(() => file.sync()),
      // Always, or the test would leak it; a process that stops closes its files too.
      close: () => file.close(),
    };
  }
  return {
    get steps() {
      return steps;
    },
    create: (path, writing) => stepwise(() => realDisk.create(path, writing)),
    reopen: (path) => stepwise(() => realDisk.reopen(path)),
    link: (from, to) => step(() => realDisk.link(from, to)),
    rename: (from, to) => step(() => realDisk.rename(from, to)),
    unlink: (path) => step(() => realDisk.unlink(path)),
    syncFolder: (path) => step(() => realDisk.syncFolder(path)),
  };
}
