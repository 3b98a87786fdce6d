/**
 * What came into a folder after a position, with delta queries
 * (https://learn.microsoft.com/graph/api/message-delta). Owns: the position and that no page exceeds what was asked for.
 * Links are kept as path and query, so that a stored position can never lead a token to another host.
 */
import { Failure } from '../../errors/index.js';
import type { ChangesPage, ChangesQuery, Json, MessageFacts } from '../reading.js';
import type { GraphClient } from './client.js';
import type { Subject } from './failures.js';
import { requirePage } from './find.js';
import { SELECT, toFacts, type GraphMessage } from './messages.js';

interface Position {
  /** Where to ask. */
  readonly at: string;
  /** Messages of that answer which were dealt with already, when it had more than a page may have. */
  readonly done: readonly string[];
}

/** A folder is walked in few steps when nobody wants to see its messages. */
const WALKING_PAGE = 1000;

interface Folder {
  readonly id: string;
  readonly path: string;
}

export async function* changedMessages(
  client: GraphClient,
  folder: Folder,
  { after, pageSize }: ChangesQuery,
): AsyncGenerator<ChangesPage> {
  let { at, done } = after === undefined ? beginningOf(folder) : positionOf(after, client, folder);
  for (;;) {
    const { messages, next, isLast } = await ask(client, folder, at, pageSize);
    const dealtWith = new Set(done);
    const fresh = messages.filter(({ id }) => !dealtWith.has(id));
    let start = 0;
    for (; fresh.length - start > pageSize; start += pageSize) {
      const given = fresh.slice(0, start + pageSize).map(({ id }) => id);
      const position: Json = { at, done: [...done, ...given] };
      yield { messages: oldestFirst(fresh.slice(start, start + pageSize)), position };
    }
    yield { messages: oldestFirst(fresh.slice(start)), position: { at: next, done: [] } };
    if (isLast) return;
    at = next;
    done = [];
  }
}

/** The position behind everything: delta has no shorter way to it for messages than through them. */
export async function positionNow(client: GraphClient, folder: Folder): Promise<Json> {
  let { at } = beginningOf(folder);
  for (;;) {
    const { next, isLast } = await ask(client, folder, at, WALKING_PAGE);
    if (isLast) return { at: next, done: [] };
    at = next;
  }
}

async function ask(
  client: GraphClient,
  folder: Folder,
  at: string,
  pageSize: number,
): Promise<{ messages: GraphMessage[]; next: string; isLast: boolean }> {
  const subject: Subject = { kind: 'folder', name: folder.path };
  const prefer = `odata.maxpagesize=${String(pageSize)}`;
  const page = requirePage(await client.json({ method: 'GET', path: at, prefer, subject }), client);
  const link = page.nextLink ?? page.deltaLink;
  if (link === undefined) {
    throw new Failure('server-answer-unexpected', { serverText: 'an answer of delta without a link' });
  }
  return {
    messages: page.value.filter((message) => message['@removed'] === undefined),
    next: client.pathOf(link),
    isLast: page.nextLink === undefined,
  };
}

function beginningOf({ id }: Folder): Position {
  // What is selected stays in the link for good.
  const options = new URLSearchParams({ changeType: 'created', $select: SELECT });
  return { at: `/mailFolders/${encodeURIComponent(id)}/messages/delta?${options.toString()}`, done: [] };
}

/** @throws Failure cursor-expired for what is no position of this adapter */
function positionOf(after: Json, client: GraphClient, folder: Folder): Position {
  const { at, done } = (typeof after === 'object' && after !== null ? after : {}) as Record<string, unknown>;
  const isPosition =
    typeof at === 'string' &&
    (at.startsWith('/mailFolders/') || at.startsWith('/v1.0/')) &&
    Array.isArray(done) &&
    done.every((id) => typeof id === 'string');
  if (!isPosition) {
    throw new Failure('cursor-expired', {
      parameters: { mailbox: client.context.mailbox, folder: folder.path },
    });
  }
  // The position behind an empty page may be the beginning itself, which is no whole path yet.
  return { at, done };
}

function oldestFirst(messages: readonly GraphMessage[]): MessageFacts[] {
  return messages
    .map(toFacts)
    .sort((a, b) => (a.receivedAt?.getTime() ?? 0) - (b.receivedAt?.getTime() ?? 0));
}
