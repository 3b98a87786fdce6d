/**
 * Lists the messages of a folder, all or what came since.
 */
import type { MailFolder } from '../store/mail-folder.js';
import type { GraphCall, GraphReply } from './call.js';
import { contextOf, linkOf, prefersImmutableIds } from './call.js';
import { encode, pageSizeOf, readDelta } from './delta.js';
import { notFound } from './graph-error.js';
import { isMessageProperty, renderMessage } from './message-resource.js';
import { readListQuery } from './query.js';

export function listMessages(call: GraphCall): GraphReply {
  const folder = folderOf(call);
  const { select, filter, descending, top, skip } = readListQuery(call.url.searchParams, isMessageProperty);
  const sign = descending ? -1 : 1;
  const all = folder.mails
    .map((mail) => ({ mail, folder }))
    .filter((placed) => filter?.holds(placed) ?? true)
    .sort((a, b) => sign * (a.mail.internalDate.getTime() - b.mail.internalDate.getTime()));
  const isMore = all.length > skip + top;
  const options = { ...Object.fromEntries(call.url.searchParams), $skip: String(skip + top) };
  return {
    status: 200,
    json: {
      '@odata.context': contextOf('messages'),
      value: all
        .slice(skip, skip + top)
        .map((placed) => renderMessage(placed, select, prefersImmutableIds(call))),
      ...(isMore ? { '@odata.nextLink': linkOf(call, options) } : {}),
    },
  };
}

export function listChanges(call: GraphCall): GraphReply {
  const folder = folderOf(call);
  const state = readDelta(call.url.searchParams, folder, call.settings.graphSyncStateLost);
  const size = pageSizeOf(call.prefer);
  const after = folder.mails.filter(({ uid }) => uid > state.lastUid);
  const page = after.slice(0, size);
  const token = encode({ ...state, lastUid: page.at(-1)?.uid ?? state.lastUid });
  return {
    status: 200,
    json: {
      '@odata.context': contextOf('Collection(message)'),
      value: page.map((mail) => renderMessage({ mail, folder }, state.select, prefersImmutableIds(call))),
      ...(after.length > page.length
        ? { '@odata.nextLink': linkOf(call, { $skiptoken: token }) }
        : { '@odata.deltaLink': linkOf(call, { $deltatoken: token }) }),
    },
  };
}

function folderOf({ index, operation }: GraphCall): MailFolder {
  const folder = index.folder(operation.folder ?? '');
  if (folder === 'root') throw notFound();
  return folder;
}
