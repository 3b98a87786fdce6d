/**
 * Bytes to text and back for the charsets mail comes in. Never fails; what cannot be decoded is taken as latin1.
 */

/** 0x80 to 0x9F of windows-1252. Node 20's TextDecoder takes them for control characters, so they are put right here. */
const WINDOWS_1252_HIGH = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

export function decodeCharset(bytes: Buffer, charset: string): string {
  const name = charset.toLowerCase() === 'us-ascii' ? 'utf-8' : charset;
  try {
    const decoder = new TextDecoder(name);
    const text = decoder.decode(bytes);
    if (decoder.encoding !== 'windows-1252') return text;
    return text.replace(/[\u0080-\u009f]/gu, (char) => WINDOWS_1252_HIGH.charAt(char.charCodeAt(0) - 0x80));
  } catch {
    return bytes.toString('latin1');
  }
}

/** UTF-8, or any charset of one byte per character that can be decoded. */
export function encodeCharset(text: string, charset: string): Buffer {
  if (charset === 'utf-8' || charset === 'us-ascii') return Buffer.from(text, 'utf8');
  const all = decodeCharset(Buffer.from(Uint8Array.from({ length: 256 }, (_value, byte) => byte)), charset);
  return Buffer.from(Array.from(text, (char) => Math.max(0, all.indexOf(char))));
}
