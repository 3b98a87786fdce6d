/**
 * Builds seed messages byte by byte: headers, transfer encodings, odd charsets, multiparts. Deterministic, so that the
 * same clock gives the same mailbox. No general mail composer; it encodes what the seed needs.
 */

import { encodeCharset } from '../mime/charsets.js';

export interface BodyPart {
  /** Header lines without Content-Transfer-Encoding and without line endings. */
  readonly headers: readonly string[];
  readonly encoding: '7bit' | '8bit' | 'base64' | 'quoted-printable';
  readonly bytes: Buffer;
}

export interface SeedMessage {
  readonly folder: 'inbox' | 'sent' | 'drafts' | 'junk' | 'archive';
  /** How long ago it arrived. */
  readonly ageHours: number;
  readonly flags?: readonly string[];
  /** Gets the date for the Date header and returns the whole message. */
  readonly build: (date: string) => Buffer;
}

export function joinLines(...lines: readonly string[]): string {
  return lines.join('\r\n');
}

/** A message of one part. */
export function buildMessage(headers: readonly string[], part: BodyPart): Buffer {
  return Buffer.concat([
    Buffer.from(`${joinLines(...headers, 'MIME-Version: 1.0')}\r\n`, 'latin1'),
    renderPart(part),
  ]);
}

/** Parts in a multipart of the given type, which may itself be a part. */
export function multipart(type: string, boundary: string, parts: readonly BodyPart[]): BodyPart {
  const pieces = parts.flatMap((part) => [
    Buffer.from(`--${boundary}\r\n`),
    renderPart(part),
    Buffer.from('\r\n'),
  ]);
  return {
    headers: [`Content-Type: multipart/${type}; boundary="${boundary}"`],
    encoding: '7bit',
    bytes: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

export function textPart(
  text: string,
  options: { type?: string; charset?: string; encoding?: BodyPart['encoding'] } = {},
): BodyPart {
  const { type = 'text/plain', charset = 'utf-8', encoding = 'quoted-printable' } = options;
  const bytes = encodeCharset(text, charset);
  return { headers: [`Content-Type: ${type}; charset=${charset}`], encoding, bytes };
}

export function filePart(
  type: string,
  disposition: string,
  bytes: Buffer,
  ...more: readonly string[]
): BodyPart {
  return {
    headers: [`Content-Type: ${type}`, `Content-Disposition: ${disposition}`, ...more],
    encoding: 'base64',
    bytes,
  };
}

/** RFC 2047 in base64, the way Outlook writes subjects. */
export function encodeWord(text: string, charset = 'utf-8'): string {
  return `=?${charset}?B?${encodeCharset(text, charset).toString('base64')}?=`;
}

/** RFC 2231: name*=utf-8''value */
export function encodeParameter(name: string, value: string): string {
  return `${name}*=utf-8''${encodeURIComponent(value)}`;
}

function renderPart(part: BodyPart): Buffer {
  const headers = joinLines(...part.headers, `Content-Transfer-Encoding: ${part.encoding}`);
  return Buffer.concat([Buffer.from(`${headers}\r\n\r\n`, 'latin1'), encodeTransfer(part)]);
}

function encodeTransfer({ encoding, bytes }: BodyPart): Buffer {
  if (encoding === 'base64') {
    return Buffer.from((bytes.toString('base64').match(/.{1,76}/gu) ?? []).join('\r\n'), 'latin1');
  }
  return encoding === 'quoted-printable' ? Buffer.from(encodeQuotedPrintable(bytes), 'latin1') : bytes;
}

function encodeQuotedPrintable(bytes: Buffer): string {
  const lines = bytes.toString('latin1').split('\r\n');
  return lines.map((line) => foldQuotedPrintable(line.replace(/=|[^\t\x20-\x7e]/gu, toHex))).join('\r\n');
}

const toHex = (char: string): string => `=${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

/** Soft line breaks before 76 characters, never inside an =XX. */
function foldQuotedPrintable(line: string): string {
  const pieces = line.match(/(?:=[\dA-F]{2}|[^=]){1,24}/gu) ?? [];
  return pieces.join('=\r\n').replace(/[\t ]$/u, (char) => toHex(char));
}
