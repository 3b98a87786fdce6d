/**
 * Whose mailbox a run works on. The activity's settings choose freely; a record may choose only what the
 * connection lists, since an app-only grant may open more mailboxes than a record should be able to name.
 */
import { Failure } from '../errors/index.js';
import type { Microsoft365Connection } from '../generated/types.js';

export function sameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The activity's mailbox: its own setting, or the connection's default. */
export function activityMailbox(
  settings: Microsoft365Connection,
  config: { readonly mailbox?: string },
): string {
  return config.mailbox ?? settings.mailbox;
}

/** True when a record may name this address as its mailbox or sender. */
export function recordMayName(
  settings: Microsoft365Connection,
  address: string,
  own: readonly string[],
): boolean {
  return [...own, ...(settings.allowedMailboxes ?? [])].some((allowed) => sameAddress(allowed, address));
}

/** The mailbox of a run, as a record may override it. @throws Failure override-not-allowed */
export function chosenMailbox(
  settings: Microsoft365Connection,
  config: { readonly mailbox?: string },
  request: { readonly mailbox?: string },
): string {
  const own = activityMailbox(settings, config);
  if (request.mailbox === undefined) return own;
  if (!recordMayName(settings, request.mailbox, [own])) {
    throw new Failure('override-not-allowed', { parameters: { address: request.mailbox } });
  }
  return request.mailbox;
}
