/**
 * Why a message that its sender may send is not accepted all the same: blocked senders, quotas, tenants in disgrace.
 */
import type { Directory } from '../directory/directory.js';
import type { Mailbox } from '../directory/entities.js';
import { REPLIES } from './replies.js';

/** The reply of a refusal; undefined when nothing stands against it. */
export function refuseSending(
  directory: Directory,
  acting: Mailbox,
  recipients: readonly string[],
  isOverQuota: boolean,
): string | undefined {
  const { tenant } = directory;
  if (acting.isRestrictedSender) return REPLIES.badOutboundSender;
  if (tenant.sendingRefused === 'threshold') return REPLIES.tenantThreshold;
  if (tenant.sendingRefused === 'address') return REPLIES.addressNotAccepted;
  if (tenant.sendingRefused === 'block-list') return REPLIES.blockList(recipients[0] ?? '');
  if (isOverQuota) return REPLIES.submissionQuota;
  if (acting.isFull) return REPLIES.mailboxFull;
  const hasForeign = recipients.some((recipient) => !directory.hasDomain(recipient));
  if (hasForeign && tenant.externalRecipientLimitReached) return REPLIES.externalRecipientLimit;
  return undefined;
}
