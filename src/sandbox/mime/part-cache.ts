/**
 * Remembers the parsed structure of messages for as long as the messages themselves are around.
 */
import type { MailSource } from '../store/mail-source.js';
import type { MimePart } from './structure.js';
import { parseMessage } from './structure.js';

const PARSED = new WeakMap<MailSource, MimePart>();

export function readStructure(source: MailSource): MimePart {
  const known = PARSED.get(source);
  if (known !== undefined) return known;
  const parsed = parseMessage(source.read());
  PARSED.set(source, parsed);
  return parsed;
}
