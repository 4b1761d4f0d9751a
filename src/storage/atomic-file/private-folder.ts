import { mkdirSync, statSync } from "node:fs";
import { access, constants, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "./folder-sync.ts";

/** Everything we store is somebody's mail, calendar or key: for the owner only. */
const FOLDER_MODE = 0o700;

const { R_OK, W_OK, X_OK } = constants;

/** Makes a folder and those above it, if missing, durably and for the owner only. */
export async function makePrivateFolder(path: string): Promise<void> {
  for (const made of makePrivateFolderSync(path)) await syncFolder(dirname(made));
}

/**
 * The same without waiting for the disk.
 * @returns what was made, the uppermost first
 */
export function makePrivateFolderSync(path: string): string[] {
  // Not `recursive`: where the file system refuses new folders with ENOENT, as /proc does, Node tries for ever.
  try {
    mkdirSync(path, FOLDER_MODE);
    return [path];
  } catch (error) {
    const parent = dirname(path);
    if (codeOf(error) === "EEXIST" && statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [];
    if (codeOf(error) !== "ENOENT" || parent === path) throw error;
    const above = makePrivateFolderSync(parent);
    mkdirSync(path, FOLDER_MODE);
    return [...above, path];
  }
}

/**
 * Makes a folder if it is missing, and sees that files can be kept in it. Fails with a sentence that names
 * the folder and what the operator can do.
 *
 * @param what is to be kept there
 */
export async function openPrivateFolder(path: string, what: string): Promise<void> {
  try {
    await makePrivateFolder(path);
    await access(path, R_OK | W_OK | X_OK);
  } catch (cause) {
    throw cannotKeep(what, path, cause);
  }
}

/** Fails as `openPrivateFolder` would, as far as can be known without making anything. */
export async function checkPrivateFolder(path: string, what: string): Promise<void> {
  try {
    const nearest = await nearestFolder(path);
    await access(nearest, nearest === path ? R_OK | W_OK | X_OK : W_OK | X_OK);
    if (nearest !== path && FOLDERLESS.has((await statfs(nearest)).type)) throw fault("ENOENT");
  } catch (cause) {
    throw cannotKeep(what, path, cause);
  }
}

/** PROC_SUPER_MAGIC and SYSFS_MAGIC of statfs(2): the kernel's own folders, in which even root makes none. */
const FOLDERLESS: ReadonlySet<number> = new Set([0x9fa0, 0x62656572]);

/** The folder itself, or the one above it in which the missing ones would be made. */
async function nearestFolder(path: string): Promise<string> {
  try {
    if ((await stat(path)).isDirectory()) return path;
  } catch (error) {
    if (codeOf(error) === "ENOENT" && dirname(path) !== path) return nearestFolder(dirname(path));
    throw error;
  }
  throw fault("ENOTDIR");
}

function fault(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function cannotKeep(what: string, path: string, cause: unknown): Error {
  return new Error(`Cannot keep ${what} in "${path}": ${adviceOn(cause)}`, { cause });
}

/** What the operator can do; the cause itself is told with it. */
function adviceOn(cause: unknown): string {
  switch (codeOf(cause)) {
    case "EACCES":
    case "EPERM":
      return `give the folder to user id ${process.geteuid?.()}, or choose another`;
    case "EROFS":
      return "its file system is read-only; mount it writable, or choose another folder";
    case "ENOTDIR":
    case "EEXIST":
      return "a part of this path is a file; choose a folder";
    case "ENOENT":
      return "no folder can be made there; choose another";
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
