/**
 * Files that were unpacked from an attachment, as attachments of the message. Owns: their part numbers: the container's, a
 * tilde, and their number from 1. Must not: unpack.
 */
import { createHash } from 'node:crypto';
import type { MessageWarning } from '../../generated/types.js';
import type { TnefFile } from '../content/tnef.js';
import { safeAttachmentName } from './attachment-name.js';
import type { ParsedAttachment } from './message.js';

export function attachmentsOf(
  container: string,
  files: readonly TnefFile[],
  warnings: MessageWarning[],
): ParsedAttachment[] {
  return files.map(({ name: stated, contentType, contentId, bytes }, index) => {
    const part = `${container}~${String(index + 1)}`;
    const name = safeAttachmentName(stated ?? undefined, part, contentType);
    if (stated !== null && stated !== name)
      warnings.push({ code: 'attachment-name-changed', part, detail: stated.slice(0, 200).toWellFormed() });
    return {
      part,
      name,
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
