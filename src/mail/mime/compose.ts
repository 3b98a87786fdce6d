/**
 * Builds the source of an outgoing message with nodemailer's composer. Owns: what goes into which header.
 * Must not: read files or URLs (both are switched off), or know a transport.
 */
import type { Readable } from 'node:stream';
import type { EmailAddress } from '../../generated/types.js';
import { htmlToText } from '../content/html-text.js';
import type { OutgoingAttachment, OutgoingMarks, OutgoingMessage } from '../sending.js';

/** A message's source, and the way to end what was opened for it, however far it got. */
export interface ComposedSource {
  readonly source: Readable;
  readonly release: () => void;
}

/** Loaded when the first message is sent: a run that reads does without. */
const loadComposer = () => import('nodemailer/lib/mail-composer');
let composer: ReturnType<typeof loadComposer> | undefined;

/**
 * A file is a leaf: under a multipart type the composer would take it for a container and send it empty, and what is in a
 * message type is never encoded (RFC 2046 section 5.2.1), so it must be fit for the wire as it is.
 */
function asLeafType(contentType: string, content: OutgoingAttachment['content']): string {
  if (!/^(?:multipart|message)\//iu.test(contentType)) return contentType;
  const isMessage = contentType.toLowerCase() === 'message/rfc822' && Buffer.isBuffer(content);
  return isMessage && isSevenBit(content) ? contentType : 'application/octet-stream';
}

const LONGEST_LINE = 998;

/** RFC 2045 section 2.7. */
function isSevenBit(bytes: Buffer): boolean {
  let start = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === 0 || byte > 0x7f) return false;
    if (byte === 0x0d && bytes[at + 1] !== 0x0a) return false;
    if (byte !== 0x0a) continue;
    if (bytes[at - 1] !== 0x0d || at - 1 - start > LONGEST_LINE) return false;
    start = at + 1;
  }
  return bytes.length - start <= LONGEST_LINE;
}

function named({ name, address }: EmailAddress): { name: string; address: string } {
  return { name: withoutBlanks(name ?? ''), address };
}

/**
 * The message's source as a stream. Blind copy recipients are in the envelope only, unless the service has no envelope.
 * @throws Failure of an attachment whose content cannot be opened; one that breaks later ends the stream with its error
 */
export async function composeMessage(
  message: OutgoingMessage,
  { withBcc = false }: { readonly withBcc?: boolean } = {},
): Promise<ComposedSource> {
  const { default: MailComposer } = await (composer ??= loadComposer());
  const streams: Readable[] = [];
  const release = (): void => streams.forEach((stream) => stream.destroy());
  try {
    const text = message.text ?? (await textOf(message.html));
    const built = new MailComposer({
      messageId: message.messageId,
      date: message.date,
      from: named(message.from),
      to: message.to.map(named),
      cc: message.cc.map(named),
      ...(withBcc ? { bcc: message.bcc.map(named) } : {}),
      replyTo: message.replyTo.map(named),
      subject: literal(message.subject),
      ...(text === undefined ? {} : { text: inLines(text) }),
      ...(message.html === undefined ? {} : { html: inLines(message.html) }),
      attachments: message.attachments.map((attachment) => described(attachment, streams)),
      ...conversation(message.marks),
      headers: ownHeaders(message),
      alternatives: calendarPart(message.marks),
      xMailer: false,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const root = built.compile();
    encodeLiteralNames(root);
    root.keepBcc = withBcc;
    return { source: root.createReadStream(), release };
  } catch (error) {
    release();
    throw error;
  }
}

function conversation({ inReplyTo, references = [] }: Partial<OutgoingMarks> = {}) {
  return {
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
    ...(references.length === 0 ? {} : { references: [...references] }),
  };
}

function calendarPart({ calendar }: Partial<OutgoingMarks> = {}) {
  if (calendar === undefined) return [];
  return [
    {
      contentType: `text/calendar; charset=utf-8; method=${calendar.method}`,
      content: inLines(calendar.content),
    },
  ];
}

/** RFC 5322 section 2.3: a line ends with CRLF and with nothing else, encoded or not. Not every transport mends it. */
function inLines(text: string): string {
  return text.replace(/\r\n|[\r\n]/gu, '\r\n');
}

const PRIORITY = { low: '5', normal: '3', high: '1' };
const SENSITIVITY = { personal: 'Personal', private: 'Private', confidential: 'Company-Confidential' };

/** What the record gives takes the place of what we would say under the same name. */
function ownHeaders({ from, marks }: OutgoingMessage): { key: string; value: string }[] {
  if (marks === undefined) return [];
  const { importance, sensitivity = 'normal', categories = [], readReceipt = false, automatic } = marks;
  const hasReceipt = readReceipt || marks.deliveryReceipt === true;
  const submitted = marks.answers === true ? 'auto-replied' : 'auto-generated';
  const given = (marks.headers ?? []).map(({ name, value }) => ({ key: name, value }));
  const ours = [
    ...(importance === undefined
      ? []
      : [
          { key: 'Importance', value: importance },
          { key: 'X-Priority', value: PRIORITY[importance] },
        ]),
    ...(sensitivity === 'normal' ? [] : [{ key: 'Sensitivity', value: SENSITIVITY[sensitivity] }]),
    ...(categories.length === 0
      ? []
      : [{ key: 'Keywords', value: categories.map(withoutBlanks).filter(Boolean).join(', ') }]),
    ...(readReceipt ? [{ key: 'Disposition-Notification-To', value: `<${from.address}>` }] : []),
    ...(automatic ? [{ key: 'Auto-Submitted', value: submitted }] : []),
    // "All" would suppress the receipt that is asked for.
    ...(automatic ? [{ key: 'X-Auto-Response-Suppress', value: hasReceipt ? 'OOF, AutoReply' : 'All' }] : []),
  ];
  const names = new Set(given.map(({ key }) => key.toLowerCase()));
  const kept = [...given, ...ours.filter(({ key }) => !names.has(key.toLowerCase()))];
  return kept.map(({ key, value }) => ({ key, value: literal(value) }));
}

/**
 * Blanks around mean nothing in a field (RFC 5322 section 2.2), and readers differ in what they leave of them. Text that looks
 * like an encoded word (RFC 2047) is encoded itself: readers would decode what nobody encoded.
 */
function literal(text: string): string {
  const value = withoutBlanks(text);
  return value.includes('=?') ? encoded(value) : value;
}

function withoutBlanks(text: string): string {
  const isBlank = (at: number): boolean => text[at] === ' ' || text[at] === '\t';
  let [start, end] = [0, text.length];
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return text.slice(start, end);
}

function encoded(text: string): string {
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    if (Buffer.byteLength(word + character) > 45) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((one) => `=?UTF-8?B?${Buffer.from(one).toString('base64')}?=`).join(' ');
}

/** The composer would put such a name in quotes, in which readers decode as well. */
function encodeLiteralNames(root: object): void {
  const node = root as { _encodeAddressName: (name: string) => string };
  const usual = node._encodeAddressName.bind(root);
  node._encodeAddressName = (name) => (name.includes('=?') ? encoded(name) : usual(name));
}

/** Programs and people without HTML read a text; filters hold a message without one against its sender. */
async function textOf(html: string | undefined): Promise<string | undefined> {
  return html === undefined ? undefined : (await htmlToText(html)).text;
}

function described({ name, contentType, contentId, content }: OutgoingAttachment, streams: Readable[]) {
  return {
    filename: name,
    content: typeof content === 'function' ? opened(content, streams) : content,
    ...(contentType === undefined ? {} : { contentType: asLeafType(contentType, content) }),
    ...(contentId === undefined
      ? { contentDisposition: 'attachment' as const }
      : { cid: contentId, contentDisposition: 'inline' as const }),
  };
}

function opened(open: () => Readable, streams: Readable[]): Readable {
  const stream = open();
  // The composer reports it to the session; a stream it never came to must not end the process.
  stream.on('error', () => undefined);
  streams.push(stream);
  return stream;
}
