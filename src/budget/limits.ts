/** What Microsoft 365 lets a mailbox send. Owns: the figures and where they come from. */

/** Positive whole numbers. */
export interface SendingLimits {
  /** Default 30: Exchange holds back what goes beyond. */
  readonly messagesPerMinute?: number;
  /** Recipients of a mailbox within 24 hours, those of all messages together. Default 10,000. */
  readonly recipientsPerDay?: number;
  /** Recipients outside the domain of their sender within 24 hours, of all mailboxes of that domain. Default: not counted. */
  readonly outsideRecipientsPerDay?: number;
  /** Sessions of a mailbox at a time. Default 3. */
  readonly connections?: number;
  /** Default 150 MB: what an app may upload to a mailbox within five minutes, over Graph. */
  readonly uploadedBytes?: number;
}

export type KnownLimits = Required<Omit<SendingLimits, 'outsideRecipientsPerDay'>> &
  Pick<SendingLimits, 'outsideRecipientsPerDay'>;

export const MINUTE_MS = 60_000;
export const UPLOAD_WINDOW_MS = 5 * MINUTE_MS;
export const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * https://learn.microsoft.com/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits,
 * https://learn.microsoft.com/graph/throttling-limits. The tenant's limit for outside recipients depends on its licences and
 * cannot be asked for.
 */
const MICROSOFT: KnownLimits = {
  messagesPerMinute: 30,
  recipientsPerDay: 10_000,
  connections: 3,
  uploadedBytes: 150 * 1024 * 1024,
};

/** @throws TypeError for a number that is not positive and whole */
export function knownLimits(limits: SendingLimits = {}): KnownLimits {
  const given = Object.entries({ ...limits } as Record<string, number | undefined>).filter(
    ([, limit]) => limit !== undefined,
  );
  const known: KnownLimits = { ...MICROSOFT, ...(Object.fromEntries(given) as SendingLimits) };
  for (const [name, limit] of Object.entries<number | undefined>(known))
    if (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0))
      throw new TypeError(`sendingLimits.${name} must be a positive whole number`);
  return known;
}
