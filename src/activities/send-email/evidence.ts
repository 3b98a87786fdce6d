/**
 * Looks whether a message was accepted of which no server said so: Exchange keeps a copy in Sent Items. Owns: where is
 * looked, and for how long. Must not: take a missing copy for proof of anything.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { authMethodOf, openReadingOnce, type Access } from '../../connection/index.js';
import {
  parseHeaderBlock,
  parseMessageIds,
  rawField,
  type Condition,
  type ReadingSession,
  type ReadTransport,
} from '../../mail/index.js';

/** A copy can take a moment to appear. */
const WAITS_MS = [0, 500, 1500, 3000];
const MOST = 20;

export class Evidence {
  readonly #access: Access;
  readonly #signal: AbortSignal | undefined;
  /** Mailboxes whose Sent Items this connection cannot read: not tried again within a run. */
  readonly #closed = new Set<string>();

  constructor(access: Access, signal: AbortSignal | undefined) {
    this.#access = access;
    this.#signal = signal;
  }

  /** True proves that the message was accepted; false proves nothing. */
  async found(mailbox: string, messageId: string): Promise<boolean> {
    for (const transport of ['imap', 'graph'] as const) {
      if (this.#signal?.aborted === true) return false;
      if (authMethodOf(this.#access).permissions[transport] === undefined) continue;
      const place = `${transport} ${mailbox.toLowerCase()}`;
      if (this.#closed.has(place)) continue;
      try {
        return await this.#look(transport, mailbox, messageId);
      } catch {
        // Without the right to read, without a line: whatever the reason, the message stays as unknown as it is.
        this.#closed.add(place);
      }
    }
    return false;
  }

  async #look(transport: ReadTransport, mailbox: string, messageId: string): Promise<boolean> {
    const session = await openReadingOnce(this.#access, mailbox, transport, this.#signal);
    try {
      for (const wait of WAITS_MS) {
        await pause(wait, undefined, { signal: this.#signal });
        if (await holds(session, messageId)) return true;
      }
      return false;
    } finally {
      await session.close().catch(() => undefined);
    }
  }
}

async function holds(session: ReadingSession, messageId: string): Promise<boolean> {
  await session.openFolder('sentitems', 'read');
  const condition: Condition =
    session.transport === 'graph'
      ? { field: 'raw', expression: `internetMessageId eq '${messageId.replaceAll("'", "''")}'` }
      : { field: 'header', name: 'Message-ID', contains: messageId };
  for await (const page of session.find({ conditions: [condition], order: 'newest-first', pageSize: MOST })) {
    if (page.length === 0) continue;
    for await (const { header } of session.outlines(page))
      if (parseMessageIds(rawField(parseHeaderBlock(header), 'Message-ID')).includes(messageId)) return true;
    return false;
  }
  return false;
}
