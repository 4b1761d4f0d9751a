const MAX_QUOTED_LENGTH = 64;

/** Foreign text for a message: in quotes, control characters escaped, cut to 64 characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text);
}
