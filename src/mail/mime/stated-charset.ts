/**
 * The charset that HTML and XML state within themselves, for when the header of the part states none. Must not: believe it
 * where the bytes are UTF-8: whoever converted a text on its way seldom changed what it says of itself.
 */
import { isUtf8 } from 'node:buffer';

/** As far as browsers look (HTML section 13.2.3.2). */
const RANGE = 1024;
const META = /<meta\s[^>]{0,500}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:+-]{1,50})/iu;
const DECLARATION = /^\s{0,9}<\?xml\s[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([\w.:+-]{1,50})/u;
/** With it, text of seven bits may be Japanese, Korean or Chinese. */
const ESCAPE = 0x1b;
const HTML = 'text/html';
const XML = /[/+]x(?:ht)?ml$/u;

export function statedCharset(bytes: Buffer, contentType: string): string | undefined {
  if (contentType !== HTML && !XML.test(contentType)) return undefined;
  if (isUtf8(bytes) && !bytes.includes(ESCAPE)) return undefined;
  const start = bytes.subarray(0, RANGE).toString('latin1');
  const found = (contentType === HTML ? META : DECLARATION).exec(start)?.[1];
  // What is written in UTF-16 cannot be read before that is known.
  return found === undefined || /^utf-?16/iu.test(found) ? undefined : found;
}
