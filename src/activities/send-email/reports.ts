/**
 * Reports that came back on messages that were sent: they name the Message-ID, which follows from the record's key. Owns: which
 * sent record a report belongs to. Must not: read a mailbox, or believe a report about a message of somebody else.
 */
import type { EmailRecord, MailReport } from '../../generated/types.js';
import type { Ledger, Reported } from './ledger.js';

/** A record of Read Email, as far as a report needs it. */
export type ReportRecord = Pick<EmailRecord, 'contentKey' | 'receivedAt'> & { readonly report: MailReport };

/** What a report says about one recipient of a message that the activity sent. */
export interface SentReport extends Reported {
  /** Position among the records given, from 0. */
  readonly index: number;
  readonly messageId: string;
  readonly idempotencyKey: string;
}

/** Remembers what the reports say; those about other messages are left alone. Taken twice, a report counts once. */
export async function takeReports(
  ledger: Ledger,
  activity: string,
  records: readonly ReportRecord[],
): Promise<SentReport[]> {
  const found: SentReport[] = [];
  for (const [index, record] of records.entries()) {
    const messageId = originalOf(record.report);
    if (messageId === undefined) continue;
    const reported = reportedIn(record);
    const sent = await ledger.findMessage(activity, messageId);
    if (sent === undefined || reported.length === 0) continue;
    await ledger.addReports(activity, messageId, reported);
    const of = { index, messageId, idempotencyKey: sent.key };
    found.push(...reported.map((one) => ({ ...of, ...one })));
  }
  return found;
}

function originalOf(report: MailReport): string | undefined {
  if (report.kind === 'feedback-report') return undefined;
  const named = report.kind === 'disposition-notification' ? report.originalMessageId : null;
  return named ?? report.original?.messageId ?? undefined;
}

function reportedIn({ report, contentKey, receivedAt }: ReportRecord): Reported[] {
  const from = { report: contentKey, ...(receivedAt === null ? {} : { reportedAt: receivedAt }) };
  if (report.kind === 'disposition-notification') {
    const { disposition, finalRecipient, originalRecipient } = report;
    return [{ ...from, recipient: originalRecipient ?? finalRecipient, action: disposition ?? 'unknown' }];
  }
  if (report.kind === 'feedback-report') return [];
  return report.recipients.map(({ originalRecipient, finalRecipient, action, status, diagnosticCode }) => ({
    ...from,
    recipient: originalRecipient ?? finalRecipient,
    action: action ?? 'unknown',
    ...(status === null ? {} : { status }),
    ...(diagnosticCode === null ? {} : { diagnostic: diagnosticCode }),
  }));
}
