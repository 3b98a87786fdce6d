/**
 * One call of Graph after it was let in, and its answer. Data only.
 */
import type { Mailbox } from '../directory/entities.js';
import type { Caller } from './access.js';
import type { MailboxIndex } from './mailbox-index.js';
import type { Operation } from './operations.js';
import type { Outgoing } from './outgoing.js';

export interface GraphCall {
  readonly operation: Operation;
  readonly index: MailboxIndex;
  /** What the administrator set for the mailbox. */
  readonly settings: Mailbox;
  /** Path and query as they came. */
  readonly url: URL;
  readonly prefer: string;
  /** Whose token it came with. */
  readonly caller: Caller;
  /** The body as JSON; undefined without one, and where it is something else. */
  readonly body: unknown;
  /** The body as it came, with its media type. */
  readonly raw: { readonly contentType: string; readonly bytes: Buffer };
  readonly outgoing: Outgoing;
  readonly now: () => number;
}

export type GraphReply =
  | { readonly status: number; readonly json: unknown }
  | { readonly status: 201; readonly location: string }
  | { readonly status: 202 | 204 }
  | { readonly status: 200; readonly source: Buffer };

export const prefersImmutableIds = ({ prefer }: GraphCall): boolean =>
  /\bIdType="ImmutableId"/iu.test(prefer);

export const contextOf = (entity: string): string => `https://graph.microsoft.com/v1.0/$metadata#${entity}`;

/** The same path with other options: links that Graph gives are whole. */
export function linkOf({ url }: GraphCall, options: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(options);
  return `https://graph.microsoft.com${url.pathname}?${query.toString()}`;
}
