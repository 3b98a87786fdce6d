/**
 * The sliding windows that a message takes a share of. Owns: their names in the state, their lengths, and how much a message
 * takes. Must not: wait, or spend.
 */
import type { FailureCode } from '../errors/index.js';
import { DAY_MS, MINUTE_MS, type KnownLimits } from './limits.js';

/** A message as the limits see it. */
export interface Weighed {
  readonly mailbox: string;
  readonly recipients: readonly string[];
}

export interface Share {
  readonly window: string;
  readonly amount: number;
  readonly limit: number;
  readonly windowMs: number;
  /** What is said when there is nothing left. */
  readonly code: FailureCode;
}

/** Exchange counts at the end of a message, we at its start: whoever takes longer than this is counted anew. */
export const DAY_MARGIN_MS = MINUTE_MS;

/** The one that is refused at once first, the one that is waited for last. */
export function sharesOf({ mailbox, recipients }: Weighed, limits: KnownLimits): Share[] {
  const name = mailbox.toLowerCase();
  const domain = domainOf(name);
  const outside = recipients.filter((address) => domainOf(address) !== domain).length;
  const day = DAY_MS + DAY_MARGIN_MS;
  return [
    {
      window: `sending/recipients/${name}`,
      amount: recipients.length,
      limit: limits.recipientsPerDay,
      windowMs: day,
      code: 'sending-quota-reached',
    },
    ...(limits.outsideRecipientsPerDay === undefined || outside === 0
      ? []
      : [
          {
            window: `sending/outside/${domain}`,
            amount: outside,
            limit: limits.outsideRecipientsPerDay,
            windowMs: day,
            code: 'external-recipient-limit-reached' as const,
          },
        ]),
    {
      window: `sending/messages/${name}`,
      amount: 1,
      limit: limits.messagesPerMinute,
      windowMs: MINUTE_MS,
      code: 'sending-rate-reached',
    },
  ];
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
