/**
 * What the reading port wants to know of a message, as properties of Microsoft Graph and back.
 */
import type { MessageFacts } from '../reading.js';

/** The properties that every list of messages is asked for; conditions are judged by the same ones. */
export const SELECT = 'id,isRead,flag,receivedDateTime,sentDateTime,importance,isDraft';

/** microsoft.graph.message, as far as it is selected. Nothing in it is taken for granted. */
export interface GraphMessage {
  readonly id: string;
  readonly isRead?: boolean | null;
  readonly isDraft?: boolean | null;
  readonly flag?: { readonly flagStatus?: string | null } | null;
  readonly receivedDateTime?: string | null;
  readonly sentDateTime?: string | null;
  readonly importance?: string | null;
  readonly parentFolderId?: string | null;
  /** In an answer of delta: the message is gone from the folder. */
  readonly '@removed'?: unknown;
}

export interface MessagePage {
  readonly value: readonly GraphMessage[];
  readonly nextLink: string | undefined;
  readonly deltaLink: string | undefined;
}

export function isMessage(value: unknown): value is GraphMessage {
  return typeof value === 'object' && value !== null && typeof (value as GraphMessage).id === 'string';
}

/** A page of a collection (OData JSON Format section 4.5); undefined when it is none. */
export function pageOf(answer: unknown): MessagePage | undefined {
  const page = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>;
  const { value } = page;
  if (!Array.isArray(value) || !value.every(isMessage)) return undefined;
  const link = (name: string): string | undefined =>
    typeof page[name] === 'string' ? page[name] : undefined;
  return { value, nextLink: link('@odata.nextLink'), deltaLink: link('@odata.deltaLink') };
}

export function isFlagged(message: GraphMessage): boolean {
  return message.flag?.flagStatus === 'flagged';
}

function dateOf(value: string | null | undefined): Date | null {
  const time = Date.parse(value ?? '');
  return Number.isNaN(time) ? null : new Date(time);
}

export const receivedAt = (message: GraphMessage): Date | null => dateOf(message.receivedDateTime);
export const sentAt = (message: GraphMessage): Date | null => dateOf(message.sentDateTime);

export function toFacts(message: GraphMessage): MessageFacts {
  const flags = [
    ...(isFlagged(message) ? ['\\Flagged'] : []),
    ...(message.isDraft === true ? ['\\Draft'] : []),
    ...(message.isRead === true ? ['\\Seen'] : []),
  ].sort();
  return {
    id: message.id,
    isRead: message.isRead ?? null,
    flags,
    receivedAt: receivedAt(message),
    // A message of Graph has no size; only its attachments have.
    statedSize: null,
  };
}
