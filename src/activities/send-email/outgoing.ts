/**
 * From what is asked to what the sending port takes. Owns: the envelope, and how contents are opened. Must not: send.
 */
import type { Readable } from 'node:stream';
import type { Attachment, FileContent, ReferencedContent } from '../../generated/types.js';
import type { Envelope, OutgoingAttachment, OutgoingMessage } from '../../mail/index.js';
import { asciiAddress, withAsciiDomain } from './addresses.js';
import { envelopeRecipients, type EffectiveMessage } from './effective.js';

/** Opens what Read Email left behind a reference, or a file. @throws Failure for a reference that is none */
export type OpenContent = (content: ReferencedContent | FileContent, signal?: AbortSignal) => Readable;

/** What makes a message this one: derived once, the same for every try. */
export interface Identity {
  /** With its angle brackets. */
  readonly messageId: string;
  readonly date: Date;
  /** Whether a try that cannot be judged would have to stay as it is: it must not be made again. */
  readonly holdsEnd?: boolean | undefined;
}

export function envelopeOf(message: EffectiveMessage): Envelope {
  return { from: asciiAddress(message.from.address), to: envelopeRecipients(message).map(asciiAddress) };
}

export function outgoingMessage(
  message: EffectiveMessage,
  identity: Identity,
  openContent: OpenContent,
  signal: AbortSignal | undefined,
): OutgoingMessage {
  const { subject, text, html, marks } = message;
  const shown = contentIdsIn(html ?? '');
  const attachments = message.attachments
    .map((one) => shownInline(one, shown))
    .map((one) => outgoingAttachment(one, openContent, signal));
  const addressed = {
    from: withAsciiDomain(message.from),
    to: message.to.map(withAsciiDomain),
    cc: message.cc.map(withAsciiDomain),
    bcc: message.bcc.map(withAsciiDomain),
    replyTo: message.replyTo.map(withAsciiDomain),
  };
  return { ...identity, ...addressed, subject, text, html, attachments, marks };
}

/** What the HTML shows by `cid:` addresses (RFC 2392). */
function contentIdsIn(html: string): Set<string> {
  return new Set(Array.from(html.matchAll(/\bcid:([^\s"'<>()]+)/giu), ([, id = '']) => unescaped(id)));
}

function unescaped(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

/** A file that the HTML calls by its name is inline under that name, where the name can be a Content-ID. */
function shownInline(attachment: Attachment, shown: ReadonlySet<string>): Attachment {
  const { name, contentId } = attachment;
  if (contentId !== undefined || !shown.has(name) || !/^[\w.@+-]+$/u.test(name)) return attachment;
  return { ...attachment, contentId: name };
}

function outgoingAttachment(
  { name, contentType, contentId, content }: Attachment,
  openContent: OpenContent,
  signal: AbortSignal | undefined,
): OutgoingAttachment {
  const described = { name, contentType, contentId };
  if ('inline' in content) return { ...described, content: Buffer.from(content.inline, 'base64') };
  return { ...described, content: () => openContent(content, signal) };
}
