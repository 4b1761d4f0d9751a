import { open, readFile, stat, unlink } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { World } from "./surroundings.ts";

/** After this long a lock was left behind by a crash (Dovecot's own limit for `dovecot-uidlist`). */
const STALE_AFTER_MS = 120_000;

const RETRY_AFTER_MS = 20;

/**
 * Does something while `path.lock` exists, as Dovecot does before it writes `path`: whoever else wants to
 * write it waits. A lock that a process of this host left behind when it died does not count.
 */
export async function withDotlock<T>(path: string, world: World, act: () => Promise<T>): Promise<T> {
  const lockPath = `${path}.lock`;
  while (!(await tryLock(lockPath, world))) {
    if (await isLeftBehind(lockPath, world)) await unlink(lockPath).catch(() => {});
    else await delay(RETRY_AFTER_MS);
  }
  try {
    return await act();
  } finally {
    await unlink(lockPath).catch(() => {}); // another program may have taken it for stale
  }
}

async function tryLock(lockPath: string, { hostname }: World): Promise<boolean> {
  const file = await open(lockPath, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST") return undefined;
    throw error;
  });
  if (file === undefined) return false;
  try {
    await file.writeFile(`${process.pid}:${hostname}`);
    return true;
  } catch (error) {
    await unlink(lockPath).catch(() => {}); // a lock that says nothing would hold for two minutes
    throw error;
  } finally {
    await file.close();
  }
}

async function isLeftBehind(lockPath: string, { hostname, now }: World): Promise<boolean> {
  try {
    const [holder, { mtimeMs }] = [await readFile(lockPath, "utf8"), await stat(lockPath)];
    if (now().getTime() - mtimeMs > STALE_AFTER_MS) return true;
    const [, processId, host] = /^(\d+):(.*)$/.exec(holder) ?? [];
    return host === hostname && !isAlive(Number(processId));
  } catch {
    return false; // gone meanwhile, or not readable for us
  }
}

/** In a container our own process id may be that of the process which died: it does not hold this lock now. */
function isAlive(processId: number): boolean {
  if (processId === process.pid) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
