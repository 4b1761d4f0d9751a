import { type FSWatcher, watch as watchEntries } from "node:fs";
import { basename, join } from "node:path";
import { watch } from "chokidar";

/** Ends what was started. */
export interface Watching {
  stop(): Promise<void>;
}

/** What is said of all messages of a mailbox, beside its folders. */
const LISTS: ReadonlySet<string> = new Set(["dovecot-uidlist", "dovecot-keywords"]);

/** What in a mailbox's folder is of interest: not the indexes, to which we and Dovecot write all the time. */
const WATCHED_ENTRIES: ReadonlySet<string> = new Set(["cur", "new", ...LISTS]);

/** Something may have changed: with the file in `new` or `cur`, or the list beside them, if it is that. */
export type OnHint = (path?: string) => void;

/** Whether a hint is about a list, and not about a message. */
export function isList(path: string): boolean {
  return LISTS.has(basename(path));
}

/**
 * Says that something in a mailbox's folder may have changed. A hint: it may come once for many changes,
 * without any, or, when the kernel's queue overflows, not at all; so look again from time to time anyway.
 *
 * chokidar watches the folder itself, with `dovecot-keywords` and its like in it, and sees when `cur` or
 * `new` are made anew, as a restored backup does. Inside of those two Node's own watcher is enough: chokidar
 * would stat and remember every message, which took 4 s and 170 MB for 100,000 of them.
 */
export function watchFolder(folder: string, onHint: OnHint): Watching {
  const inside = new Map<string, FSWatcher>();
  const leave = (subfolder: string) => {
    inside.get(subfolder)?.close();
    inside.delete(subfolder);
  };
  const enter = (subfolder: string) => {
    leave(subfolder);
    try {
      const watcher = watchEntries(subfolder, (_, name) =>
        onHint(name === null ? undefined : join(subfolder, name)),
      );
      // An error means that the folder is gone or cannot be watched any more.
      watcher.on("error", () => leave(subfolder));
      inside.set(subfolder, watcher);
    } catch {
      // Gone again already: chokidar says so next.
    }
  };
  const subfolders = new Set([join(folder, "new"), join(folder, "cur")]);
  for (const subfolder of subfolders) enter(subfolder);
  const ignored = (path: string) => path !== folder && !WATCHED_ENTRIES.has(basename(path));
  const around = watch(folder, { depth: 0, ignoreInitial: true, ignored });
  around.on("all", (event, path) => {
    if (subfolders.has(path) && event === "addDir") enter(path);
    if (subfolders.has(path) && event === "unlinkDir") leave(path);
    onHint(isList(path) ? path : undefined);
  });
  around.on("error", () => onHint());
  return {
    async stop() {
      for (const subfolder of subfolders) leave(subfolder);
      await around.close();
    },
  };
}
