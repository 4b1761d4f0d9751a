import {
  decodeHeaderText,
  findField,
  foldText,
  type HeaderField,
  parseAddressList,
  parseMessageDate,
} from "../mime/mime.ts";
import { type BaseSubject, readBaseSubject } from "./base-subject.ts";
import { type References, readReferences } from "./message-ids.ts";

/** Fields with addresses by which SORT orders. */
type AddressField = "FROM" | "TO" | "CC";

const LINES = { subject: 0, FROM: 1, TO: 2, CC: 3, messageId: 4, references: 5 } as const;

/**
 * What SORT and THREAD order messages by besides numbers (RFC 5256 §2.2), ready made: reading it from header fields, for each
 * message of a mailbox, took ten times as long as ordering them. A line for each; a summary keeps them.
 */
export class OrderKeys {
  readonly #text: string;
  #lines: readonly string[] | undefined;

  /** Reads what `formatOrderKeys` wrote. */
  constructor(text: string) {
    this.#text = text;
  }

  get subject(): BaseSubject {
    const line = this.#line("subject");
    return { text: line.slice(1), isReply: line.startsWith(REPLY) };
  }

  /** The local part of the first address, folded; a group's name counts as one (RFC 5256 §3). */
  firstMailbox(field: AddressField): string {
    return this.#line(field);
  }

  get references(): References {
    const [messageId, references] = [this.#line("messageId"), this.#line("references")];
    return {
      messageId: messageId === "" ? undefined : messageId,
      references: references === "" ? [] : references.split(" "),
    };
  }

  #line(name: keyof typeof LINES): string {
    this.#lines ??= this.#text.split("\n");
    return this.#lines[LINES[name]] ?? "";
  }
}

/** The Date field's instant in milliseconds since 1970, if it has one. */
export function readSentAt(fields: readonly HeaderField[]): number | undefined {
  return parseMessageDate(findField(fields, "Date") ?? "")?.at;
}

/** Before the base subject of a reply; a space is before others. */
const REPLY = ">";

export function formatOrderKeys(fields: readonly HeaderField[]): string {
  const subject = readBaseSubject(findField(fields, "Subject"));
  const { messageId = "", references } = readReferences(fields);
  return [
    (subject.isReply ? REPLY : " ") + subject.text,
    ...(["FROM", "TO", "CC"] as const).map((name) => firstMailbox(findField(fields, name))),
    messageId,
    references.join(" "), // none has white space in it
  ].join("\n");
}

function firstMailbox(value: string | undefined): string {
  const [first] = parseAddressList(value ?? "");
  if (first === undefined || first.kind === "group-end") return "";
  const text = foldText(decodeHeaderText(first.kind === "address" ? first.mailbox : first.name));
  return text.replaceAll("\n", " "); // an encoded word may have hidden one
}
