/**
 * Lists the messages of a folder that fulfil conditions, by arrival. Owns: how the list goes on from page to page.
 *
 * The links that Graph gives count messages ($skip). A message that leaves the list meanwhile - it was marked as read,
 * it was moved - would push others past the count. So every page asks anew from the instant of the last message on, and
 * those that were seen at that very second are left out.
 */
import { Failure, isFailure } from '../../errors/index.js';
import type { FindQuery, MessageFacts } from '../reading.js';
import type { GraphClient } from './client.js';
import { filterOf, instant, isClosed, isOptional } from './filter.js';
import { pageOf, receivedAt, SELECT, toFacts, type GraphMessage, type MessagePage } from './messages.js';
import type { Subject } from './failures.js';

/** https://learn.microsoft.com/graph/api/user-list-messages */
const LARGEST_PAGE = 1000;
const SECOND_MS = 1000;

export async function* findMessages(
  client: GraphClient,
  folder: { readonly id: string; readonly path: string },
  query: FindQuery,
): AsyncGenerator<readonly MessageFacts[]> {
  for (const condition of query.conditions)
    if (condition.field === 'raw') requireClosed(condition.expression);
  const subject = (): Subject => ({
    kind: 'search',
    name: folder.path,
    expression: filterOf(conditions, undefined),
  });
  const oldestFirst = query.order === 'oldest-first';
  let { conditions } = query;
  let bound: string | undefined;
  /** Ids at the instant where the next page begins. */
  let seen = new Set<string>();

  const ask = async (path: string): Promise<MessagePage> =>
    requirePage(await client.json({ method: 'GET', path, subject: subject() }), client);
  const firstOf = async (top: number): Promise<MessagePage> => {
    const path = (): string => listPath(folder.id, filterOf(conditions, bound), oldestFirst, top);
    try {
      return await ask(path());
    } catch (error) {
      // What only preselects is judged again by the caller: the list may be longer without it, never wrong.
      const firm = conditions.filter((condition) => !isOptional(condition));
      if (!isRefused(error) || firm.length === conditions.length) throw error;
      conditions = firm;
      return ask(path());
    }
  };

  for (;;) {
    const top = Math.min(LARGEST_PAGE, query.pageSize + seen.size);
    let page = await firstOf(top);
    let fresh = page.value.filter(({ id }) => !seen.has(id));
    // More messages of one second than a page holds.
    while (fresh.length === 0 && page.nextLink !== undefined) {
      page = await ask(client.pathOf(page.nextLink));
      fresh = page.value.filter(({ id }) => !seen.has(id));
    }
    if (fresh.length > 0) yield fresh.map(toFacts);
    if (page.nextLink === undefined) return;
    const last = page.value.at(-1);
    const at = last === undefined ? null : receivedAt(last);
    if (at === null) return;
    const next = boundAt(at, oldestFirst);
    const here = page.value.filter((message) => sameSecond(message, at)).map(({ id }) => id);
    seen = next === bound ? new Set([...seen, ...here]) : new Set(here);
    bound = next;
  }
}

/** Graph shows whole seconds of what it keeps in parts of them: going down, the whole second has to be asked for. */
function boundAt(at: Date, oldestFirst: boolean): string {
  return oldestFirst
    ? `receivedDateTime ge ${instant(at)}`
    : `receivedDateTime lt ${instant(new Date(at.getTime() + SECOND_MS))}`;
}

function sameSecond(message: GraphMessage, at: Date): boolean {
  const received = receivedAt(message);
  return received !== null && instant(received) === instant(at);
}

function listPath(folderId: string, filter: string, oldestFirst: boolean, top: number): string {
  const options = new URLSearchParams({
    $select: SELECT,
    $top: String(top),
    $filter: filter,
    $orderby: `receivedDateTime ${oldestFirst ? 'asc' : 'desc'}`,
  });
  return `/mailFolders/${encodeURIComponent(folderId)}/messages?${options.toString()}`;
}

export function requirePage(answer: unknown, client: GraphClient): MessagePage {
  const page = pageOf(answer);
  if (page !== undefined) return page;
  const { host, port, mailbox } = client.context;
  throw new Failure('server-answer-unexpected', {
    parameters: { host, port, mailbox },
    serverText: 'a list without messages in it',
  });
}

function isRefused(error: unknown): boolean {
  return isFailure(error) && error.code === 'search-expression-invalid';
}

/** What is open or closes too early would take the other conditions along. */
function requireClosed(expression: string): void {
  if (isClosed(expression)) return;
  throw new Failure('search-expression-invalid', { parameters: { expression } });
}
