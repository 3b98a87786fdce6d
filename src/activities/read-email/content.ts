/**
 * Opens an attachment that was too large for its record. Reads the message again and passes on one part, so
 * that memory does not grow with it.
 */
import { Readable } from 'node:stream';
import { openMailbox, type Access } from '../../connection/index.js';
import { Failure } from '../../errors/index.js';
import { partBytes } from '../../mail/index.js';
import { readContentReference } from './references.js';

/**
 * The decoded bytes of the attachment. The stream errs with Failure message-gone, folder-renewed, connection-lost …
 * @throws Failure content-reference-invalid
 */
export function openAttachment(access: Access, ref: string, signal?: AbortSignal): Readable {
  const place = readContentReference(ref, access.settings);
  const { mailbox, folder, uidValidity, uid, part } = place;
  async function* bytes(): AsyncGenerator<Buffer> {
    const session = await openMailbox(access, mailbox, signal);
    try {
      const opened = await session.openFolder(folder, 'read');
      if (opened.uidValidity !== uidValidity)
        throw new Failure('folder-renewed', { parameters: { mailbox, folder } });
      const found = yield* partBytes(session.source(uid), part);
      if (!found) throw new Failure('content-reference-invalid');
    } finally {
      await session.close();
    }
  }
  return Readable.from(bytes(), { objectMode: false });
}
