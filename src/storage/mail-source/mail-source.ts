/**
 * Messages that an operator hands over by name: files and Maildirs, read only. Does not know what is in
 * them, and moves or marks nothing.
 */
import { access, constants, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { whyUnreadable } from "../atomic-file/atomic-file.ts";

/** A file that is opened when it is read. */
export interface MailFile {
  readonly path: string;
  read(): AsyncIterable<Uint8Array>;
}

/**
 * The files at these paths: a file is itself, a Maildir is the messages in its `cur` and `new`, any other
 * folder the files in it. In order of their names, which in a Maildir is that of their arrival.
 * Fails with a sentence when any of it cannot be read, before the first is.
 */
export async function openMailFiles(paths: Iterable<string>): Promise<MailFile[]> {
  const files: MailFile[] = [];
  for (const path of paths) {
    for (const file of await orSaySo(path, () => filesAt(path))) {
      await orSaySo(file, () => access(file, constants.R_OK));
      files.push({ path: file, read: () => readFile(file) });
    }
  }
  return files;
}

async function filesAt(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const folders = await readdir(path, { withFileTypes: true });
  const isMaildir = folders.some((entry) => entry.isDirectory() && entry.name === "cur");
  const inside = isMaildir ? [join(path, "cur"), join(path, "new")] : [path];
  const files = await Promise.all(inside.map(filesIn));
  return files.flat().sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map(({ name }) => join(folder, name));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  const file = await orSaySo(path, () => open(path));
  yield* file.createReadStream();
}

async function orSaySo<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new Error(`Cannot read "${path}": ${whyUnreadable(cause)}`, { cause });
  }
}
