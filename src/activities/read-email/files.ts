/**
 * Attachments as files in a folder. Owns: that a file lies in a folder which the operator allows, never takes the place of
 * another, and has its name only once it is complete. Must not: choose names; mime/attachment-name.ts made them safe.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, realpath, rm, type FileHandle } from 'node:fs/promises';
import { join, parse, resolve } from 'node:path';
import { Failure } from '../../errors/index.js';
import type { AttachmentHead, AttachmentSink } from '../../mail/index.js';
import { isWithin } from '../allowed-folders.js';

/** Names that are tried: invoice.pdf, invoice (2).pdf … */
const MAX_TRIES = 10_000;

/** A folder that attachments are written to. */
export class TargetFolder {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Makes it if it is missing. @param roots folders that the operator allows
   * @throws Failure file-not-allowed, file-unwritable
   */
  static async open(folder: string, roots: readonly string[]): Promise<TargetFolder> {
    const wanted = resolve(folder);
    const allowed = (await Promise.all(roots.map((root) => realpath(resolve(root)).catch(() => '')))).filter(
      (root) => root !== '',
    );
    const refused = new Failure('file-not-allowed', { parameters: { file: folder } });
    // Nothing is made outside: looked at before, and after links have been followed.
    const lexical =
      roots.some((root) => isWithin(resolve(root), wanted)) || allowed.some((root) => isWithin(root, wanted));
    if (!lexical) throw refused;
    try {
      await mkdir(wanted, { recursive: true });
      const real = await realpath(wanted);
      if (!allowed.some((root) => isWithin(root, real))) throw refused;
      return new TargetFolder(real);
    } catch (error) {
      throw error instanceof Failure ? error : unwritable(folder, error);
    }
  }

  /** Where the bytes of one attachment go. */
  file(name: string, maxBytes = Infinity): TargetFile {
    return new TargetFile(this.#folder, name, maxBytes);
  }
}

function unwritable(file: string, cause: unknown): Failure {
  const serverText = (cause as NodeJS.ErrnoException).code ?? 'cannot be written';
  return new Failure('file-unwritable', { parameters: { file }, serverText, cause });
}

export class TargetFile implements AttachmentSink {
  readonly #folder: string;
  readonly #name: string;
  readonly #part: string;
  readonly #maxBytes: number;
  #bytes = 0;
  #handle: Promise<FileHandle> | undefined;
  #path: string | undefined;
  #written: Promise<void> = Promise.resolve();

  constructor(folder: string, name: string, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#name = name;
    this.#part = join(folder, `.${randomUUID()}.part`);
  }

  /** Once it is complete; never when it is larger than it may be. */
  get path(): string | undefined {
    return this.#path;
  }

  /** Calls come without being waited for in between; the bytes go to the file in their order all the same. */
  write(bytes: Buffer): Promise<void> {
    this.#written = this.#written.then(() => this.#append(bytes));
    return this.#written;
  }

  async #append(bytes: Buffer): Promise<void> {
    const before = this.#bytes;
    this.#bytes += bytes.length;
    if (this.#bytes > this.#maxBytes) {
      if (before <= this.#maxBytes) await this.#remove();
      return;
    }
    try {
      this.#handle ??= open(this.#part, 'wx', 0o600);
      await (await this.#handle).writeFile(bytes);
    } catch (error) {
      await this.#remove();
      throw unwritable(this.#name, error);
    }
  }

  async end(): Promise<void> {
    try {
      await this.#written;
      if (this.#bytes > this.#maxBytes) return;
      this.#handle ??= open(this.#part, 'wx', 0o600);
      const handle = await this.#handle;
      // A record that is settled must not point to a file that a power cut takes away.
      await handle.sync();
      await handle.close();
      this.#path = await this.#place();
    } catch (error) {
      throw error instanceof Failure ? error : unwritable(this.#name, error);
    } finally {
      await rm(this.#part, { force: true });
    }
  }

  abort(): void {
    void this.#remove();
  }

  /** A link fails where the name is taken, whoever takes it at the same moment; a rename would replace. */
  async #place(): Promise<string> {
    const { name, ext } = parse(this.#name);
    for (let count = 1; count <= MAX_TRIES; count++) {
      const path = join(this.#folder, count === 1 ? this.#name : `${name} (${String(count)})${ext}`);
      try {
        await link(this.#part, path);
        return path;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
    throw Object.assign(new Error('Every name is taken.'), { code: 'EEXIST' });
  }

  async #remove(): Promise<void> {
    try {
      await (await this.#handle)?.close();
    } catch {
      // It was not open, or is closed already.
    }
    await rm(this.#part, { force: true });
  }
}

/** The files of one message: of which part is which. */
export class MessageFiles {
  readonly #folder: TargetFolder | undefined;
  readonly #maxBytes: number;
  readonly #files = new Map<string, TargetFile>();

  /** @param maxBytes what is larger becomes no file */
  constructor(folder: TargetFolder | undefined, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** undefined: attachments are not written to files. */
  sink({ part, name }: AttachmentHead): AttachmentSink | undefined {
    const file = this.#folder?.file(name, this.#maxBytes);
    if (file !== undefined) this.#files.set(part, file);
    return file;
  }

  path(part: string): string | undefined {
    return this.#files.get(part)?.path;
  }

  /** Removes what was written and is not delivered after all. */
  async discard(delivered: ReadonlySet<string> = new Set()): Promise<void> {
    for (const { path } of this.#files.values())
      if (path !== undefined && !delivered.has(path)) await rm(path, { force: true });
  }
}
