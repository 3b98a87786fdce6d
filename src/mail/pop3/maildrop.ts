/**
 * What is in the mailbox: numbers, which count within one session only, sizes, and ids that last (UIDL).
 * Owns: ids for messages that have none or share one. Must not: fetch a body.
 */
import { createHash } from 'node:crypto';
import type { MessageFacts } from '../reading.js';
import type { Pop3Connection } from './connect.js';
import { linesOf } from './lines.js';
import { headersOf } from './transfer.js';
import { Pop3Nonsense } from './wire.js';

/** More than a mailbox of Exchange can list; a server without end must not fill the memory. */
const MAX_MESSAGES = 1_000_000;

export interface Entry {
  readonly number: number;
  readonly facts: MessageFacts;
}

export interface Maildrop {
  /** By number, which is the order of arrival. */
  readonly entries: readonly Entry[];
  readonly byId: ReadonlyMap<string, Entry>;
}

/** @throws what the wire throws */
export async function readMaildrop(connection: Pop3Connection): Promise<Maildrop> {
  const sizes = await numbered(connection, 'LIST');
  const uidls = sizes.size === 0 ? sizes : await uidlsOf(connection);
  const numbers = [...sizes.keys()].sort((a, b) => a - b);
  const nameless = numbers.filter((number) => !uidls.has(number));
  const digests = nameless.length === 0 ? new Map<number, string>() : await digestsOf(connection, nameless);

  const entries: Entry[] = [];
  const byId = new Map<string, Entry>();
  const copies = new Map<string, number>();
  for (const number of numbers) {
    const name = uidls.get(number) ?? digests.get(number);
    if (name === undefined) continue; // gone between two commands
    // RFC 1939 section 7: copies of a message may share an id. They are told apart by their order; a blank is in no UIDL.
    const copy = (copies.get(name) ?? 0) + 1;
    copies.set(name, copy);
    const id = copy === 1 ? name : `${name} ${String(copy)}`;
    const statedSize = Number(sizes.get(number));
    const entry = { number, facts: { id, isRead: null, flags: [], receivedAt: null, statedSize } };
    entries.push(entry);
    byId.set(id, entry);
  }
  return { entries, byId };
}

/** The answers to LIST and UIDL: "number value" a line. */
async function numbered({ client }: Pop3Connection, command: 'LIST' | 'UIDL'): Promise<Map<number, string>> {
  const [, stream] = await client.command(command);
  const values = new Map<number, string>();
  for await (const lines of linesOf(stream as AsyncIterable<Buffer>, MAX_MESSAGES)) {
    for (const line of lines) {
      const [number = '', value = ''] = line.split(' ', 2);
      // An id may be missing, a size may not: a list that is none must not pass for an empty mailbox.
      if (!/^\d{1,9}$/u.test(number) || (command === 'LIST' && !/^\d{1,15}$/u.test(value))) {
        throw new Pop3Nonsense(`${command}: ${line.slice(0, 200)}`);
      }
      if (value !== '') values.set(Number(number), value);
    }
  }
  return values;
}

/** UIDL is optional (RFC 1939 section 7); a server without it leaves every message nameless. */
async function uidlsOf(connection: Pop3Connection): Promise<Map<number, string>> {
  if (!connection.capabilities.has('UIDL')) return new Map();
  return numbered(connection, 'UIDL');
}

/** Names made of the header, for messages that the server has none for. */
async function digestsOf(
  connection: Pop3Connection,
  numbers: readonly number[],
): Promise<Map<number, string>> {
  const names = new Map<number, string>();
  const asked = numbers.map((number) => ({ number, statedSize: 0 }));
  for await (const { of, header } of headersOf(connection, asked)) {
    names.set(of.number, `header:${createHash('sha256').update(header).digest('base64url')}`);
  }
  return names;
}
