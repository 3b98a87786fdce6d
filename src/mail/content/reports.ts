/**
 * Reports about mail (multipart/report, RFC 6522): delivery status (RFC 3464, RFC 6533), read receipts (RFC 8098) and
 * complaints (RFC 5965), out of the leaves of the message. Owns: which field means what. Must not: guess from prose:
 * without a machine-readable part there is no report.
 */
import type { HeaderField, ReceivedAddress } from '../../generated/types.js';
import { decodeText, parseAddresses, parseDate, parseHeaderBlock, rawField } from '../mime/headers.js';
import { Warnings, type ContentWarning } from './warnings.js';

export interface ReportLeaf {
  /** Lower case, without parameters. */
  readonly contentType: string;
  /** Decoded. */
  readonly bytes: Buffer;
}

/** The message that a report is about, as far as the report carries it. */
export interface OriginalMessage {
  readonly messageId: string | null;
  readonly subject: string | null;
  readonly from: readonly ReceivedAddress[];
  readonly to: readonly ReceivedAddress[];
  /** ISO 8601, UTC. */
  readonly date: string | null;
}

export interface ReportedRecipient {
  readonly finalRecipient: string | null;
  readonly originalRecipient: string | null;
  /** Lower case: failed, delayed, delivered, relayed, expanded, or what the server wrote. */
  readonly action: string | null;
  /** Enhanced status code (RFC 3463), for example 5.1.1. */
  readonly status: string | null;
  /** Of the enhanced status: `permanent` for 5.x.x, `temporary` for 4.x.x, `success` for 2.x.x. */
  readonly severity: 'permanent' | 'temporary' | 'success' | null;
  /** What the remote server said, without its type. */
  readonly diagnosticCode: string | null;
  /** Type of the diagnostic, lower case, mostly smtp. */
  readonly diagnosticType: string | null;
  readonly remoteMta: string | null;
  /** ISO 8601, UTC. */
  readonly lastAttempt: string | null;
  readonly willRetryUntil: string | null;
}

export interface DeliveryReport {
  readonly kind: 'delivery-status';
  readonly reportingMta: string | null;
  readonly receivedFromMta: string | null;
  readonly originalEnvelopeId: string | null;
  readonly arrivalDate: string | null;
  readonly recipients: readonly ReportedRecipient[];
  readonly original: OriginalMessage | null;
}

export interface DispositionReport {
  readonly kind: 'disposition-notification';
  readonly reportingUa: string | null;
  readonly finalRecipient: string | null;
  readonly originalRecipient: string | null;
  readonly originalMessageId: string | null;
  /** Lower case: displayed, deleted, dispatched, processed. */
  readonly disposition: string | null;
  /** Lower case, for example error or expired. */
  readonly modifiers: readonly string[];
  /** Whether a person confirmed, as opposed to the mail program by itself. */
  readonly actionMode: 'manual' | 'automatic' | null;
  readonly sendingMode: 'manual' | 'automatic' | null;
  readonly errors: readonly string[];
  readonly original: OriginalMessage | null;
}

export interface FeedbackReport {
  readonly kind: 'feedback-report';
  /** Lower case: abuse, fraud, virus, not-spam, other. */
  readonly feedbackType: string | null;
  readonly userAgent: string | null;
  readonly originalMailFrom: string | null;
  readonly originalRcptTo: readonly string[];
  readonly arrivalDate: string | null;
  readonly sourceIp: string | null;
  readonly reportedDomains: readonly string[];
  readonly reportedUris: readonly string[];
  readonly incidents: number | null;
  readonly original: OriginalMessage | null;
}

export type MailReport = DeliveryReport | DispositionReport | FeedbackReport;

export interface ReadReport {
  readonly report: MailReport | null;
  readonly warnings: readonly ContentWarning[];
}

/** A list server with this many addresses that bounce does not exist; a hostile mail does. */
const MAX_RECIPIENTS = 10_000;
const MAX_BYTES = 4 * 1024 * 1024;
/** Header blocks of original messages longer than this are cut. */
const MAX_HEADER = 256 * 1024;
/** Of words that stand for themselves. */
const MAX_WORD = 200;
/** Of fields that may be repeated. */
const MAX_VALUES = 100;

/** The report that the leaves of a message make up; null when none of them is machine-readable. */
export function readReport(leaves: readonly ReportLeaf[]): ReadReport {
  const warnings = new Warnings();
  const ofType = (...types: readonly string[]): ReportLeaf[] =>
    leaves.filter((leaf) => types.includes(leaf.contentType));
  const delivery = ofType('message/delivery-status', 'message/global-delivery-status');
  const disposition = ofType(
    'message/disposition-notification',
    'message/global-disposition-notification',
  )[0];
  const feedback = ofType('message/feedback-report')[0];
  const original = originalMessage(
    ofType('message/rfc822', 'message/global', 'text/rfc822-headers', 'message/global-headers').at(-1),
  );
  let report: MailReport | null = null;
  if (delivery.length > 0) report = deliveryReport(delivery, original, warnings);
  else if (disposition !== undefined) report = dispositionReport(disposition, original, warnings);
  else if (feedback !== undefined) report = feedbackReport(feedback, original, warnings);
  return { report, warnings: warnings.list };
}

function originalMessage(leaf: ReportLeaf | undefined): OriginalMessage | null {
  if (leaf === undefined) return null;
  const head = leaf.bytes.subarray(0, MAX_HEADER).toString('latin1');
  const end = head.search(/\n\r?\n/u);
  const fields = parseHeaderBlock(Buffer.from(end === -1 ? head : head.slice(0, end), 'latin1'));
  if (fields.length === 0) return null;
  const subject = rawField(fields, 'subject');
  return {
    messageId: rawField(fields, 'message-id') ?? null,
    subject: subject === undefined ? null : decodeText(subject),
    from: parseAddresses(rawField(fields, 'from')).slice(0, MAX_VALUES),
    to: parseAddresses(rawField(fields, 'to')).slice(0, MAX_VALUES),
    date: instant(rawField(fields, 'date')),
  };
}

/** Groups of fields, parted by empty lines. */
function groupsOf(leaf: ReportLeaf, warnings: Warnings): HeaderField[][] {
  if (leaf.bytes.length > MAX_BYTES) warnings.add('report-cut', leaf.bytes.length);
  return groupsIn(leaf.bytes.subarray(0, MAX_BYTES), true);
}

/** @param encoded whether a group may be in base64: gateways encode groups by themselves, and say so in the one before */
function groupsIn(report: Buffer, encoded: boolean): HeaderField[][] {
  const groups: HeaderField[][] = [];
  let lines: string[] = [];
  const endGroup = (): void => {
    const block = lines.join('\n');
    lines = [];
    if (encoded && saysBase64(groups.at(-1)) && /^[\w+/=\n]+$/u.test(block)) {
      groups.push(...groupsIn(Buffer.from(block, 'base64'), false));
      return;
    }
    const fields = parseHeaderBlock(Buffer.from(block, 'latin1'));
    if (fields.length > 0) groups.push(fields);
  };
  for (const line of report.toString('latin1').split(/\r\n|\n|\r/u)) {
    if (line.trim() === '') endGroup();
    else lines.push(line);
  }
  endGroup();
  return groups;
}

const saysBase64 = (group: readonly HeaderField[] | undefined): boolean =>
  rawField(group ?? [], 'content-transfer-encoding')?.toLowerCase() === 'base64';

const instant = (value: string | undefined): string | null => parseDate(value)?.toISOString() ?? null;

const text = (fields: readonly HeaderField[], name: string): string | null => {
  const value = rawField(fields, name);
  return value === undefined || value === '' ? null : decodeText(value);
};

const values = (fields: readonly HeaderField[], name: string): string[] =>
  fields
    .filter((field) => field.name.toLowerCase() === name)
    .slice(0, MAX_VALUES)
    .map((field) => decodeText(field.value));

/** "smtp; 550 no" in two; without a semicolon all of it is the value. */
function typed(value: string | null): { type: string | null; value: string | null } {
  const semicolon = value?.indexOf(';') ?? -1;
  if (value === null || semicolon === -1) return { type: null, value };
  const rest = value.slice(semicolon + 1).trim();
  return { type: value.slice(0, semicolon).trim().toLowerCase(), value: rest === '' ? null : rest };
}

/** Without type and angle brackets; the escapes of RFC 6533 section 3 resolved. */
function address(value: string | null): string | null {
  const { type, value: bare } = typed(value);
  if (bare === null || bare === '') return null;
  const plain = bare.startsWith('<') && bare.endsWith('>') ? bare.slice(1, -1) : bare;
  if (type !== 'utf-8') return plain;
  return plain.replace(/\\x\{([\da-f]{1,6})\}/giu, (escape, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
      ? String.fromCodePoint(code)
      : escape;
  });
}

/** Fields that stand above all recipients (RFC 3464 section 2.2). */
const PER_MESSAGE = new Set([
  'original-envelope-id',
  'reporting-mta',
  'dsn-gateway',
  'received-from-mta',
  'arrival-date',
]);

function deliveryReport(
  leaves: readonly ReportLeaf[],
  original: OriginalMessage | null,
  warnings: Warnings,
): DeliveryReport {
  const message: HeaderField[] = [];
  const recipients: ReportedRecipient[] = [];
  for (const group of leaves.flatMap((leaf) => groupsOf(leaf, warnings))) {
    message.push(...group.filter((field) => PER_MESSAGE.has(field.name.toLowerCase())).slice(0, MAX_VALUES));
    for (const fields of recipientsOf(group)) {
      if (recipients.length < MAX_RECIPIENTS) recipients.push(recipient(fields));
      else warnings.add('report-too-many-recipients', MAX_RECIPIENTS);
    }
  }
  if (recipients.length === 0) warnings.add('report-without-recipient');
  return {
    kind: 'delivery-status',
    reportingMta: typed(text(message, 'reporting-mta')).value,
    receivedFromMta: typed(text(message, 'received-from-mta')).value,
    originalEnvelopeId: text(message, 'original-envelope-id'),
    arrivalDate: instant(rawField(message, 'arrival-date')),
    recipients,
    original,
  };
}

/** Servers forget the empty line between recipients: a final recipient of its own begins another one. */
function recipientsOf(group: readonly HeaderField[]): HeaderField[][] {
  const found: HeaderField[][] = [];
  let seen = new Set<string>();
  for (const field of group) {
    const name = field.name.toLowerCase();
    if (PER_MESSAGE.has(name)) continue;
    const last = found.at(-1);
    const begins = name === 'final-recipient' || name === 'original-recipient';
    if (last === undefined || (begins && seen.has(name))) {
      found.push([field]);
      seen = new Set([name]);
    } else {
      last.push(field);
      seen.add(name);
    }
  }
  const known = ['final-recipient', 'original-recipient', 'action', 'status', 'diagnostic-code'];
  return found.filter((fields) => fields.some((field) => known.includes(field.name.toLowerCase())));
}

const SEVERITY: Readonly<Record<string, ReportedRecipient['severity']>> = {
  '2': 'success',
  '4': 'temporary',
  '5': 'permanent',
};

function recipient(fields: readonly HeaderField[]): ReportedRecipient {
  const status =
    /\b[245]\.\d{1,3}\.\d{1,3}\b/u.exec((text(fields, 'status') ?? '').slice(0, 200))?.[0] ?? null;
  const diagnostic = typed(text(fields, 'diagnostic-code'));
  return {
    finalRecipient: address(text(fields, 'final-recipient')),
    originalRecipient: address(text(fields, 'original-recipient')),
    action: firstWord(text(fields, 'action')),
    status,
    severity: SEVERITY[status?.charAt(0) ?? ''] ?? null,
    diagnosticCode: diagnostic.value,
    diagnosticType: diagnostic.type,
    remoteMta: typed(text(fields, 'remote-mta')).value,
    lastAttempt: instant(rawField(fields, 'last-attempt-date')),
    willRetryUntil: instant(rawField(fields, 'will-retry-until')),
  };
}

/** Comments such as "failed (bad address)" mean nothing. */
function firstWord(value: string | null): string | null {
  // The engine's stack does not bear a word of megabytes.
  return /^[\w-]+/u.exec(value?.trim().slice(0, MAX_WORD).toLowerCase() ?? '')?.[0] ?? null;
}

function mode(value: string | undefined): 'manual' | 'automatic' | null {
  const word = value?.trim().toLowerCase() ?? '';
  if (word.startsWith('manual') || word.startsWith('mdn-sent-manually')) return 'manual';
  if (word.startsWith('automatic') || word.startsWith('mdn-sent-automatically')) return 'automatic';
  return null;
}

function dispositionReport(
  leaf: ReportLeaf,
  original: OriginalMessage | null,
  warnings: Warnings,
): DispositionReport {
  const fields = groupsOf(leaf, warnings).flat();
  const [modes = '', result = ''] = (text(fields, 'disposition') ?? '').split(';');
  const [action, sending] = modes.split('/');
  const [disposition = '', modifiers = ''] = result.split('/');
  if (disposition.trim() === '') warnings.add('report-without-disposition');
  return {
    kind: 'disposition-notification',
    reportingUa: text(fields, 'reporting-ua'),
    finalRecipient: address(text(fields, 'final-recipient')),
    originalRecipient: address(text(fields, 'original-recipient')),
    originalMessageId: text(fields, 'original-message-id'),
    disposition: firstWord(disposition),
    modifiers: modifiers
      .split(',')
      .slice(0, MAX_VALUES)
      .map((modifier) => modifier.trim().toLowerCase())
      .filter((modifier) => modifier !== ''),
    actionMode: mode(action),
    sendingMode: mode(sending),
    errors: values(fields, 'error'),
    original,
  };
}

function feedbackReport(
  leaf: ReportLeaf,
  original: OriginalMessage | null,
  warnings: Warnings,
): FeedbackReport {
  const fields = groupsOf(leaf, warnings).flat();
  const incidents = Number.parseInt(text(fields, 'incidents') ?? '', 10);
  return {
    kind: 'feedback-report',
    feedbackType: firstWord(text(fields, 'feedback-type')),
    userAgent: text(fields, 'user-agent'),
    originalMailFrom: address(text(fields, 'original-mail-from')),
    originalRcptTo: values(fields, 'original-rcpt-to').map((value) => address(value) ?? value),
    // Older reports call it Received-Date.
    arrivalDate: instant(rawField(fields, 'arrival-date') ?? rawField(fields, 'received-date')),
    sourceIp: text(fields, 'source-ip'),
    reportedDomains: values(fields, 'reported-domain'),
    reportedUris: values(fields, 'reported-uri'),
    incidents: Number.isSafeInteger(incidents) ? incidents : null,
    original,
  };
}
