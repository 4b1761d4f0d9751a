import type { MessageText, SoughtText } from "./mailbox-view.ts";

/** Which of the texts stand in that of a message, in their order. */
export function findIn(text: MessageText, texts: readonly SoughtText[]): boolean[] {
  return texts.map(
    ({ where, needle }) => text.body.includes(needle) || (where === "text" && text.header.includes(needle)),
  );
}

/** All of it, for the index. */
export function joinText({ header, body }: MessageText): string {
  return `${header}\n${body}`;
}
