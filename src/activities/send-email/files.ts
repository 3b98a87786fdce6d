/**
 * Files of the machine as attachments. Owns: that a file lies in a folder which the operator allows, when it is judged and
 * whenever it is opened. Otherwise whoever writes a record could have any file of the machine sent.
 */
import { constants, realpathSync, statSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { Failure } from '../../errors/index.js';
import { isWithin } from '../allowed-folders.js';

const PIECE = 64 * 1024;
/** What is no file, such as a pipe, must not keep the process waiting. */
const HOW = constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NONBLOCK);

export class SendableFiles {
  readonly #folders: readonly string[];

  /** @param folders files in them and below may be sent */
  constructor(folders: readonly string[] = []) {
    this.#folders = folders.map((folder) => resolve(folder));
  }

  /** @throws Failure attachment-file-not-allowed, attachment-file-unreadable */
  assert(file: string): void {
    const real = this.#real(file);
    try {
      if (statSync(real).isFile()) return;
    } catch (error) {
      throw unreadable(file, error);
    }
    throw unreadable(file, { code: 'not a file' });
  }

  /** Opened when it is read, anew each time. It ends with a Failure as assert() throws it. */
  open(file: string, signal?: AbortSignal): Readable {
    return Readable.from(this.#bytes(file, signal), { objectMode: false });
  }

  async *#bytes(file: string, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
    try {
      const handle = await open(this.#real(file), HOW);
      try {
        const held = await handle.stat({ bigint: true });
        // Looked at again now that it is held: a link may have been put in the way in between.
        const named = await stat(this.#real(file), { bigint: true });
        if (!held.isFile()) throw unreadable(file, { code: 'not a file' });
        if (held.dev !== named.dev || held.ino !== named.ino) throw notAllowed(file);
        const size = Number(held.size);
        // What is added meanwhile is not sent: it would be cut anywhere.
        for (let at = 0; at < size;) {
          signal?.throwIfAborted();
          const piece = Buffer.allocUnsafe(Math.min(PIECE, size - at));
          const { bytesRead } = await handle.read(piece, 0, piece.length, at);
          if (bytesRead === 0) throw unreadable(file, { code: 'it was shortened' });
          at += bytesRead;
          yield piece.subarray(0, bytesRead);
        }
      } finally {
        await handle.close();
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof Failure ? error : unreadable(file, error);
    }
  }

  /** Where the file really is. */
  #real(file: string): string {
    const roots = this.#folders.flatMap((folder) => realOf(folder) ?? []);
    const places = isAbsolute(file) ? [resolve(file)] : this.#folders.map((folder) => resolve(folder, file));
    // Nothing outside is even looked for: on Windows that alone can reach another machine.
    const inside = places.filter((place) =>
      [...this.#folders, ...roots].some((root) => isWithin(root, place)),
    );
    if (inside.length === 0) throw notAllowed(file);
    let missing: unknown;
    for (const place of inside) {
      let real: string;
      try {
        real = realpathSync(place);
      } catch (error) {
        missing ??= error;
        continue;
      }
      if (roots.some((root) => isWithin(root, real))) return real;
      throw notAllowed(file);
    }
    throw unreadable(file, missing);
  }
}

function realOf(folder: string): string | undefined {
  try {
    return realpathSync(folder);
  } catch {
    return undefined;
  }
}

const notAllowed = (file: string): Failure =>
  new Failure('attachment-file-not-allowed', { parameters: { file } });

function unreadable(file: string, cause: unknown): Failure {
  const serverText = (cause as { code?: string } | undefined)?.code ?? 'cannot be read';
  return new Failure('attachment-file-unreadable', { parameters: { file }, serverText, cause });
}
