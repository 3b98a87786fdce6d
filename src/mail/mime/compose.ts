/**
 * Builds the source of an outgoing message with nodemailer's composer. Owns: what goes into which header.
 * Must not: read files or URLs (both are switched off), or know a transport.
 */
import type { Readable } from 'node:stream';
import type { EmailAddress } from '../../generated/types.js';

export interface OutgoingAttachment {
  readonly name: string;
  readonly contentType?: string | undefined;
  readonly contentId?: string | undefined;
  readonly content: Buffer | Readable;
}

export interface OutgoingMessage {
  readonly messageId: string;
  readonly date: Date;
  readonly from: EmailAddress;
  readonly to: readonly EmailAddress[];
  readonly cc: readonly EmailAddress[];
  readonly replyTo: readonly EmailAddress[];
  readonly subject: string;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  readonly attachments: readonly OutgoingAttachment[];
}

/** A file is a leaf: under a multipart type the composer would take it for a container and send it empty. */
function asLeafType(contentType: string): string {
  return /^multipart\//iu.test(contentType) ? 'application/octet-stream' : contentType;
}

function named({ name, address }: EmailAddress): { name: string; address: string } {
  return { name: name ?? '', address };
}

/** The message's source as a stream. Blind copy recipients are in the envelope only, never in the source. */
export async function composeMessage(message: OutgoingMessage): Promise<Readable> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const composer = new MailComposer({
    messageId: message.messageId,
    date: message.date,
    from: named(message.from),
    to: message.to.map(named),
    cc: message.cc.map(named),
    replyTo: message.replyTo.map(named),
    subject: message.subject,
    ...(message.text === undefined ? {} : { text: message.text }),
    ...(message.html === undefined ? {} : { html: message.html }),
    attachments: message.attachments.map(({ name, contentType, contentId, content }) => ({
      filename: name,
      content,
      ...(contentType === undefined ? {} : { contentType: asLeafType(contentType) }),
      ...(contentId === undefined ? {} : { cid: contentId, contentDisposition: 'inline' as const }),
    })),
    xMailer: false,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().createReadStream();
}
