/**
 * Lists, shows and creates folders.
 */
import type { MailFolder } from '../store/mail-folder.js';
import type { GraphCall, GraphReply } from './call.js';
import { contextOf, linkOf } from './call.js';
import { badRequest, GraphError } from './graph-error.js';
import { isFolderProperty, renderFolder } from './message-resource.js';
import { onlyOptions, readCount, readSelect } from './query.js';

const DEFAULT_TOP = 10;
const MAX_NAME = 255;

export function listFolders(call: GraphCall): GraphReply {
  const { index, url, operation } = call;
  const query = url.searchParams;
  onlyOptions(query, ['$select', '$top', '$skip', 'includeHiddenFolders']);
  const select = readSelect(query, isFolderProperty);
  const top = readCount(query, '$top', DEFAULT_TOP, 1);
  const skip = readCount(query, '$skip', 0, 0);
  const parent = operation.folder === undefined ? 'root' : index.folder(operation.folder);
  const all = index.children(parent);
  const isMore = all.length > skip + top;
  const options = { ...Object.fromEntries(query), $skip: String(skip + top) };
  return {
    status: 200,
    json: {
      '@odata.context': contextOf('mailFolders'),
      value: all.slice(skip, skip + top).map((folder) => renderFolder(folder, index, select)),
      ...(isMore ? { '@odata.nextLink': linkOf(call, options) } : {}),
    },
  };
}

export function getFolder({ index, url, operation }: GraphCall): GraphReply {
  onlyOptions(url.searchParams, ['$select']);
  const select = readSelect(url.searchParams, isFolderProperty);
  const folder = index.folder(operation.folder ?? '');
  return {
    status: 200,
    json: { '@odata.context': contextOf('mailFolders/$entity'), ...renderFolder(folder, index, select) },
  };
}

export function createFolder({ index, operation, body }: GraphCall): GraphReply {
  const parent = operation.folder === undefined ? 'root' : index.folder(operation.folder);
  const { displayName, ...others } = (typeof body === 'object' && body !== null ? body : {}) as Record<
    string,
    unknown
  >;
  const [unknown] = Object.keys(others).filter((name) => name !== 'isHidden');
  if (unknown !== undefined) throw badRequest(`The property '${unknown}' does not exist on the type.`);
  if (typeof displayName !== 'string' || displayName === '' || displayName.length > MAX_NAME) {
    throw badRequest('The displayName is missing or not valid.');
  }
  const isTaken = index
    .children(parent)
    .some((folder) => index.displayName(folder).toLowerCase() === displayName.toLowerCase());
  const path = parent === 'root' ? displayName : `${parent.path}/${displayName}`;
  if (isTaken || index.mailbox.findFolder(path) !== undefined) {
    throw new GraphError(409, 'ErrorFolderExists', 'A folder with the specified name already exists.');
  }
  // In IMAP a slash separates folders, so that a name cannot hold one here.
  if (displayName.includes('/')) throw badRequest('The sandbox keeps no folder names with a slash.');
  const folder: MailFolder = index.mailbox.openOrCreate(path);
  return {
    status: 201,
    json: { '@odata.context': contextOf('mailFolders/$entity'), ...renderFolder(folder, index, undefined) },
  };
}
