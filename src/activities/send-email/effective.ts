/**
 * What is really sent: the request's values over the activity's. Owns: precedence, the allow-list for mailbox and
 * sender, and what only the merged message can tell (a recipient is needed). Must not: compose or send.
 */
import { Failure } from '../../errors/index.js';
import type {
  Attachment,
  EmailAddress,
  FieldProblem,
  Microsoft365Connection,
  SendEmailConfig,
  SendEmailRequest,
} from '../../generated/types.js';
import type { OutgoingMarks } from '../../mail/index.js';
import { activityMailbox, chosenMailbox, recordMayName } from '../mailbox-choice.js';
import { brokenAddresses } from './addresses.js';

export interface EffectiveMessage {
  readonly mailbox: string;
  readonly from: EmailAddress;
  readonly to: readonly EmailAddress[];
  readonly cc: readonly EmailAddress[];
  readonly bcc: readonly EmailAddress[];
  readonly replyTo: readonly EmailAddress[];
  readonly subject: string;
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly attachments: readonly Attachment[];
  readonly marks: OutgoingMarks;
}

/** @throws Failure override-not-allowed, input-invalid */
export function effectiveMessage(
  settings: Microsoft365Connection,
  config: SendEmailConfig,
  request: SendEmailRequest,
): EffectiveMessage {
  const mailbox = chosenMailbox(settings, config, request);
  const own = [
    mailbox,
    activityMailbox(settings, config),
    ...(config.from === undefined ? [] : [config.from.address]),
  ];
  if (request.from !== undefined && !recordMayName(settings, request.from.address, own)) {
    throw new Failure('override-not-allowed', { parameters: { address: request.from.address } });
  }
  const message = {
    mailbox,
    from: request.from ?? config.from ?? { address: mailbox },
    to: addresses(request.to) ?? config.to ?? [],
    cc: addresses(request.cc) ?? config.cc ?? [],
    bcc: addresses(request.bcc) ?? config.bcc ?? [],
    replyTo: addresses(request.replyTo) ?? config.replyTo ?? [],
    subject: request.subject ?? config.subject ?? '',
    // A record's own body is not shown beside the activity's in the other form.
    text: request.text ?? (request.html === undefined ? config.text : undefined),
    html: request.html ?? (request.text === undefined ? config.html : undefined),
    attachments: request.attachments ?? [],
    marks: marksOf(config, request),
  };
  const problems = [
    ...missingRecipients(message),
    ...brokenAddresses(message),
    ...brokenContents(message.attachments),
    ...otherMethod(request),
  ];
  if (problems.length > 0) throw new Failure('input-invalid', { problems });
  return message;
}

function marksOf({ automatic = true }: SendEmailConfig, request: SendEmailRequest): OutgoingMarks {
  const { importance, sensitivity, categories, readReceipt, deliveryReceipt } = request;
  const { inReplyTo, references = [], calendar, headers } = request;
  // RFC 5322 section 3.6.4: the message answered is the last of those referred to.
  const before = references.filter((id) => id !== inReplyTo);
  const conversation = inReplyTo === undefined ? references : [...before, inReplyTo];
  const receipts = { readReceipt, deliveryReceipt };
  const about = { importance, sensitivity, categories, ...receipts, calendar, headers, automatic };
  const { how = 'forward' } = request.answerTo ?? {};
  const answers = how !== 'forward' || inReplyTo !== undefined;
  return { ...about, inReplyTo, references: conversation, ...(answers ? { answers } : {}) };
}

/** Programs go by the part's method or by the text's: two that differ would be two invitations. */
function otherMethod({ calendar }: SendEmailRequest): FieldProblem[] {
  if (calendar === undefined) return [];
  const stated = /^METHOD:([A-Z]+)[\t ]*\r?$/imu.exec(calendar.content)?.[1];
  if (stated?.toUpperCase() === calendar.method) return [];
  const label = 'activities.send-email.request.calendar.label';
  return [{ pointer: '/calendar/content', label, rule: 'pattern' }];
}

/** Texts have been made lists before a request is judged. */
function addresses(value: SendEmailRequest['to']): EmailAddress[] | undefined {
  return typeof value === 'string' ? [] : value;
}

function missingRecipients({ to, cc, bcc }: Pick<EffectiveMessage, 'to' | 'cc' | 'bcc'>): FieldProblem[] {
  if (to.length + cc.length + bcc.length > 0) return [];
  return [{ pointer: '/to', label: 'activities.send-email.request.to.label', rule: 'required' }];
}

/** Node decodes base64 leniently: what is not base64 would go out as a file that nobody gave. */
function brokenContents(attachments: readonly Attachment[]): FieldProblem[] {
  return attachments.flatMap(({ content }, index) => {
    if (!('inline' in content) || isBase64(content.inline)) return [];
    const pointer = `/attachments/${String(index)}/content/inline`;
    return [{ pointer, label: 'common.fields.inline.label', rule: 'base64' }];
  });
}

/** A regular expression over the whole text would overflow its stack on a large file; the lenient decoder skips what is wrong. */
function isBase64(text: string): boolean {
  if (text.length % 4 !== 0) return false;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return Buffer.from(text, 'base64').length === (text.length / 4) * 3 - padding;
}

/** Addresses of the envelope: to, cc, bcc, each one once. */
export function envelopeRecipients({ to, cc, bcc }: EffectiveMessage): string[] {
  const addresses = new Map<string, string>();
  for (const { address } of [...to, ...cc, ...bcc]) {
    const name = address.toLowerCase();
    if (!addresses.has(name)) addresses.set(name, address);
  }
  return [...addresses.values()];
}
