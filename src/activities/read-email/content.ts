/**
 * Opens what was too large for its record: an attachment, or the source of the message. Reads the message again and passes
 * on one part, so that memory does not grow with it.
 */
import { Readable } from 'node:stream';
import { openReading, type Access } from '../../connection/index.js';
import { Failure } from '../../errors/index.js';
import { partBytes } from '../../mail/index.js';
import { contentWithin } from './contents.js';
import { readContentReference } from './references.js';

/**
 * The decoded bytes of the attachment, or the source. The stream errs with Failure message-gone, folder-renewed,
 * connection-lost … @throws Failure content-reference-invalid
 */
export function openAttachment(access: Access, ref: string, signal?: AbortSignal): Readable {
  const { mailbox, transport, folder, folderId, generation, id, part } = readContentReference(
    ref,
    access.settings,
  );
  async function* bytes(): AsyncGenerator<Buffer> {
    const session = openReading(access, mailbox, transport, signal);
    try {
      const opened = await session.openFolder(transport === 'graph' ? `id:${folderId}` : folderId, 'read');
      if (opened.generation !== generation)
        throw new Failure('folder-renewed', { parameters: { mailbox, folder } });
      if (part === undefined) {
        yield* session.source(id);
        return;
      }
      const found = yield* partBytes(session.source(id), part);
      if (found) return;
      const inside = await contentWithin(session.source(id), part);
      if (inside === undefined) throw new Failure('content-reference-invalid');
      yield inside;
    } finally {
      await session.close();
    }
  }
  return Readable.from(bytes(), { objectMode: false });
}
