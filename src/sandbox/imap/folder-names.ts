/**
 * Modified UTF-7 (RFC 3501 section 5.1.3), the encoding of folder names on the wire.
 */
import { badArgument } from './command-failure.js';

export function encodeFolderName(name: string): string {
  return name.replace(/&|[^\x20-\x7e]+/gu, (run) => {
    if (run === '&') return '&-';
    const utf16 = Buffer.from(run, 'utf16le').swap16();
    return `&${utf16.toString('base64').replace(/\//gu, ',').replace(/=+$/u, '')}-`;
  });
}

/** @throws CommandFailure when it is not valid modified UTF-7 */
export function decodeFolderName(wire: string): string {
  if (/[^\x20-\x7e]/u.test(wire)) throw badArgument();
  return wire.replace(/&([^-]*)(-?)/gu, (_whole, encoded: string, end: string) => {
    if (end === '' || /[^\w+,]/u.test(encoded) || encoded.includes('_')) throw badArgument();
    if (encoded === '') return '&';
    const bytes = Buffer.from(encoded.replace(/,/gu, '/'), 'base64');
    if (bytes.length % 2 !== 0) throw badArgument();
    return bytes.swap16().toString('utf16le');
  });
}
