import { decodeHeaderText, foldText, type OctetString } from "../mime/mime.ts";

/** A subject without what replying and forwarding added (RFC 5256 §2.1). */
export interface BaseSubject {
  /** Folded, for comparing. */
  readonly text: string;
  /** Whether anything of a reply or forward was taken off. */
  readonly isReply: boolean;
}

/** subj-refwd: `re:`, `fw:`, `fwd [list]:`. */
const REPLY = /^(?:re|fwd?)[ ]*(?:\[[^[\]]*\][ ]*)?:[ ]*/i;

/** subj-blob: `[list] `. */
const BLOB = /^\[[^[\]]*\][ ]*/;

/** A subject is one line; longer ones are cut so that taking off one prefix after the other stays cheap. */
const MAX_SUBJECT_CHARACTERS = 2000;

/** The base subject of a Subject field's value; no subject has the empty one. */
export function readBaseSubject(value: OctetString | undefined): BaseSubject {
  let text = decodeHeaderText(value ?? "").slice(0, MAX_SUBJECT_CHARACTERS);
  if (/[^\S ]|\s\s/.test(text)) text = text.replace(/\s+/g, " ");
  text = text.trim();
  let isReply = false;
  for (;;) {
    const before = text;
    // Step 2: trailers.
    while (/\(fwd\)$/i.test(text)) {
      text = text.slice(0, -"(fwd)".length).trimEnd();
      isReply = true;
    }
    // Steps 3 to 5: leaders, each perhaps behind blobs; then a blob, unless nothing else is left.
    const withoutReply = takeReply(text);
    if (withoutReply !== undefined) {
      text = withoutReply;
      isReply = true;
    } else {
      const withoutBlob = text.replace(BLOB, "");
      if (withoutBlob !== "") text = withoutBlob;
    }
    // Step 6: `[fwd: …]`.
    if (/^\[fwd:.*\]$/i.test(text)) {
      text = text.slice("[fwd:".length, -1).trim();
      isReply = true;
    }
    if (text === before) return { text: foldText(text), isReply };
  }
}

/** The subject without `*subj-blob subj-refwd` at its beginning, if that is what it begins with. */
function takeReply(text: string): string | undefined {
  let rest = text;
  while (BLOB.test(rest) && !REPLY.test(rest)) rest = rest.replace(BLOB, "");
  return REPLY.test(rest) ? rest.replace(REPLY, "") : undefined;
}
