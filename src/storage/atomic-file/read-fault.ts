/** Whether the disk said that a file or folder is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Why a file cannot be read, as the end of a sentence that says what to do. */
export function whyUnreadable(cause: unknown): string {
  switch (cause instanceof Error && "code" in cause ? cause.code : undefined) {
    case "ENOENT":
      return "there is no such file";
    case "EACCES":
    case "EPERM":
      return `make it readable for user id ${process.geteuid?.()}`;
    case "EISDIR":
      return "it is a folder, name the file in it";
    case "ENOTDIR":
      return "a part of this path is a file";
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}
