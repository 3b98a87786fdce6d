/**
 * What is in the parts of a message that a machine can read: reports, invitations, winmail.dat, S/MIME. Owns: which parts
 * are looked into, and how what they hold becomes part of the message. Must not: decode; mail/content does.
 */
import type { EmailRecord, MessageWarning } from '../../generated/types.js';
import { partBytes } from '../../mail/index.js';
import {
  attachmentsOf,
  decodeCharset,
  parseMessage,
  readCalendar,
  readDetachedSignature,
  readReport,
  readSmime,
  readTnef,
  tnefBody,
  tnefFiles,
  type AttachmentHead,
  type ParsedAttachment,
  type ParsedMessage,
  type ParseLimits,
} from '../../mail/index.js';

export type Contents = Pick<EmailRecord, 'report' | 'calendar' | 'smime' | 'signature'>;

const REPORTS =
  /^(?:message\/(?:delivery-status|global-delivery-status|disposition-notification|global-disposition-notification|feedback-report|rfc822|global|global-headers)|text\/rfc822-headers)$/u;
const CALENDARS = new Set(['text/calendar', 'application/ics']);
const TNEF = new Set(['application/ms-tnef', 'application/vnd.ms-tnef']);
const SMIME = new Set(['application/pkcs7-mime', 'application/x-pkcs7-mime']);
const SIGNATURES = new Set(['application/pkcs7-signature', 'application/x-pkcs7-signature']);
const OCTET_STREAM = 'application/octet-stream';

const MAX_CONTAINER_BYTES = 32 * 1024 * 1024;
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
/** A signed message in an encrypted one in a signed one: deeper is not looked. */
const MAX_DEPTH = 3;

type Kind = Pick<AttachmentHead, 'contentType' | 'name'>;

/** By type, or by the name that programs give which know no better type. */
const isA =
  (types: ReadonlySet<string>, usual: string) =>
  ({ contentType, name }: Kind): boolean =>
    types.has(contentType) || (contentType === OCTET_STREAM && name.toLowerCase() === usual);
const isTnef = isA(TNEF, 'winmail.dat');
const isSmime = isA(SMIME, 'smime.p7m');
const isSignature = isA(SIGNATURES, 'smime.p7s');

/** Up to how many bytes of an attachment are needed to look into it; 0 for those that are only delivered. */
export function neededBytes(head: Kind): number {
  const { contentType } = head;
  if (isTnef(head) || isSmime(head)) return MAX_CONTAINER_BYTES;
  return REPORTS.test(contentType) || CALENDARS.has(contentType) || isSignature(head) ? MAX_TEXT_BYTES : 0;
}

export interface LookedInto {
  /** With what was unpacked in the place of its container. */
  readonly message: ParsedMessage;
  readonly contents: Contents;
}

/** @param limits for messages within S/MIME: as for the message itself */
export async function lookInto(message: ParsedMessage, limits: ParseLimits, depth = 0): Promise<LookedInto> {
  const whole = message.attachments.find((one) => isSmime(one) && one.bytes !== undefined);
  if (whole?.bytes === undefined || depth >= MAX_DEPTH) return opened(message, limits, depth, whole);
  return unwrapped(message, whole, whole.bytes, limits, depth);
}

/** @param tooDeep what is not unwrapped any more */
async function opened(
  message: ParsedMessage,
  limits: ParseLimits,
  depth: number,
  tooDeep?: ParsedAttachment,
): Promise<LookedInto> {
  const warnings: MessageWarning[] = [...message.warnings, ...unopened(message, tooDeep)];
  let { text, html } = message;
  const attachments: ParsedAttachment[] = [];
  for (const one of message.attachments) {
    const unpacked = one.bytes !== undefined && isTnef(one) ? readTnef(one.bytes) : undefined;
    for (const warning of unpacked?.warnings ?? []) warnings.push({ ...warning, part: one.part });
    const inside = unpacked?.message ?? null;
    if (inside === null) {
      // A message that came along and was opened is looked into as well; it stays where it is.
      const inner = one.message && (await lookInto(one.message, limits, depth)).message;
      attachments.push({ ...one, message: inner });
      continue;
    }
    const body = tnefBody(text === null && html === null ? inside : { ...inside, rtf: null });
    for (const warning of body.warnings) warnings.push({ ...warning, part: one.part });
    text ??= body.text;
    html ??= body.html;
    attachments.push(...attachmentsOf(one.part, tnefFiles(inside), warnings));
  }
  const contents: Contents = { ...reportIn(message, warnings), ...(await calendarIn(message, warnings)) };
  const signature = message.attachments.find(isSignature);
  if (signature?.bytes !== undefined) {
    const read = readDetachedSignature(signature.bytes);
    warnings.push(...read.warnings.map((warning) => ({ ...warning, part: signature.part })));
    contents.smime = 'signed';
    if (read.signature !== null) contents.signature = read.signature;
  }
  return { message: { ...message, text, html, attachments, warnings }, contents };
}

/** Parts that hold something for machines, and stay closed: too large, or too many within each other. */
function unopened({ attachments }: ParsedMessage, tooDeep: ParsedAttachment | undefined): MessageWarning[] {
  return attachments.flatMap((one): MessageWarning[] => {
    if (one === tooDeep) return [{ code: 'nesting-too-deep', part: one.part }];
    // A message that came along may be part of a report; mostly it is not.
    const opened = neededBytes(one) > 0 && !/^message\/(?:rfc822|global)$/u.test(one.contentType);
    return opened && one.bytes === undefined && one.size > 0
      ? [{ code: 'not-opened', part: one.part, detail: String(one.size) }]
      : [];
  });
}

/** What is inside stands for the message; its header stays the outer one's, which was delivered. */
async function unwrapped(
  message: ParsedMessage,
  { part }: ParsedAttachment,
  bytes: Buffer,
  limits: ParseLimits,
  depth: number,
): Promise<LookedInto> {
  const { kind, entity, signature, warnings } = readSmime(bytes);
  const own: Contents = { smime: kind, ...(signature === null ? {} : { signature }) };
  const said = warnings.map((warning) => ({ ...warning, part }));
  if (entity === null) {
    const { message: outer, contents } = await opened(message, limits, depth);
    return {
      message: { ...outer, warnings: [...outer.warnings, ...said] },
      contents: { ...contents, ...own },
    };
  }
  const rest = message.attachments.filter((one) => one.part !== part);
  const outer = await opened({ ...message, attachments: rest }, limits, depth);
  const { sink } = limits;
  const within: ParseLimits =
    sink === undefined
      ? limits
      : { ...limits, sink: (head) => sink({ ...head, part: `${part}~${head.part}` }) };
  const inner = await lookInto(await parseMessage(pieceOf(entity), within), within, depth + 1);
  const attachments = inner.message.attachments.map((one) => ({ ...one, part: `${part}~${one.part}` }));
  // Lists and gateways put texts of their own behind it, some before it.
  const isFirst = /^1(?:\.1)*$/u.test(part);
  const joined = (inside: string | null, outside: string | null): string | null => {
    const texts = [inside, outside].filter((text) => text !== null);
    return texts.length === 0 ? null : (isFirst ? texts : texts.reverse()).join('\n');
  };
  return {
    message: {
      ...message,
      text: joined(inner.message.text, outer.message.text),
      html: joined(inner.message.html, outer.message.html),
      attachments: [...outer.message.attachments, ...attachments],
      warnings: [
        ...outer.message.warnings,
        ...said,
        ...inner.message.warnings.map((one) => ({
          ...one,
          part: one.part === undefined ? part : `${part}~${one.part}`,
        })),
      ],
    },
    contents: { ...outer.contents, ...inner.contents, ...own },
  };
}

// eslint-disable-next-line @typescript-eslint/require-await -- a source is asynchronous
async function* pieceOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

function reportIn({ attachments }: ParsedMessage, warnings: MessageWarning[]): Pick<Contents, 'report'> {
  const leaves = attachments.flatMap(({ contentType, bytes }) =>
    bytes !== undefined && REPORTS.test(contentType) ? [{ contentType, bytes }] : [],
  );
  const { report, warnings: own } = readReport(leaves);
  if (report === null) return {};
  warnings.push(...own);
  // The schema of the record says the same as the interpreter's types; what leaves is judged by it.
  return { report: report as NonNullable<Contents['report']> };
}

async function calendarIn(
  { attachments }: ParsedMessage,
  warnings: MessageWarning[],
): Promise<Pick<Contents, 'calendar'>> {
  const found = attachments.find(
    ({ contentType, bytes }) => CALENDARS.has(contentType) && bytes !== undefined,
  );
  if (found?.bytes === undefined) return {};
  const { calendar, warnings: own } = await readCalendar(decodeCharset(found.bytes, found.charset).text);
  warnings.push(...own.map((warning) => ({ ...warning, part: found.part })));
  return calendar === null ? {} : { calendar: calendar as unknown as NonNullable<Contents['calendar']> };
}

/** The bytes of a part within winmail.dat or S/MIME ("2~1"); undefined when there is none. */
export async function contentWithin(
  source: AsyncIterable<Buffer>,
  part: string,
): Promise<Buffer | undefined> {
  const tilde = part.indexOf('~');
  if (tilde === -1) return undefined;
  const container = await collected(partBytes(source, part.slice(0, tilde)));
  const inner = part.slice(tilde + 1);
  const { message } = readTnef(container);
  if (message !== null) return tnefFiles(message)[Number(inner) - 1]?.bytes;
  const { entity } = readSmime(container);
  if (entity === null) return undefined;
  const found = await collected(partBytes(pieceOf(entity), inner));
  return found.length > 0 ? found : contentWithin(pieceOf(entity), inner);
}

async function collected(bytes: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of bytes) {
    size += piece.length;
    if (size > MAX_CONTAINER_BYTES) break;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
