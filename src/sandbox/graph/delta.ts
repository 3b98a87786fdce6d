/**
 * Delta queries over the messages of a folder, for changeType=created. What a link has to know is in its token: which
 * UID was the last, and what is selected.
 */
import type { MailFolder } from '../store/mail-folder.js';
import { badRequest, GraphError, unsupportedQuery } from './graph-error.js';
import { isMessageProperty } from './message-resource.js';
import { onlyOptions, readSelect } from './query.js';

export interface DeltaState {
  readonly folder: number;
  readonly uidValidity: number;
  readonly lastUid: number;
  readonly select: readonly string[] | undefined;
}

const DEFAULT_PAGE = 10;
const MAX_PAGE = 1000;

/** @throws GraphError */
export function readDelta(query: URLSearchParams, folder: MailFolder, isLost: boolean): DeltaState {
  const token = query.get('$deltatoken') ?? query.get('$skiptoken');
  if (token === null) return begin(query, folder);
  onlyOptions(query, ['$deltatoken', '$skiptoken']);
  const state = decode(token);
  const isOurs = state?.folder === folder.id && state.uidValidity === folder.uidValidity;
  if (state === undefined || !isOurs || isLost) {
    throw new GraphError(410, 'SyncStateNotFound', 'The sync state generation is not found; generation=1.');
  }
  return state;
}

function begin(query: URLSearchParams, folder: MailFolder): DeltaState {
  const unsupported = ['$orderby', '$top', '$search', '$filter'].filter((name) => query.has(name));
  if (unsupported.length > 0) {
    throw unsupportedQuery(
      `The following parameters are not supported with change tracking over the 'Messages' resource: '${unsupported.join(', ')}'.`,
    );
  }
  onlyOptions(query, ['$select', 'changeType']);
  if (query.get('changeType') !== 'created') throw badRequest('The sandbox tracks changeType=created only.');
  const select = readSelect(query, isMessageProperty);
  return { folder: folder.id, uidValidity: folder.uidValidity, lastUid: 0, select };
}

/** Prefer: odata.maxpagesize (OData Protocol section 8.2.8.6). */
export function pageSizeOf(prefer: string): number {
  const asked = Number(/odata\.maxpagesize=(\d{1,9})/iu.exec(prefer)?.[1] ?? DEFAULT_PAGE);
  return Math.min(MAX_PAGE, Math.max(1, asked));
}

export function encode(state: DeltaState): string {
  return Buffer.from(JSON.stringify(state)).toString('base64url');
}

function decode(token: string): DeltaState | undefined {
  try {
    const state = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as DeltaState;
    return Number.isSafeInteger(state.lastUid) ? state : undefined;
  } catch {
    return undefined;
  }
}
