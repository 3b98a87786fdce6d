/**
 * Builds the source of an outgoing message with nodemailer's composer. Owns: what goes into which header.
 * Must not: read files or URLs (both are switched off), or know a transport.
 */
import type { Readable } from 'node:stream';
import type { EmailAddress } from '../../generated/types.js';
import type { OutgoingAttachment, OutgoingMessage } from '../sending.js';

/** A message's source, and the way to end what was opened for it, however far it got. */
export interface ComposedSource {
  readonly source: Readable;
  readonly release: () => void;
}

/** A file is a leaf: under a multipart type the composer would take it for a container and send it empty. */
function asLeafType(contentType: string): string {
  return /^multipart\//iu.test(contentType) ? 'application/octet-stream' : contentType;
}

function named({ name, address }: EmailAddress): { name: string; address: string } {
  return { name: name ?? '', address };
}

/**
 * The message's source as a stream. Blind copy recipients are in the envelope only, never in the source.
 * @throws Failure of an attachment whose content cannot be opened; one that breaks later ends the stream with its error
 */
export async function composeMessage(message: OutgoingMessage): Promise<ComposedSource> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const streams: Readable[] = [];
  const release = (): void => streams.forEach((stream) => stream.destroy());
  try {
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
      attachments: message.attachments.map((attachment) => described(attachment, streams)),
      xMailer: false,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return { source: composer.compile().createReadStream(), release };
  } catch (error) {
    release();
    throw error;
  }
}

function described({ name, contentType, contentId, content }: OutgoingAttachment, streams: Readable[]) {
  return {
    filename: name,
    content: typeof content === 'function' ? opened(content, streams) : content,
    ...(contentType === undefined ? {} : { contentType: asLeafType(contentType) }),
    ...(contentId === undefined ? {} : { cid: contentId, contentDisposition: 'inline' as const }),
  };
}

function opened(open: () => Readable, streams: Readable[]): Readable {
  const stream = open();
  // The composer reports it to the session; a stream it never came to must not end the process.
  stream.on('error', () => undefined);
  streams.push(stream);
  return stream;
}
