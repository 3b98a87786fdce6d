/** Facts that are read off a message's header fields, where no server states them. */
import type { HeaderField } from '../../generated/types.js';
import { parseDate, rawField } from './headers.js';

/** When the last server took the message in: the date behind the last semicolon of the topmost Received field (RFC 5321 section 4.4). */
export function receivedAtOf(fields: readonly HeaderField[]): Date | null {
  const received = rawField(fields, 'received');
  return (
    (received === undefined ? undefined : parseDate(received.slice(received.lastIndexOf(';') + 1))) ?? null
  );
}
