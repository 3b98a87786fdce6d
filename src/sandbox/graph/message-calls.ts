/**
 * Shows, changes, moves and deletes single messages.
 */
import { replaceFields } from '../smtp/header-edit.js';
import type { MailFolder } from '../store/mail-folder.js';
import type { GraphCall, GraphReply } from './call.js';
import { contextOf, prefersImmutableIds } from './call.js';
import { badRequest, GraphError, notFound } from './graph-error.js';
import type { Placed } from './mailbox-index.js';
import { DELIVERY_RECEIPT, isMessageProperty, renderMessage } from './message-resource.js';
import { onlyOptions, readSelect } from './query.js';

const placedIn = ({ index, operation }: GraphCall): Placed => index.message(operation.message ?? '');

function shown(call: GraphCall, placed: Placed, status: 200 | 201): GraphReply {
  const resource = renderMessage(placed, undefined, prefersImmutableIds(call));
  return { status, json: { '@odata.context': contextOf('messages/$entity'), ...resource } };
}

export function getMessage(call: GraphCall): GraphReply {
  onlyOptions(call.url.searchParams, ['$select']);
  const select = readSelect(call.url.searchParams, isMessageProperty);
  const resource = renderMessage(placedIn(call), select, prefersImmutableIds(call));
  return { status: 200, json: { '@odata.context': contextOf('messages/$entity'), ...resource } };
}

export function getSource(call: GraphCall): GraphReply {
  return { status: 200, source: placedIn(call).mail.source.read() };
}

export function updateMessage(call: GraphCall): GraphReply {
  const { folder, mail } = authored(call, placedIn(call));
  const flags = new Set(mail.flags);
  const put = (flag: string, isSet: boolean): void => {
    if (isSet) flags.add(flag);
    else flags.delete(flag);
  };
  for (const [name, value] of Object.entries(objectOf(call.body))) {
    if (name === 'isRead' && typeof value === 'boolean') put('\\Seen', value);
    else if (name === 'flag') put('\\Flagged', flagStatusOf(value) === 'flagged');
    else if (name === 'from' && flags.has('\\Draft')) continue;
    else if (name === 'isDeliveryReceiptRequested' && typeof value === 'boolean' && flags.has('\\Draft'))
      put(DELIVERY_RECEIPT, value);
    else if (isMessageProperty(name))
      throw new GraphError(403, 'ErrorAccessDenied', 'Access is denied. Check credentials and try again.');
    else throw badRequest(`The property '${name}' does not exist on type 'microsoft.graph.message'.`);
  }
  folder.setFlags(mail, flags);
  return shown(call, { mail, folder }, 200);
}

/** The author of a draft can be changed; it stays the same item. */
function authored({ index: { mailbox }, body }: GraphCall, { mail, folder }: Placed): Placed {
  const { from } = objectOf(body);
  if (from === undefined || !mail.flags.has('\\Draft')) return { mail, folder };
  const { address, name } = objectOf(objectOf(from)['emailAddress']);
  if (typeof address !== 'string') throw badRequest('The address of from is missing.');
  const shown = typeof name === 'string' && name !== '' ? `${encodedName(name)} ` : '';
  const source = replaceFields(mail.source.read(), 'from', `From: ${shown}<${address}>`);
  folder.remove(mail);
  const changed = folder.add(mailbox.keepSource(source), mail.flags, mail.internalDate, mail.itemId);
  return { mail: changed, folder };
}

const encodedName = (name: string): string => `=?utf-8?B?${Buffer.from(name).toString('base64')}?=`;

export function moveMessage(call: GraphCall): GraphReply {
  const { mail, folder } = placedIn(call);
  const target = destinationOf(call);
  const moved = target === folder ? mail : call.index.mailbox.move(mail, folder, target);
  return shown(call, { mail: moved, folder: target }, 201);
}

export function copyMessage(call: GraphCall): GraphReply {
  const target = destinationOf(call);
  return shown(call, { mail: call.index.mailbox.copy(placedIn(call).mail, target), folder: target }, 201);
}

export function deleteMessage(call: GraphCall): GraphReply {
  const { mail, folder } = placedIn(call);
  const trash = call.index.mailbox.findByRole('trash');
  if (trash === undefined || trash === folder) folder.remove(mail);
  else call.index.mailbox.move(mail, folder, trash);
  return { status: 204 };
}

export function deleteForGood(call: GraphCall): GraphReply {
  const { mail, folder } = placedIn(call);
  folder.remove(mail);
  return { status: 204 };
}

function destinationOf({ index, body }: GraphCall): MailFolder {
  const { destinationId, ...others } = objectOf(body);
  if (typeof destinationId !== 'string' || Object.keys(others).length > 0) {
    throw badRequest('The destinationId is missing or not alone.');
  }
  const target = index.folder(destinationId);
  if (target === 'root') throw notFound();
  return target;
}

function flagStatusOf(value: unknown): string {
  const { flagStatus } = objectOf(value);
  if (flagStatus !== 'flagged' && flagStatus !== 'notFlagged' && flagStatus !== 'complete') {
    throw badRequest('The flagStatus is not valid.');
  }
  return flagStatus;
}

function objectOf(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('Unable to read JSON request payload.');
  }
  return body as Record<string, unknown>;
}
