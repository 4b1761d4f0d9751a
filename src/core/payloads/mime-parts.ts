import { type MimeNode, Splitter } from "@zone-eu/mailsplit";
import { decodeHeaderText } from "../mime/mime.ts";
import { withLineFeeds } from "./bare-returns.ts";

/** One leaf of a message's MIME tree (RFC 2046). */
export interface MessagePart {
  /** `text/calendar`; lower case. */
  readonly mediaType: string;
  /** `REQUEST` of `Content-Type: text/calendar; method=REQUEST` (RFC 6047 §2.4). */
  readonly method: string | undefined;
  readonly charset: string | undefined;
  /** From Content-Disposition or Content-Type, RFC 2231 and RFC 2047 decoded. Never used as a path. */
  readonly fileName: string | undefined;
  readonly isInAlternative: boolean;
  /** The octets without their transfer encoding. */
  decode(): Promise<Uint8Array>;
}

/** Why a part of the tree was left out. */
export type PartFault = "too-deep" | "too-many" | "bounce";

/** The tree of one message, flattened; embedded messages are leaves. */
export interface MessageParts {
  /** The value of the first field of that name, unfolded but not decoded. */
  header(name: string): string | undefined;
  /** The same with its encoded words decoded (RFC 2047). */
  text(name: string): string | undefined;
  /** Values of the Delivered-To fields above the first Received: those that we wrote. */
  readonly deliveredTo: readonly string[];
  /** Value of the Authentication-Results field directly above the first Received (RFC 8601 §5). */
  readonly results: string | undefined;
  readonly parts: readonly MessagePart[];
  readonly faults: readonly PartFault[];
}

const MAX_DEPTH = 10;
const MAX_PARTS = 200;

/** Splits a message into its leaves. What breaks the splitter costs the parts after it, not those before. */
export async function splitMessage(message: Uint8Array): Promise<MessageParts> {
  const octets = withLineFeeds(message);
  const nodes: MimeNode[] = [];
  const bodies = new Map<MimeNode, Buffer[]>();
  const faults = new Set<PartFault>();
  const splitter = new Splitter({ ignoreEmbedded: true });
  splitter.end(Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength));
  try {
    for await (const chunk of splitter as AsyncIterable<
      MimeNode | { type: string; node: MimeNode; value: Buffer }
    >) {
      if (isNode(chunk)) nodes.push(chunk);
      else if (chunk.type === "body")
        (bodies.get(chunk.node) ?? startBody(bodies, chunk.node)).push(chunk.value);
    }
  } catch {
    faults.add("too-many"); // over the splitter's own limits of 1,000 nodes and 1 MiB of header
  }

  const parts: MessagePart[] = [];
  for (const node of nodes) {
    const fault =
      node.multipart === false ? faultOf(node) : node.multipart === "report" ? "bounce" : undefined;
    if (fault !== undefined) faults.add(fault);
    else if (node.multipart === false && parts.length >= MAX_PARTS) faults.add("too-many");
    else if (node.multipart === false) parts.push(partOf(node, bodies.get(node) ?? []));
  }
  const [root] = nodes;
  return {
    header: (name) => fieldOf(root, name),
    text: (name) => textOf(root, name),
    deliveredTo: deliveredTo(root),
    results: resultsAboveReceived(root),
    parts,
    faults: [...faults],
  };
}

function isNode(chunk: MimeNode | { type: string }): chunk is MimeNode {
  return chunk.type === "node";
}

function startBody(bodies: Map<MimeNode, Buffer[]>, node: MimeNode): Buffer[] {
  const chunks: Buffer[] = [];
  bodies.set(node, chunks);
  return chunks;
}

function fieldOf(node: MimeNode | undefined, name: string): string | undefined {
  const fields = node?.headers ? node.headers.get(name) : [];
  const [first] = fields;
  if (first === undefined) return undefined;
  return fieldValue(first);
}

/** mailsplit's own `getDecoded` takes a field apart, but leaves its encoded words as they are. */
function textOf(node: MimeNode | undefined, name: string): string | undefined {
  const fields = node?.headers ? node.headers.getList() : [];
  const first = fields.find(({ key }) => key === name);
  return first && decodeHeaderText(fieldValue(first.line));
}

/** What stands after the name of a field, unfolded (RFC 5322 §2.2.3). */
function fieldValue(field: string): string {
  return field
    .slice(field.indexOf(":") + 1)
    .replace(/\r?\n(?=[ \t])/g, "")
    .trim();
}

function deliveredTo(root: MimeNode | undefined): string[] {
  const fields = root?.headers ? root.headers.getList() : [];
  const received = fields.findIndex(({ key }) => key === "received");
  return fields
    .slice(0, Math.max(received, 0))
    .filter(({ key }) => key === "delivered-to")
    .map(({ line }) => line.slice(line.indexOf(":") + 1).trim());
}

function resultsAboveReceived(root: MimeNode | undefined): string | undefined {
  const fields = root?.headers ? root.headers.getList() : [];
  const above = fields[fields.findIndex(({ key }) => key === "received") - 1];
  return above?.key === "authentication-results" ? fieldValue(above.line) : undefined;
}

function parentOf(node: MimeNode): MimeNode | undefined {
  return (node.parentNode || undefined) as MimeNode | undefined;
}

/** A bounce carries the invitation it could not deliver; nothing below a report is looked at (RFC 6522). */
function faultOf(node: MimeNode): PartFault | undefined {
  let depth = 0;
  for (let parent = parentOf(node); parent !== undefined; parent = parentOf(parent)) {
    if (parent.multipart === "report") return "bounce";
    depth++;
  }
  return depth > MAX_DEPTH ? "too-deep" : undefined;
}

function partOf(node: MimeNode, chunks: readonly Buffer[]): MessagePart {
  const contentType = fieldOf(node, "Content-Type");
  const isInDigest = parentOf(node)?.multipart === "digest";
  return {
    // The children of a digest are messages unless they say otherwise (RFC 2046 §5.1.5).
    mediaType: contentType === undefined && isInDigest ? "message/rfc822" : node.contentType || "text/plain",
    method: /;\s*method\s*=\s*"?([A-Za-z-]+)/i.exec(contentType ?? "")?.[1],
    charset: node.charset || undefined,
    fileName: node.filename || undefined,
    isInAlternative: parentOf(node)?.multipart === "alternative",
    decode: () => decode(node, chunks),
  };
}

async function decode(node: MimeNode, chunks: readonly Buffer[]): Promise<Uint8Array> {
  if (!node.encoding || /^(7bit|8bit|binary)$/.test(node.encoding)) return Buffer.concat(chunks);
  const decoder = node.getDecoder();
  for (const chunk of chunks) decoder.write(chunk);
  decoder.end();
  return Buffer.concat(await decoder.toArray());
}
