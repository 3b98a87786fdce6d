/**
 * Takes mail for sending: whole as MIME, or as a draft to which files are added
 * (https://learn.microsoft.com/graph/outlook-send-mime-message, .../outlook-large-attachments). Messages as JSON are not
 * known here. Must not: decide who may send as whom.
 */
import { normalize } from '../directory/new-entities.js';
import { parseHeader, readAddresses, replaceFields } from '../smtp/header-edit.js';
import type { GraphCall, GraphReply } from './call.js';
import { contextOf, prefersImmutableIds } from './call.js';
import { badRequest, GraphError } from './graph-error.js';
import { messageId } from './ids.js';
import { renderMessage } from './message-resource.js';
import type { Sender } from './outgoing.js';

/** A file added in one call must be smaller; a larger one needs an upload session, and has at most 150 MB. */
const SMALL_FILE_BYTES = 3_000_000;
const LARGEST_FILE_BYTES = 150 * 1024 * 1024;
const UPLOAD_MS = 60 * 60 * 1000;

export function sendMail(call: GraphCall): GraphReply {
  const source = mimeOf(call);
  const { directory, acting } = senderOf(call);
  // Whom MIME names as author does not count: the message is the mailbox's own.
  const [from] = readAddresses(source, parseHeader(source), 'from');
  const isOwn = from !== undefined && directory.findMailbox(from) === acting;
  const own = isOwn ? source : replaceFields(source, 'from', `From: <${acting.address}>`);
  call.outgoing.send(senderOf(call), own);
  return { status: 202 };
}

export function createDraft(call: GraphCall): GraphReply {
  const { mailbox } = call.index;
  const drafts = mailbox.findByRole('drafts');
  if (drafts === undefined) throw new GraphError(404, 'ErrorFolderNotFound', 'There is no Drafts folder.');
  const mail = drafts.add(mailbox.keepSource(mimeOf(call)), ['\\Draft', '\\Seen'], new Date(call.now()));
  const resource = renderMessage({ mail, folder: drafts }, undefined, prefersImmutableIds(call));
  return { status: 201, json: { '@odata.context': contextOf('messages/$entity'), ...resource } };
}

export function addAttachment(call: GraphCall): GraphReply {
  const { mail } = draftOf(call);
  const { contentBytes, ...described } = objectOf(call.body);
  if (described['@odata.type'] !== '#microsoft.graph.fileAttachment' || typeof contentBytes !== 'string') {
    throw badRequest('A fileAttachment with contentBytes is expected.');
  }
  const bytes = Buffer.from(contentBytes, 'base64');
  if (bytes.length >= SMALL_FILE_BYTES) {
    throw new GraphError(413, 'ErrorRequestEntityTooLarge', 'The attachment needs an upload session.');
  }
  const file = { ...fileOf(described), bytes };
  call.outgoing.addFile(mail.itemId, file);
  return {
    status: 201,
    json: {
      '@odata.context': contextOf('attachments/$entity'),
      '@odata.type': '#microsoft.graph.fileAttachment',
      id: attachmentId(mail.itemId, file.name),
      name: file.name,
      contentType: file.contentType,
      size: bytes.length,
      isInline: file.isInline,
    },
  };
}

export function createUpload(call: GraphCall): GraphReply {
  const { mail, folder } = draftOf(call);
  const { AttachmentItem: item } = objectOf(call.body);
  const { attachmentType, size, ...described } = objectOf(item);
  if (attachmentType !== 'file' || typeof size !== 'number')
    throw badRequest('A file with its size is expected.');
  if (size < SMALL_FILE_BYTES || size > LARGEST_FILE_BYTES) {
    throw new GraphError(
      400,
      'ErrorAttachmentSizeShouldNotBeLessThanMinimumSize',
      'Attachment size must be greater than the minimum size and within the maximum.',
    );
  }
  const expiresAt = call.now() + UPLOAD_MS;
  const { itemId } = mail;
  const file = fileOf(described);
  const id = encodeURIComponent(messageId(mail, folder, true));
  const message = `https://outlook.office.com/api/gv1.0/users('${call.settings.address}')/messages('${id}')`;
  const location = `${message}/Attachments('${attachmentId(itemId, file.name)}')`;
  const secret = call.outgoing.startUpload({
    ...{ itemId, file, size, pieces: [], received: 0 },
    location,
    expiresAt,
  });
  return {
    status: 201,
    json: {
      '@odata.context': contextOf('uploadSession'),
      uploadUrl: `${message}/AttachmentSessions('1')?authtoken=${secret}`,
      expirationDateTime: new Date(expiresAt).toISOString(),
      nextExpectedRanges: ['0-'],
    },
  };
}

export function sendDraft(call: GraphCall): GraphReply {
  const { mail, folder } = draftOf(call);
  const source = call.outgoing.takeDraft(mail.itemId, mail.source.read());
  call.outgoing.send(senderOf(call), source, mail.itemId);
  folder.remove(mail);
  return { status: 202 };
}

const attachmentId = (itemId: string, name: string): string =>
  Buffer.from(`${itemId} ${name}`).toString('base64url');

function senderOf({ caller: { claims, directory }, settings }: GraphCall): Sender {
  return { directory, acting: settings, trustee: normalize(claims.upn ?? claims.oid) };
}

function draftOf(call: GraphCall) {
  const placed = call.index.message(call.operation.message ?? '');
  if (!placed.mail.flags.has('\\Draft')) {
    throw new GraphError(400, 'ErrorInvalidRequest', 'The message is not a draft.');
  }
  return placed;
}

/** The body as base64 of a message (RFC 5322). @throws GraphError */
function mimeOf({ raw: { contentType, bytes } }: GraphCall): Buffer {
  if (!/^text\/plain\b/iu.test(contentType)) throw badRequest('The sandbox takes messages as MIME only.');
  const text = bytes.toString('latin1').trim();
  const source = Buffer.from(text, 'base64');
  if (text === '' || source.toString('base64') !== text.replace(/\s+/gu, '')) {
    throw new GraphError(
      400,
      'ErrorMimeContentInvalidBase64String',
      'Invalid base64 string for MIME content.',
    );
  }
  return source;
}

function fileOf({ name, contentType, contentId, isInline }: Record<string, unknown>) {
  if (typeof name !== 'string' || name === '') throw badRequest('The name of the attachment is missing.');
  return {
    name,
    contentType: typeof contentType === 'string' ? contentType : 'application/octet-stream',
    contentId: typeof contentId === 'string' ? contentId : undefined,
    isInline: isInline === true,
  };
}

function objectOf(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('Unable to read JSON request payload.');
  }
  return body as Record<string, unknown>;
}
