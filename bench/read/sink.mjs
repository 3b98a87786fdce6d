/**
 * Where every reader written in JavaScript ends: counts, and a SHA-256 over texts and decoded attachments. Owns: what
 * "the same result" means. readers/imaplib_email.py does the same in Python.
 */
import { createHash } from 'node:crypto';

const sha256 = (data) => createHash('sha256').update(data).digest('hex');

export const newTally = () => ({ lines: [], attachments: 0, bytes: 0 });

export function messageLine(messageId, text, digests) {
  // Parsers differ in the line break behind the last line, and in nothing else.
  const body = sha256((text ?? '').replaceAll('\r\n', '\n').trimEnd());
  return [messageId, body, ...digests].join(' ');
}

/** `text` as decoded; `attachments` as bytes, in the order of the message. */
export function addMessage(tally, { messageId, text, attachments }) {
  const digests = attachments.map((bytes) => {
    tally.attachments += 1;
    tally.bytes += bytes.length;
    return sha256(bytes);
  });
  tally.lines.push(messageLine(messageId, text, digests));
}

/** Independent of the order of messages. */
export function digestOf({ lines, attachments, bytes }) {
  return { messages: lines.length, attachments, bytes, sha256: sha256([...lines].sort().join('\n')) };
}
