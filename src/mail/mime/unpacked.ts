/**
 * Files that were unpacked from an attachment, as attachments of the message. Owns: their part numbers: the container's, a
 * tilde, and their number from 1. Must not: unpack.
 */
import { createHash } from 'node:crypto';
import type { TnefFile } from '../content/tnef.js';
import { safeAttachmentName } from './attachment-name.js';
import type { ParsedAttachment } from './message.js';

export function attachmentsOf(container: string, files: readonly TnefFile[]): ParsedAttachment[] {
  return files.map(({ name, contentType, contentId, bytes }, index) => {
    const part = `${container}~${String(index + 1)}`;
    return {
      part,
      name: safeAttachmentName(name ?? undefined, part, contentType),
      contentType,
      disposition: contentId === null ? 'attachment' : 'inline',
      contentId,
      charset: undefined,
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes,
      message: undefined,
    };
  });
}
